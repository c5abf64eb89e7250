"""Which version of a model does what in each slot, now: as it was at the start, and as people have
changed it since.

What always holds:

- The versions that a stream began with stay until a record changes them, whatever the registry
  says meanwhile: they are in the snapshot. A version that the configuration names anew comes first.
- A change holds for the instruments that lie in the partition of its key, those that come later
  among them; so it does the same in a replay, however the partitions lie there.
- A change to a version that is not here, or does not fit, is refused; what runs goes on.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Protocol

from schemas.enums import ModelCondition, ModelRole
from schemas.records import ModelChange, ModelState
from streams.operator import Refused
from streams.operators.features.models.predictor import (
    NO_PREDICTORS,
    ModelError,
    Predictor,
    Predictors,
)
from streams.partitions import partition_of

_ROLES = (ModelRole.PRODUCTION, ModelRole.SHADOW, ModelRole.CHALLENGER)  # as in ``Written``


class Written(NamedTuple):
    """Of a slot's versions, what the configuration says; empty: the registry says, or nobody."""

    version: str
    shadow: str
    challenger: str
    share: float


class Chosen(Protocol):
    """What a slot's configuration says of versions."""

    @property
    def model(self) -> str: ...
    def written(self) -> Written: ...
    def fits(self, predictor: Predictor, reads: tuple[str, ...], feature_set: str) -> None:
        """Raises ModelError where its inputs are not there."""
        ...


@dataclass(frozen=True, slots=True)
class Slots:
    """``reads``: the columns each slot can take its inputs from."""

    chosen: Mapping[str, Chosen]
    reads: Mapping[str, tuple[str, ...]]
    feature_set: str


class Lineup:
    """Raises ModelError where a version that is configured cannot run."""

    def __init__(self, slots: Slots, predictors: Predictors) -> None:
        self._slots, self.predictors = slots, predictors
        self._began = {name: self._begin(chosen) for name, chosen in slots.chosen.items()}
        self._changes: list[ModelChange] = []
        self._classifies: dict[str, bool] = {}  # what a slot says is of one kind
        for slot, began in self._began.items():
            for version in filter(None, began[:3]):
                self._load(slot, version)

    def _begin(self, chosen: Chosen) -> Written:
        written = chosen.written()
        if written.version:
            return written
        production, shadow = self.predictors.current(chosen.model)
        return written._replace(version=production, shadow=written.shadow or shadow)

    def _load(self, slot: str, version: str) -> Predictor:
        chosen = self._slots.chosen[slot]
        found = self.predictors.get(chosen.model, version)
        chosen.fits(found, self._slots.reads[slot], self._slots.feature_set)
        if found.is_classifier is not self._classifies.setdefault(slot, found.is_classifier):
            kinds = ("classifier", "regressor")[:: 1 if found.is_classifier else -1]
            raise ModelError(
                f"model {chosen.model} {version} is a {kinds[0]}; the slot is of a {kinds[1]}"
            )
        return found

    def began(self, slot: str) -> Written:
        """What ran at the start."""
        return self._began[slot]

    def now(self, slot: str, instrument: str) -> tuple[dict[ModelRole, str], float]:
        """The version in each role for an instrument (empty: nobody), and a challenger's share."""
        began = self._began[slot]
        players, share = dict(zip(_ROLES, began[:3], strict=True)), began.share
        for change in self._changes:
            if change.slot == slot and concerns(change, instrument):
                players[change.role] = change.version
                share = change.share if change.role is ModelRole.CHALLENGER else share
        return players, share

    def take(self, change: ModelChange) -> ModelState:
        """From now on. Raises Refused, and nothing changes."""
        chosen = self.check(change)
        of_the_same = (change.slot, change.role, change.key, change.partitions)
        self._changes = [
            c for c in self._changes if (c.slot, c.role, c.key, c.partitions) != of_the_same
        ]
        self._changes.append(change)
        return ModelState(
            change.key,
            change.ts_event,
            change.slot,
            chosen.model,
            change.version,
            change.role,
            ModelCondition.ACTIVE,
            f"by {change.who}: {change.reason}" if change.reason else f"by {change.who}",
        )

    def check(self, change: ModelChange) -> Chosen:
        """Raises Refused for a change that cannot be; what it is about."""
        where, chosen = f"models.{change.slot}", self._slots.chosen.get(change.slot)
        if chosen is None:
            there = ", ".join(self._slots.chosen) or "none"
            raise Refused(f"{where} is no slot of kind onnx; there are {there}")
        if change.partitions < 1:
            raise Refused(f"{where}: a change for {change.partitions} partitions")
        if not change.version:
            if change.role is ModelRole.PRODUCTION:
                raise Refused(f"{where}: somebody must be in production; name a version")
            return chosen
        if change.role is ModelRole.CHALLENGER and not 0 < change.share <= 1:
            raise Refused(f"{where}: a share of {change.share:g}; more than 0, at most 1")
        try:
            self._load(change.slot, change.version)
        except ModelError as error:
            raise Refused(f"{where}: {error}; what runs goes on") from error
        return chosen

    def state(self) -> dict[str, Any]:
        """Empty where no slot takes models from elsewhere."""
        return {
            slot: {
                "written": list(self._slots.chosen[slot].written()),
                "began": list(began),
                "changes": [_packed(c) for c in self._changes if c.slot == slot],
            }
            for slot, began in self._began.items()
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Of slots whose configuration is still the same."""
        self._changes = []
        for slot, kept in state.items():
            chosen = self._slots.chosen.get(slot)
            if chosen is not None and list(chosen.written()) == kept["written"]:
                self._began[slot] = Written(*kept["began"])
                self._changes += [_unpacked(change) for change in kept["changes"]]


NOBODY = Lineup(Slots({}, {}, ""), NO_PREDICTORS)


def concerns(change: ModelChange, instrument: str) -> bool:
    """Whether an instrument lies where the change was written to."""
    n = change.partitions
    return n == 1 or partition_of(instrument, n) == partition_of(change.key, n)


def _packed(change: ModelChange) -> dict[str, Any]:
    return {**asdict(change), "role": str(change.role)}


def _unpacked(packed: dict[str, Any]) -> ModelChange:
    return ModelChange(**{**packed, "role": ModelRole(packed["role"])})
