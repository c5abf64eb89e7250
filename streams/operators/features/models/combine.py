"""Models of models: what several say together. Each takes columns before it, by name or pattern.

| kind | says |
| --- | --- |
| vote | 1 or 0: what most members hold likelier than even; 0.5 where they are even |
| average | the weighted mean of their probabilities, or of their log odds |
| confidence | the probability of one member where it is sure enough |
| stack | a logistic regression over their outputs, learnt online |
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from streams.operators.features.models.linear_kinds import Logistic
from streams.operators.features.models.parameter import (
    check_parameters,
    meaning,
    number,
    one_of,
    says,
)
from streams.operators.features.models.slot import FloatArray, IntArray, Place, Said, chosen

_EDGE = 1e-9  # of a probability, so that its log odds are finite


class Stateless:
    """A slot whose column is a function of its row."""

    def __init__(self, name: str, function: Callable[[FloatArray], FloatArray]) -> None:
        self.names: tuple[str, ...] = (name,)
        self._function = function

    def fold(self, ts: IntArray, mid: FloatArray, inputs: FloatArray) -> FloatArray:
        return self._function(inputs).reshape(-1, 1)

    def said(self) -> list[Said]:
        return []

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """There is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Members:
    of: tuple[str, ...] = field(metadata=meaning("columns or patterns of them"))

    def columns(self, name: str) -> tuple[str, ...]:
        return (name,)

    def reads(self, features: Sequence[str], earlier: Sequence[str]) -> tuple[str, ...]:
        if not self.of:
            raise ValueError("of is empty; name the columns to combine")
        return chosen(self.of, features, earlier)

    def slot(self, name: str, reads: tuple[str, ...], place: Place) -> Stateless:
        return Stateless(name, self.together)

    def together(self, p: FloatArray) -> FloatArray:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote(_Members):
    """What most members hold likelier than even: 1 a rise, 0 a fall. A member that says exactly
    0.5, or nothing, does not vote."""

    kind: ClassVar[str] = "vote"

    ties: str = one_of("even", ("even", "first"), "0.5, or what the first that votes says")
    quorum: int = number(1, 1, 1000, "members that must vote, else there is no prediction")

    def check(self) -> None:
        check_parameters(self)

    def together(self, p: FloatArray) -> FloatArray:
        votes = np.nan_to_num(np.sign(p - 0.5))
        balance = votes.sum(axis=1)
        if self.ties == "first":
            first = np.take_along_axis(votes, (votes != 0).argmax(axis=1)[:, np.newaxis], axis=1)
            balance = np.where(balance == 0, first[:, 0], balance)
        said = (np.sign(balance) + 1) / 2
        return np.where((votes != 0).sum(axis=1) >= self.quorum, said, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Average(_Members):
    """The weighted mean of what members say; those that say nothing are left out while ``quorum``
    of them are there (0: all must be)."""

    kind: ClassVar[str] = "average"

    weights: tuple[float, ...] = says((), "of the members in their order; none: all the same")
    mean: str = one_of("linear", ("linear", "logit"), "of probabilities, or of their log odds")
    quorum: int = number(0, 0, 1000, "members that must say something; 0: all")

    def check(self) -> None:
        check_parameters(self)
        if any(not 0 <= weight < np.inf for weight in self.weights) or (
            self.weights and not sum(self.weights)
        ):
            raise ValueError("weights must be 0 or more, and not all 0")

    def reads(self, features: Sequence[str], earlier: Sequence[str]) -> tuple[str, ...]:
        found = _Members.reads(self, features, earlier)
        if self.weights and len(self.weights) != len(found):
            raise ValueError(f"{len(self.weights)} weights for {len(found)}: {', '.join(found)}")
        return found

    def together(self, p: FloatArray) -> FloatArray:
        weights = np.array(self.weights or [1.0] * p.shape[1]) * ~np.isnan(p)
        values = np.nan_to_num(p)
        if self.mean == "logit":
            inside = np.clip(values, _EDGE, 1 - _EDGE)
            values = np.log(inside / (1 - inside))
        total = sum(weights.T)  # in the order of the members: numpy's own sum depends on the shape
        with np.errstate(invalid="ignore"):
            mean = np.asarray(sum((weights * values).T) / total)
        if self.mean == "logit":
            mean = 1 / (1 + np.exp(-mean))
        enough = (~np.isnan(p)).sum(axis=1) >= (self.quorum or p.shape[1])
        return np.where(enough & (total > 0), mean, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence(_Members):
    """The probability of its one member where that, or that of the other side, is at least
    ``least``; below it nothing, or 0.5."""

    kind: ClassVar[str] = "confidence"

    least: float = number(0.55, 0.5, 1.0, "probability that is sure enough")
    below: str = one_of("nothing", ("nothing", "even"), "what is said where it is not: none, 0.5")

    def check(self) -> None:
        check_parameters(self)

    def reads(self, features: Sequence[str], earlier: Sequence[str]) -> tuple[str, ...]:
        found = _Members.reads(self, features, earlier)
        if len(found) != 1:
            raise ValueError(f"of names {', '.join(found)}; one column is wanted")
        return found

    def together(self, p: FloatArray) -> FloatArray:
        column = p[:, 0]
        sure = np.maximum(column, 1 - column) >= self.least
        unsure = np.where(np.isnan(column), np.nan, 0.5 if self.below == "even" else np.nan)
        return np.where(sure, column, unsure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack(Logistic):
    """A logistic regression over what members say, learnt online; its other keys are those of
    ``logistic``."""

    kind: ClassVar[str] = "stack"

    of: tuple[str, ...] = field(metadata=meaning("columns or patterns of them"))

    def check(self) -> None:
        Logistic.check(self)
        if self.inputs:
            raise ValueError("a stack takes of, and no inputs")

    def reads(self, features: Sequence[str], earlier: Sequence[str]) -> tuple[str, ...]:
        if not self.of:
            raise ValueError("of is empty; name the columns to combine")
        found = chosen(self.of, features, earlier)
        return (
            (*found, *chosen((self.volatility,), features, earlier)) if self.volatility else found
        )
