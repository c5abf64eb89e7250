"""``kind = "onnx"``: a model of the registry, as a table ``[models.NAME]`` asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from streams.operators.features.models.judge import label_of
from streams.operators.features.models.lineup import Lineup, Slots, Written
from streams.operators.features.models.onnx_slot import OnnxSlot, Terms
from streams.operators.features.models.parameter import (
    check_parameters,
    meaning,
    number,
    one_of,
    says,
)
from streams.operators.features.models.predictor import ModelError, Predictor, Predictors
from streams.operators.features.models.slot import Model, Place, chosen
from streams.operators.period import Period

HOUR = Period(3600 * 10**9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Onnx:
    """A model from elsewhere, of the registry. ``version``, left out, is what the registry has in
    production, with what it has in shadow beside it; ``inputs``, left out, are those that the model
    names; ``fallback``, a column or a number, stands in where it fails."""

    kind: ClassVar[str] = "onnx"

    model: str = field(metadata=meaning("its name in the registry"))
    version: str = says("", "in production; none: what the registry says when it starts")
    shadow: str = says("", "a version that runs beside it and moves nothing")
    challenger: str = says("", "a version that does a share of the work")
    share: float = number(0.5, 0.0, 1.0, "of the work that the challenger does")
    split: str = one_of("instrument", ("instrument", "time"), "what the share is a share of")
    bucket: Period = field(default=HOUR, metadata=meaning("how long a turn is, of the time"))
    fallback: str = says("", "a column or a number that stands in where it fails")
    inputs: tuple[str, ...] = says((), "columns or patterns of them; none: those the model names")

    def check(self) -> None:
        check_parameters(self)
        if not self.model:
            raise ValueError("model is empty; name one of the registry (tickstream model list)")
        if self.bucket <= 0:
            raise ValueError("bucket must be longer than nothing")
        if self.shadow and not self.version:
            raise ValueError("shadow is named and version is not; name both, or neither")

    def columns(self, name: str) -> tuple[str, ...]:
        return (name, f"{name}_shadow")

    def reads(self, features: Sequence[str], earlier: Sequence[str]) -> tuple[str, ...]:
        """All there is: which of it a version takes is for the version to say."""
        there = (*features, *earlier)
        if self.inputs:
            chosen(self.inputs, features, earlier)
        if self._stands_in_column() and self.fallback not in there:
            raise ValueError(
                f"fallback {self.fallback!r} is neither a number nor a column before it; there are "
                f"{', '.join(there)}"
            )
        return there

    def slot(self, name: str, reads: tuple[str, ...], place: Place) -> OnnxSlot:
        stands_in: int | float | None = None
        if self.fallback:
            column = self._stands_in_column()
            stands_in = reads.index(self.fallback) if column else float(self.fallback)
        inputs = chosen(self.inputs, reads, ()) if self.inputs else ()
        bucket_ns = self.bucket if self.split == "time" else 0
        terms = Terms(self.model, reads, inputs, stands_in, bucket_ns)
        return OnnxSlot(name, place, terms)

    def written(self) -> Written:
        return Written(self.version, self.shadow, self.challenger, self.share)

    def fits(self, predictor: Predictor, reads: tuple[str, ...], feature_set: str) -> None:
        what = f"model {self.model} {predictor.version}"
        made, here = predictor.feature_set.partition("+")[0], feature_set.partition("+")[0]
        if made and made != here:
            raise ModelError(f"{what} was made for the feature set {made}; this is {here}")
        needed = predictor.inputs
        if self.inputs:
            needed = chosen(self.inputs, reads, ())
            if len(needed) != len(predictor.inputs):
                raise ModelError(
                    f"{what} takes {len(predictor.inputs)} inputs; {len(needed)} are given"
                )
        label, there = label_of(predictor.label), frozenset(reads)
        width = (label[1],) if label and label[1] else ()
        missing = [name for name in (*needed, *width) if name not in there]
        if missing:
            raise ModelError(
                f"{what} takes {', '.join(missing)}, which no vector has here; "
                "add it to [features] indicators, or say inputs"
            )

    def _stands_in_column(self) -> bool:
        try:
            float(self.fallback or "0")
        except ValueError:
            return True
        return False


def lineup(
    models: Sequence[tuple[str, Model]],
    plan: Sequence[tuple[str, tuple[str, ...], tuple[str, ...]]],
    feature_set: str,
    predictors: Predictors,
) -> Lineup:
    """Of the slots among ``models`` that are of this kind. Raises ModelError."""
    found = {name: model for name, model in models if isinstance(model, Onnx)}
    reads = {name: read for name, read, _ in plan if name in found}
    return Lineup(Slots(found, reads, feature_set), predictors)
