"""The simulated venue: instruments with books, trades and quotes from a seed, no network.

Frames are cut on a fixed grid of simulated time, whatever the pace at which they are asked for,
so a connector that starts again makes the same frames with the same numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from connectors.events import Instrument
from connectors.sim import model
from schemas.frames import Depth, MarketFrame, Quotes, Trades, cut_market

MAX_RATE = 1_000_000
LONGEST_FRAME_NS = 1_000_000_000
CELL_STEPS = 1 << 20  # numbers for the frames of one instrument in one grid cell: MAX_RATE fits


@dataclass(frozen=True, slots=True)
class SimInstrument:
    """``price`` in quote currency; prices move by whole ticks (the last decimal of
    ``price_scale``); ``volatility`` is the standard deviation of a one-second return;
    ``mean_lots`` the mean order in lots (the last decimal of ``size_scale`` times ``lot``);
    ``spread`` in ticks; ``jumps`` a second."""

    name: str
    price: float
    price_scale: int
    size_scale: int
    volatility: float
    lot: int
    mean_lots: float
    spread: float
    jumps: float = 0.02


DEFAULT = (
    SimInstrument("SIM:BTC-USD", 64_000.0, 1, 4, 1.5e-4, 10, 40.0, 4.0),
    SimInstrument("SIM:ETH-USD", 3_200.0, 2, 3, 2.0e-4, 10, 60.0, 4.0),
    SimInstrument("SIM:SOL-USD", 150.0, 3, 2, 2.5e-4, 10, 80.0, 4.0),
)


@dataclass(frozen=True, slots=True)
class SimConfig:
    """``rate`` in events a second of simulated time over all instruments, 1 … 1 000 000;
    ``frame_ns`` is the grid that frames are cut on; ``correlation`` of the instruments."""

    seed: int = 1
    rate: float = 2000.0
    start_ns: int = 1_700_000_000 * 10**9
    frame_ns: int = 10_000_000
    max_events: int = 1000
    correlation: float = 0.5
    instruments: tuple[SimInstrument, ...] = DEFAULT


def check(config: SimConfig) -> None:
    """Raises ValueError on what cannot be simulated."""
    names = [instrument.name for instrument in config.instruments]
    if not 1 <= config.rate <= MAX_RATE:
        raise ValueError(f"sim.rate {config.rate} must lie in 1 … {MAX_RATE}")
    if not names or len(set(names)) != len(names):
        raise ValueError(f"sim instruments must have names of their own: {names}")
    if not (1 <= config.frame_ns <= LONGEST_FRAME_NS and config.max_events >= 1):
        raise ValueError("sim frames hold at least 1 event and last at most a second")
    if not 0 <= config.correlation < 1:
        raise ValueError(f"sim correlation {config.correlation} must lie in 0 … 1, 1 excluded")
    for i in config.instruments:
        if min(i.price, i.volatility, i.lot, i.mean_lots, i.spread) <= 0:
            raise ValueError(
                f"{i.name}: price, volatility, lot, mean_lots, spread must be positive"
            )
        if i.price * 10**i.price_scale < model.LOWEST:
            raise ValueError(
                f"{i.name}: a price of {i.price} is less than {model.LOWEST:g} ticks of "
                f"{10.0**-i.price_scale:g}; raise price_scale"
            )
        if i.spread > model.DEPTH_TICKS / model.WIDE:
            raise ValueError(
                f"{i.name}: a spread of {i.spread:g} ticks is over "
                f"{model.DEPTH_TICKS / model.WIDE:g}; lower price_scale"
            )


def warm_up() -> None:
    """Compiles the kernel, so that the first event does not wait for it."""
    config = SimConfig()
    for _ in SimVenue(config).advance(config.start_ns + config.frame_ns):
        pass


class _Book:
    """One instrument at work."""

    def __init__(self, config: SimConfig, number: int) -> None:
        instrument = config.instruments[number]
        self.instrument = Instrument(instrument.name, instrument.price_scale, instrument.size_scale)
        ticks = instrument.price * 10**instrument.price_scale
        seed = (config.seed * 0x9E3779B97F4A7C15 + number * 0xD1B54A32D192ED03) % 2**64
        self.state = model.State(
            np.zeros(model.WINDOW, np.int64),
            np.array([config.start_ns, 0, 0, 0, 0, 0, 0, 0], np.int64),
            np.array([ticks, 1.0]),
            np.array([seed], np.uint64),
        )
        step_ns = 1e9 / config.rate * len(config.instruments)
        sigma = instrument.volatility * (1 - config.correlation**2) ** 0.5
        self.params = np.array(
            [
                sigma,
                step_ns,
                instrument.jumps,
                instrument.lot,
                instrument.mean_lots,
                instrument.spread,
            ]
        )
        self.common = config.correlation / (1 - config.correlation**2) ** 0.5


class SimVenue:
    """Raises ValueError for a configuration that cannot be simulated."""

    def __init__(self, config: SimConfig) -> None:
        check(config)
        self._config = config
        self._books = [_Book(config, n) for n in range(len(config.instruments))]
        self._table = model.exponential_table()
        self._shocks = np.array([config.seed ^ 0x5DEECE66D], np.uint64)
        self._cell = 0
        self._out = _columns(config.max_events)

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        return tuple(book.instrument for book in self._books)

    def advance(self, until_ns: int) -> Iterator[tuple[int, MarketFrame]]:
        """The frames of all grid cells that end by ``until_ns``, each with its step: a number
        that only grows and identifies the frame."""
        config = self._config
        while config.start_ns + (self._cell + 1) * config.frame_ns <= until_ns:
            end = config.start_ns + (self._cell + 1) * config.frame_ns
            shock = model.normal(self._shocks) * (config.frame_ns / 1e9) ** 0.5
            for n, book in enumerate(self._books):
                first = (self._cell * len(self._books) + n) * CELL_STEPS
                yield from enumerate(self._run(book, end, shock * book.common), first)
            self._cell += 1

    def _run(self, book: _Book, end: int, shock: float) -> Iterator[MarketFrame]:
        done = False
        while not done:
            count = np.zeros(5, np.int64)
            most = self._config.max_events
            done = model.run(
                book.state, book.params, self._table, end, shock, most, self._out, count
            )
            shock = 0.0
            frame = _frame(book.instrument, self._out, count)
            for start in range(0, len(frame.kinds), most):
                yield cut_market(frame, start, start + most)


def _columns(max_events: int) -> model.Out:
    rows = max_events + model.ROWS_A_STEP
    return model.Out(
        np.empty(rows, np.uint8),
        np.empty((rows, 6), np.int64),
        np.empty((rows, 7), np.int64),
        np.empty((rows, 8), np.int64),
        np.empty((4 * rows + 2 * model.LEVELS_A_STEP, 2), np.int64),
    )


def _frame(instrument: Instrument, out: model.Out, count: Any) -> MarketFrame:
    rows, trades, quotes, depths, levels = (int(n) for n in count)
    trade, quote = out.trades[:trades].T, out.quotes[:quotes].T
    depth, level = out.depth[:depths].T, out.levels[:levels].T
    return MarketFrame(
        *instrument,
        kinds=out.kinds[:rows].copy(),
        trades=Trades._make(_as(trade, "i8", "i8", "i8", "i8", "i8", "i1")),
        quotes=Quotes._make(_as(quote, *("i8",) * 7)),
        depth=Depth._make(
            _as(depth[:7], "i8", "i8", "i8", "i8", "u1", "i4", "i4") + _as(level, "i8", "i8")
        ),
    )


def _as(columns: Any, *dtypes: str) -> list[Any]:
    """Contiguous columns of their own."""
    return [np.array(column, dtype) for column, dtype in zip(columns, dtypes, strict=True)]
