"""One-second OHLCV bars of ten million trades: the builder, from a market frame to its tape, beside
pandas and polars with the same trades as columns in memory; and the builder with other kinds.

The builder also checks each row, adds notional to 128 bits and finds late trades; the others take
trades that are in order, and sum notional as float64.
"""

import importlib.util
from typing import Any

import numpy as np
import pandas as pd

from schemas.frames import TRADE, Depth, MarketFrame, Quotes, TapeFrame, Trades
from streams.operators.market.bars import parse
from streams.operators.market.builder import Builder, BuilderConfig
from tests.benchmarks.timing import median_seconds

TRADES, SECONDS, NS = 10_000_000, 24 * 3600, 10**9
SPECS = (
    ("time:1s",),
    ("time:1s", "time:1m", "time:1h"),
    ("tick:1000",),
    ("volume:5000",),
    ("dollar:300000000",),
    ("range:2",),
    ("renko:1",),
    ("tick_imbalance:1000",),
    ("dollar_run:1000",),
)


def trades() -> Trades:
    """A day of an active instrument, in order of time."""
    rng = np.random.default_rng(1)
    ts = 1_767_225_600 * NS + np.sort(rng.integers(0, SECONDS * NS, TRADES))
    price = 6_000_000 + np.cumsum(rng.integers(-3, 4, TRADES))
    side = rng.choice(np.array([-1, 1], np.int8), TRADES)
    return Trades(ts, ts, np.arange(TRADES), price, rng.integers(1, 10**6, TRADES), side)


def frame(rows: Trades) -> MarketFrame:
    none = np.empty(0, np.int64)
    counts = [none.astype("u1"), none.astype("i4"), none.astype("i4")]
    depth = Depth._make([none] * 4 + counts + [none] * 2)
    kinds = np.full(len(rows.price), TRADE, np.uint8)
    return MarketFrame("BENCH:BTC-USD", 2, 5, kinds, rows, Quotes(*[none] * 7), depth)


def fold(made: MarketFrame, *specs: str) -> list[TapeFrame]:
    builder = Builder(BuilderConfig(tuple(map(parse, specs)), 1, (), NS, 0))
    return [output.message for output in builder.apply(made)]  # type: ignore[misc]


def with_pandas(rows: Trades) -> Any:
    table = pd.DataFrame({name: getattr(rows, name) for name in ("price", "size", "side")})
    bought = table["size"].where(table.side > 0, 0)
    notional = table.price.astype(np.float64) * table["size"]
    table = table.assign(second=rows.ts_event // NS, bought=bought, notional=notional)
    groups = table.groupby("second", sort=False)
    prices = groups.price.agg(["first", "max", "min", "last", "count"])
    return prices.join(groups[["size", "bought", "notional"]].sum())


def with_polars(rows: Trades) -> Any:
    import polars as pl

    table = pl.DataFrame({name: getattr(rows, name) for name in ("price", "size", "side")})
    price, size = pl.col("price"), pl.col("size")
    return (
        table.lazy()
        .with_columns(second=pl.Series(rows.ts_event // NS).set_sorted())
        .group_by("second", maintain_order=True)
        .agg(
            price.first().alias("first"),
            price.max().alias("max"),
            price.min().alias("min"),
            price.last().alias("last"),
            pl.len().alias("count"),
            size.sum().alias("size"),
            size.filter(pl.col("side") > 0).sum().alias("bought"),
            (price.cast(pl.Float64) * size).sum().alias("notional"),
        )
        .collect()
    )


def run() -> dict[str, Any]:
    rows = trades()
    made = frame(rows)

    def rate(work: Any) -> float:
        return round(TRADES / median_seconds(work, 5) / 1e6, 1)

    others: dict[str, Any] = {"pandas": rate(lambda: with_pandas(rows))}
    same = agrees(rows, with_pandas(rows), made)
    if importlib.util.find_spec("polars"):
        others["polars"] = rate(lambda: with_polars(rows))
        same = same and agrees(rows, with_polars(rows).to_pandas(), made)
    else:
        others["polars"] = "not measured: polars is not installed (pip install polars pyarrow)"
    ours = {", ".join(specs): rate(lambda s=specs: fold(made, *s)) for specs in SPECS}
    first = ours["time:1s"]
    return {
        "unit": "million trades a second",
        "trades": TRADES,
        "tickstream": ours,
        "one_second_bars_with": others,
        "all_agree": same,
        "ratios": {k: round(first / v, 1) for k, v in others.items() if isinstance(v, float)},
    }


def agrees(rows: Trades, table: Any, made: MarketFrame) -> bool:
    """Whether our bars have the same prices, counts and volumes; the last one is still open."""
    tapes = fold(made, "time:1s")
    pairs = {
        "first": "open",
        "max": "high",
        "min": "low",
        "last": "close",
        "count": "trades",
        "size": "volume",
        "bought": "buy_volume",
    }
    return all(
        np.array_equal(
            np.concatenate([getattr(tape.bars, field) for tape in tapes]),
            table[name].to_numpy()[:-1],
        )
        for name, field in pairs.items()
    )
