"""Features of the book and of single trades: a tape's rows into columns, these into features, and
what the builder takes longer where trades go to the tape."""

import time
from typing import Any

import numpy as np

from schemas.frames import BAR, BOOK, PRINT, Bars, Books, Prints, TapeFrame
from streams.operators.features import columns
from streams.operators.features.indicators.asked import parse
from streams.operators.features.indicators.fold import Program
from streams.operators.features.indicators.indicator import OF_TRADES
from streams.operators.features.indicators.library import GROUPS
from streams.operators.market.bars import parse as parse_bar
from streams.operators.market.builder import Builder, BuilderConfig
from tests.benchmarks import bars
from tests.benchmarks.timing import median_seconds
from tests.features.series import micro

_ROWS, _LEVELS, _BARS = 500_000, 10, 200_000
_GROUPS = ("book", "trades", "liquidity")
_NS, _FRAME = 10**9, 1000


def run() -> dict[str, Any]:
    asked = tuple(parse(one.name) for group in _GROUPS for one in GROUPS[group])
    made, features = micro(_BARS), len(Program(asked).names)
    whole = median_seconds(lambda: _fold(asked, made), 3, time.process_time)
    each = {
        a.indicator.name: median_seconds(lambda a=a: _fold((a,), made), 3, time.process_time)
        for a in asked
    }
    return {
        "ns_a_row_of": {name: round(_ns(kind), 1) for name, kind in _KINDS.items()},
        "ns_a_book_row_at_one_level": round(_ns(BOOK, 1), 1),
        "features": features,
        "ns_a_feature_and_bar": round(whole / features / _BARS * 1e9, 1),
        "ns_a_bar": {name: round(s / _BARS * 1e9, 1) for name, s in each.items()},
        "all_features_of_a_frame_with_one_bar_us": round(_step_us(asked), 1),
        "builder_million_trades_a_second": {
            name: _builder(prints) for name, prints in (("silent", None), ("telling", "time"))
        },
    }


_KINDS = {"the book": BOOK, "trades": PRINT, "bars": BAR}


def _fold(asked: Any, made: Any) -> Any:
    program = Program(asked)
    return program.fold(made, program.empty_state())


def _ns(kind: int, levels: int = _LEVELS) -> float:
    made = tape(np.full(_ROWS, kind, np.uint8), levels)

    def work() -> Any:
        return columns.of_tape(made, 0, columns.empty_state(), OF_TRADES)

    return median_seconds(work, 5, time.process_time) / _ROWS * 1e9


def tape(kinds: Any, levels: int) -> TapeFrame:
    """A book that moves at random, trades within it, and bars."""
    rng = np.random.default_rng(1)
    books, prints, rows = (int((kinds == kind).sum()) for kind in (BOOK, PRINT, BAR))
    bid = 60_000 + np.cumsum(rng.integers(-1, 2, books))
    steps = np.arange(levels)
    sizes = rng.integers(1, 1000, (2, books * levels))
    ts = np.arange(books) * 10**6
    return TapeFrame(
        *("BENCH:BTC-USD", 2, 5, levels, ("time:1s",), kinds),
        Books(
            *(ts, ts, ts),
            *((bid[:, None] - steps).ravel(), sizes[0]),
            *((bid[:, None] + 1 + steps).ravel(), sizes[1]),
        ),
        Bars._make(
            np.arange(rows) * 10**9 if name == "ts_close" else np.zeros(rows, np.int64)
            for name in Bars._fields
        ),
        prints=Prints(
            np.arange(prints) * 10**6,
            60_000 + rng.integers(-1, 2, prints),
            rng.integers(1, 1000, prints),
            rng.choice(np.array([-1, 1], np.int8), prints),
        ),
    )


def _step_us(asked: Any) -> float:
    """Median of a frame of ten book rows, a trade and a bar through columns and features."""
    program, state = Program(asked), columns.empty_state()
    memory, times = program.empty_state(), []
    made = tape(np.array([BOOK] * 10 + [PRINT, BAR], np.uint8), _LEVELS)
    for _ in range(2000):
        started = time.perf_counter()
        program.fold(columns.of_tape(made, 0, state, OF_TRADES), memory)
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1e6


def _builder(prints: str | None) -> float:
    """Frames of a thousand trades into one-second bars."""
    rows, specs = bars.trades(), (parse_bar("time:1s"),)
    count = len(rows.price) // 10
    frames = [
        bars.frame(type(rows)(*(c[n : n + _FRAME] for c in rows))) for n in range(0, count, _FRAME)
    ]

    def work() -> None:
        builder = Builder(BuilderConfig(specs, 1, (), _NS, 0, prints=prints))
        for frame in frames:
            builder.apply(frame)

    return round(count / median_seconds(work, 5, time.process_time) / 1e6, 2)
