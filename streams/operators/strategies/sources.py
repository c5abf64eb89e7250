"""How far those are believed whose trades become known: institutions by their record, insiders by
their office, both by what they were right in since.
"""

import math
from typing import NamedTuple

from schemas.enums import DisclosedAction
from schemas.records import Disclosure

_PRIOR = 100  # disclosures that a confidence given beforehand counts for
_SCALE = {
    DisclosedAction.NEW: 1.0,
    DisclosedAction.INCREASED: 0.9708,
    DisclosedAction.SOLD: 0.7726,
    DisclosedAction.REDUCED: 0.4128,
}
TRUSTED = {
    "Berkshire": 0.7052,
    "Bridgewater": 0.9047,
    "Renaissance": 0.9307,
    "Soros": 0.8437,
    "Tiger Global": 0.6529,
    "Third Point": 0.5062,
    "Pershing Square": 0.6793,
    "Appaloosa": 0.7975,
}
# part of a title, which may be written out, and how far one who bears it is believed; the first
# that is found counts
_ROLES = (
    (("ceo", "chief executive"), 0.9),
    (("cfo", "chief financial"), 0.8),
    (("vice president",), 0.65),
    (("president",), 0.85),
    (("director",), 0.7),
    (("officer",), 0.65),
    (("10% owner", "10 percent owner"), 0.75),
)
_OTHER_ROLE = 0.6
_MANY, _FEW = 100_000, 1_000  # shares
# confidence above which, size
_STRENGTHS = ((0.8, 1.2), (0.6, 1.0))
_WEAK = 0.8


class Belief(NamedTuple):
    """A Beta distribution of how often a source is right."""

    right: float
    wrong: float

    @property
    def mean(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def deviation(self) -> float:
        both = self.right + self.wrong
        return math.sqrt(self.right * self.wrong / (both**2 * (both + 1)))


def belief(prior: float, wins: int, losses: int) -> Belief:
    return Belief(_PRIOR * prior + wins, _PRIOR * (1 - prior) + losses)


def prior(told: Disclosure, unknown: float) -> float:
    """Before anything is known of what became of it."""
    return of_role(told.role) if told.role else TRUSTED.get(told.who, unknown)


def of_role(role: str) -> float:
    title = role.lower()
    found = (score for parts, score in _ROLES if any(part in title for part in parts))
    return next(found, _OTHER_ROLE)


def sure(told: Disclosure, believed: float) -> float:
    """Confidence that the price goes the way of a disclosure."""
    if not told.role:
        return believed * _SCALE[told.action]
    share = 1.1 if told.shares > _MANY else 0.8 if 0 < told.shares < _FEW else 1.0
    return min(believed * share, 1.0)


def strength(told: Disclosure, confidence: float) -> float:
    """Times the size: of an insider's purchase; 1 of others."""
    if not told.role:
        return 1.0
    return next((size for least, size in _STRENGTHS if confidence > least), _WEAK)
