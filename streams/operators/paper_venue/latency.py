"""Latency between an account and the venue: the same for all, or drawn by a hash.

A draw is a function of what it is for (an order's id and how many messages of it came before), so
a replay draws the same, and nothing has to be remembered. All arithmetic is on integers and on
decimals, whose ln and exp are correctly rounded: every machine draws the same nanoseconds.
"""

import hashlib
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Protocol

_DIGITS = Context(prec=28)
_HALF = 1 << 31
MODELS = ("fixed", "uniform", "lognormal")


class Delay(Protocol):
    """How long a message takes."""

    def draw(self, what: str) -> int:
        """Nanoseconds, for the message that ``what`` names."""
        ...


@dataclass(frozen=True, slots=True)
class Latency:
    """``fixed``: ``ns``; ``uniform``: from ``ns`` to ``ns`` + ``jitter_ns``; ``lognormal``:
    ``ns`` × exp(``sigma`` × z), so that ``ns`` is the median."""

    ns: int
    model: str = "fixed"
    jitter_ns: int = 0
    sigma: Decimal = Decimal(0)

    def draw(self, what: str) -> int:
        """Nanoseconds, for the message that ``what`` names."""
        if self.model == "uniform":
            return self.ns + _bits(what, 0)[0] * (self.jitter_ns + 1) // (1 << 32)
        if self.model == "lognormal":
            factor = _DIGITS.exp(_DIGITS.multiply(self.sigma, _normal(what)))
            return int(_DIGITS.multiply(Decimal(self.ns), factor).to_integral_value())
        return self.ns


def _bits(what: str, attempt: int) -> list[int]:
    """16 numbers of 32 random bits."""
    digest = hashlib.blake2b(f"{what}|{attempt}".encode()).digest()
    return [int.from_bytes(digest[n : n + 4], "big") for n in range(0, 64, 4)]


def _normal(what: str) -> Decimal:
    """A standard normal number, by Marsaglia's polar method ("A convenient method for generating
    normal variables", 1964): a point of the unit disc, u √(−2 ln s / s)."""
    attempt = 0
    while True:
        numbers = _bits(what, attempt)
        for a, b in zip(numbers[::2], numbers[1::2], strict=True):
            u, v = (_DIGITS.divide(Decimal(n - _HALF), Decimal(_HALF)) for n in (a, b))
            s = _DIGITS.add(_DIGITS.multiply(u, u), _DIGITS.multiply(v, v))
            if 0 < s < 1:
                minus_two_ln = _DIGITS.multiply(Decimal(-2), _DIGITS.ln(s))
                root = _DIGITS.sqrt(_DIGITS.divide(minus_two_ln, s))
                return _DIGITS.multiply(u, root)
        attempt += 1
