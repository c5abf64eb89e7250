"""Every kind of bar over the recorded Binance sessions, against pandas and loops over lists."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectors.binance import capture_form
from connectors.events import TradeEvent
from schemas.records import Clock
from streams.operators.market.bars import KINDS, parse
from tests.twins.bars_by_hand import (
    Row,
    Trade,
    activity_bars,
    builder,
    flow_bars,
    frame_of,
    renko_bars,
    rows_of_tape,
    tapes_of,
)

SESSIONS = ("spot_btcusdt", "usdm_btcusdt", "cm_btcusd_perp")
FLOWS = [name for name in KINDS if name.endswith(("imbalance", "run"))]
PERIODS = {"time:1s": 10**9, "time:1m": 60 * 10**9}


@pytest.fixture(scope="module", params=SESSIONS)
def trades(request: pytest.FixtureRequest, recorded: Path) -> list[Trade]:
    """As integers of two price and three size decimals, whatever the venue has."""
    path = recorded / "binance" / f"{request.param}_20240808.gz"
    return [
        Trade(e.ts_event, e.price, e.size, e.side)
        for piece in capture_form.pieces(path)
        for e in piece.found
        if isinstance(e, TradeEvent)
    ]


def made(trades: list[Trade], *specs: str) -> list[list[Row]]:
    """The rows of each specification, up to a clock record long after the last trade."""
    operator = builder(*specs)
    clock = Clock("X:Y", 2 * 10**18)
    tapes = [*tapes_of(operator, frame_of(trades)), *tapes_of(operator, clock)]
    return [[row for tape in tapes for row in rows_of_tape(tape, n)] for n in range(len(specs))]


def test_time_bars_are_those_of_pandas(trades: list[Trade]) -> None:
    table = pd.DataFrame(trades).sort_values("ts", kind="stable")
    table["notional"] = table.price.astype(object) * table["size"]
    table["buy_volume"] = table["size"].where(table.side > 0, 0)
    table["sell_volume"] = table["size"].where(table.side < 0, 0)
    for (spec, period), found in zip(PERIODS.items(), made(trades, *PERIODS), strict=True):
        last = {row.ts_open: row for row in found}
        assert sum(row.late for row in found) == 0
        groups = table.groupby(table.ts // period * period)
        expected = groups[["buy_volume", "sell_volume", "notional"]].sum()
        expected[["open", "high", "low", "close"]] = groups.price.agg(
            ["first", "max", "min", "last"]
        )
        expected["volume"], expected["trades"] = groups["size"].sum(), groups.size()
        rows = [last[ts] for ts in sorted(last)]
        assert [row.ts_open for row in rows] == expected.index.tolist(), spec
        for name in expected.columns:
            assert [getattr(row, name) for row in rows] == expected[name].tolist(), (spec, name)


def test_activity_bars_are_those_of_loops(trades: list[Trade]) -> None:
    sizes = np.array([t.size for t in trades])
    prices = np.array([t.price for t in trades])
    # some two hundred trades a bar; a range of about a thousandth, in ticks of the price
    volume = int(sizes.mean() * 200)
    dollar = int((sizes.astype(float) * prices).mean() * 200)
    span = max(int(prices.mean() / 2000), 2)
    limits = {"tick": 150, "volume": volume, "dollar": dollar, "range": span}
    scales = {"tick": 0, "volume": 3, "dollar": 5, "range": 2}
    specs = [f"{k}:{limits[k] / 10 ** scales[k]:.{scales[k]}f}" for k in limits]
    for (kind, limit), found in zip(limits.items(), made(trades, *specs), strict=True):
        assert len(found) > 5, kind
        assert found == list(activity_bars(trades, kind, limit)), kind


def test_renko_bars_are_those_of_a_loop(trades: list[Trade]) -> None:
    brick = max(int(np.mean([t.price for t in trades]) / 10_000), 1)
    (found,) = made(trades, f"renko:{brick / 100:.2f}")
    assert len(found) > 20
    assert found == list(renko_bars(trades, brick))


@pytest.mark.parametrize("known", [True, False], ids=["aggressor", "tick rule"])
def test_imbalance_and_run_bars_are_those_of_their_formula(
    trades: list[Trade], known: bool
) -> None:
    seen = trades if known else [t._replace(side=0) for t in trades]
    specs = [f"{kind}:60,span=10,min=6,max=600,warm_up=5" for kind in FLOWS]
    for kind, spec, found in zip(FLOWS, specs, made(seen, *specs), strict=True):
        estimate = parse(spec).estimate
        assert estimate is not None
        assert found == list(flow_bars(seen, kind, estimate)), kind
        lengths = {row.trades for row in found[5:]}
        assert len(lengths) > 5, kind
        assert min(lengths) >= 6
        assert max(lengths) <= 600
