"""A market that is made, for strategies that no recording here fits. Nothing can be learnt of it
about whether a strategy earns money: what strays comes back because it is made so."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from connectors.events import Instrument, QuoteEvent, TradeEvent
from connectors.piece import Piece

STEP_NS = 100_000_000
START_NS = 1_700_000_000 * 10**9
_STANDS = 2  # steps that a price stands: orders that are fast enough meet it
_PRICES = 600  # two minutes of them
_RECEIVED_NS = 1_000_000  # after it happened
_LEVELS = (64_000.0, 3_200.0, 150.0)
_MARKET, _OWN, _PULL = 1e-4, 1.5e-4, 0.03  # deviations and the pull back, a price
_CROSS, _CROSS_PULL = 4e-4, 0.1
INSTRUMENTS = (
    Instrument("SIM:BTC-USD", 1, 4),
    Instrument("SIM:ETH-USD", 2, 3),
    Instrument("SIM:SOL-USD", 3, 2),
    Instrument("SIM:ETH-BTC", 6, 3),
)
_SHOWN = (1.0, 20.0, 500.0, 20.0)  # units at the best prices

FloatArray = npt.NDArray[np.float64]


def pieces() -> Iterator[Piece]:
    """At each step a quote of every instrument, at each whole second a trade at its mid as well:
    bars are made of trades."""
    for step, mids in enumerate(_mids().tolist()):
        ts = START_NS + step * STEP_NS
        found = [
            event
            for instrument, mid, units in zip(INSTRUMENTS, mids, _SHOWN, strict=True)
            for event in _events(instrument, mid, units, step, ts)
        ]
        yield Piece(step + 1, ts + _RECEIVED_NS, list(found))


def _events(
    instrument: Instrument, mid: float, units: float, step: int, ts: int
) -> Iterator[QuoteEvent | TradeEvent]:
    price, size = round(mid * 10**instrument.price_scale), round(units * 10**instrument.size_scale)
    at = (ts, ts + _RECEIVED_NS)
    yield QuoteEvent(instrument, *at, step + 1, price - 1, size, price + 1, size)
    if step % (10**9 // STEP_NS) == 0:
        yield TradeEvent(instrument, *at, step + 1, price, size // 10, 1)


def _mids() -> FloatArray:
    """(steps, instruments): three that follow one walk, each with a part of its own that comes
    back, and the cross of the first two, which strays from what they say and comes back."""
    rng = np.random.default_rng(7)
    market = rng.normal(0, _MARKET, _PRICES).cumsum()
    own = np.column_stack([_back(rng, _OWN, _PULL) for _ in _LEVELS])
    three = np.array(_LEVELS) * np.exp(market[:, None] + own)
    cross = three[:, 1] / three[:, 0] * np.exp(_back(rng, _CROSS, _CROSS_PULL))
    return np.repeat(np.column_stack([three, cross]), _STANDS, axis=0)


def _back(rng: np.random.Generator, deviation: float, pull: float) -> FloatArray:
    """Ornstein and Uhlenbeck's walk, step by step."""
    noise, found = rng.normal(0, deviation, _PRICES), np.zeros(_PRICES)
    for step in range(1, _PRICES):
        found[step] = found[step - 1] * (1 - pull) + noise[step]
    return found
