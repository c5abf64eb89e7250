"""A learner whose error is watched for drift: when it grows, the model begins anew, or shares its
voice with one that does.

The error is that of the prediction which was made when the vector came. A detector is fed with it
in the order in which labels become known. When it reports a change,

- ``tell`` only tells it;
- ``reset`` puts a fresh model in the old one's place;
- ``reweight`` puts a fresh model beside the old one (paired learners, Bach and Maloof 2008). Both
  learn; a prediction is their mean, weighted by how likely each made the latest labels, which
  counts 98 % of itself a label later. Whoever weighs less than 1 % goes.

An error that became smaller is told, and changes nothing.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from streams.operators.features.models.graph import from_plain, to_plain
from streams.operators.features.models.learner import Batch, FloatArray, Learner

DETECTORS = ("", "adwin", "page_hinkley", "kswin")
ACTIONS = ("tell", "reset", "reweight")
KEEPS = 6  # columns of the ring, see _Kept
_FADE, _LEAST = 0.98, 0.01
_RECENT = 0.05  # weight of the newest error in the recent mean


@dataclass(frozen=True, slots=True)
class Watch:
    """Which detector, with its one parameter, and what follows."""

    detector: str
    parameter: float
    action: str
    seed: int

    def make(self) -> Any:
        from river import drift

        if self.detector == "adwin":
            return drift.ADWIN(delta=self.parameter)
        if self.detector == "page_hinkley":
            return drift.PageHinkley(threshold=self.parameter, mode="both")
        return drift.KSWIN(alpha=self.parameter, seed=self.seed)


class Detection(NamedTuple):
    """``before``: the mean error since the last change; ``after``: the recent one; ``done``: what
    followed."""

    row: int
    before: float
    after: float
    done: str


class _Kept(NamedTuple):
    """What is remembered of a vector: the prediction that was told, how many models had been made
    until then, and what each member (by its serial number) predicted."""

    told: float
    made: float
    first: float
    first_said: float
    second: float
    second_said: float

    def said_by(self, serial: int) -> float:
        if serial == self.first:
            return self.first_said
        return self.second_said if serial == self.second else math.nan


@dataclass(slots=True)
class _Member:
    """``serial`` numbers the models that were ever made; ``loss``: the faded sum of its
    -log likelihoods; ``voice``: it has predicted a vector whose label is known."""

    learner: Learner
    serial: int
    loss: float = 0.0
    voice: bool = False


class Watched:
    """``make`` gives a fresh learner by its serial number; ``inputs``: how many columns of the ring
    are not this one's."""

    def __init__(
        self, make: Callable[[int], Learner], watch: Watch, sides: bool, inputs: int
    ) -> None:
        self._make, self._watch, self._sides, self._first = make, watch, sides, inputs
        self._members = [_Member(make(0), 0)]
        self._made = 1
        self._detector = watch.make()
        self._errors, self._mean, self._recent = 0, 0.0, 0.0
        self._scale = 0.0  # of a regressor's errors: their faded mean square
        self._detections: list[Detection] = []

    def fold(self, batch: Batch, lo: int, hi: int, lesson: int, out: FloatArray) -> int:
        for row in range(lo, hi):
            due = lesson
            while due < len(batch.row) and batch.row[due] == row:
                self._judge(row, batch, due)
                due += 1
            told = self._predictions(batch, row, lesson)
            if batch.usable[row]:
                self._tell(batch, row, told, out)
            lesson = due
        return lesson

    def _predictions(self, batch: Batch, row: int, lesson: int) -> list[float]:
        """Each member's, after it has learnt what this row teaches."""
        told = []
        for member in self._members:
            mine = np.full(row + 1, np.nan)
            member.learner.fold(batch, row, row + 1, lesson, mine)
            told.append(float(mine[row]))
        return told

    def _tell(self, batch: Batch, row: int, told: list[float], out: FloatArray) -> None:
        heard = [(w, p) for w, p in zip(self._weights(told), told, strict=True) if p == p]
        out[row] = sum(w * p for w, p in heard) if heard else math.nan
        kept = [out[row], self._made]
        for member, said in zip(self._members, told, strict=True):
            kept += [member.serial, said]
        kept += [math.nan] * (KEEPS - len(kept))
        batch.ring[batch.here[row], self._first : self._first + KEEPS] = kept

    def _weights(self, told: list[float]) -> list[float]:
        """Of those that have a prediction."""
        least = min(member.loss for member in self._members)
        raw = [
            math.exp(least - m.loss) if p == p else 0.0
            for m, p in zip(self._members, told, strict=True)
        ]
        total = sum(raw)
        return [weight / total for weight in raw] if total else raw

    def _judge(self, row: int, batch: Batch, lesson: int) -> None:
        """What a label says of the prediction that was made."""
        target = float(batch.target[lesson])
        kept = _Kept(*batch.ring[batch.place[lesson], self._first : self._first + KEEPS].tolist())
        if math.isnan(target) or math.isnan(kept.told):
            return
        error = abs(target - kept.told)
        self._scale += (1 - _FADE if self._scale else 1.0) * (error * error - self._scale)
        self._weigh(target, kept)
        if kept.made != self._made:
            return  # what the models before the last change said does not count against these
        self._errors += 1
        self._mean += (error - self._mean) / self._errors
        self._recent += max(_RECENT, 1 / self._errors) * (error - self._recent)
        self._detector.update(error)
        if self._detector.drift_detected:
            self._drifted(row)

    def _weigh(self, target: float, kept: _Kept) -> None:
        for member in self._members:
            said = kept.said_by(member.serial)
            if not math.isnan(said):
                before = member.loss if member.voice else self._members[0].loss
                member.loss, member.voice = _FADE * before + self._loss(said, target), True
        if len(self._members) == 2 and all(member.voice for member in self._members):
            a, b = self._members
            gap = math.log(1 / _LEAST - 1)
            if abs(a.loss - b.loss) > gap:
                self._keep(a if a.loss < b.loss else b)

    def _loss(self, said: float, target: float) -> float:
        """-log likelihood, of a normal error where it is a number that was predicted."""
        if not self._sides:
            return (target - said) ** 2 / (2 * self._scale) if self._scale else 0.0
        chance = said if target > 0 else 1 - said
        return -math.log(min(max(chance, 1e-6), 1.0))

    def _keep(self, member: _Member) -> None:
        member.loss = 0.0
        self._members = [member]

    def _drifted(self, row: int) -> None:
        worse = self._recent > self._mean
        done = self._watch.action if worse else "tell"
        self._detections.append(Detection(row, self._mean, self._recent, done))
        if done == "reset":
            self._members = [self._fresh()]
        elif done == "reweight":
            self._keep(min(self._members, key=lambda member: member.loss))
            self._members.append(self._fresh())
        self._errors, self._mean = 0, 0.0
        self._detector = self._watch.make()

    def _fresh(self) -> _Member:
        member = _Member(self._make(self._made), self._made)
        self._made += 1
        return member

    def detections(self) -> list[Detection]:
        """Since it was last asked."""
        found, self._detections = self._detections, []
        return found

    def state(self) -> dict[str, Any]:
        members = [[m.serial, m.loss, m.voice, m.learner.state()] for m in self._members]
        numbers = [self._made, self._errors, self._mean, self._recent, self._scale]
        return {"members": members, "numbers": numbers, "detector": to_plain(self._detector)}

    def restore(self, state: dict[str, Any]) -> None:
        self._members = []
        for serial, loss, voice, packed in state["members"]:
            member = _Member(self._make(serial), serial, loss, voice)
            member.learner.restore(packed)
            self._members.append(member)
        self._made, self._errors, self._mean, self._recent, self._scale = state["numbers"]
        self._detector = from_plain(state["detector"])
