"""Tick, volume, dollar, range, renko, imbalance and run bars against loops over lists."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.operator import Refused
from streams.operators.market.bars import KINDS, parse
from streams.operators.market.bars_renko import MOST_BRICKS
from tests.twins.bars_by_hand import (
    Row,
    Trade,
    activity_bars,
    builder,
    flow_bars,
    fold,
    frame_of,
    renko_bars,
    rows_of_tape,
)

# prices of 2 decimals, sizes of 3
LIMITED = {"tick:7": 7, "volume:20": 20_000, "dollar:50": 5_000_000, "range:0.2": 20}
FLOWS = [name for name in KINDS if name.endswith(("imbalance", "run"))]
OPTIONS = [
    "5,span=3,tick_span=10,min=2,max=9,warm_up=2",
    "3,min=1,max=30,warm_up=1",
    "8",
]
raw_trades = st.lists(
    st.builds(
        Trade,
        st.integers(0, 1000),
        st.integers(-50, 150),
        st.integers(0, 9000),
        st.sampled_from([-1, 0, 0, 1]),
    ),
    max_size=120,
)
huge = st.builds(
    Trade,
    st.integers(0, 1000),
    st.integers(10**15, 10**17),
    st.integers(10**15, 10**17),
    st.sampled_from([-1, 0, 1]),
)
cuts = st.sets(st.integers(0, 120), max_size=8)


@settings(max_examples=150)
@given(raw_trades, st.sampled_from(sorted(LIMITED)), cuts)
def test_threshold_bars_close_with_the_trade_that_reaches_it(
    trades: list[Trade], spec: str, at: set[int]
) -> None:
    expected = list(activity_bars(trades, spec.partition(":")[0], LIMITED[spec]))
    assert fold(builder(spec), trades, at) == expected


@settings(max_examples=50)
@given(st.lists(huge, max_size=40))
def test_dollar_bars_count_beyond_64_bits(trades: list[Trade]) -> None:
    expected = list(activity_bars(trades, "dollar", 10**33))
    assert fold(builder("dollar:" + str(10**28)), trades) == expected


@settings(max_examples=150)
@given(raw_trades, st.sampled_from([5, 20, 60]), cuts)
def test_renko_bricks_are_those_of_a_loop(trades: list[Trade], brick: int, at: set[int]) -> None:
    assert fold(builder(f"renko:0.{brick:02}"), trades, at) == list(renko_bars(trades, brick))


@settings(max_examples=300)
@given(raw_trades, st.sampled_from(FLOWS), st.sampled_from(OPTIONS), cuts)
def test_imbalance_and_run_bars_are_those_of_their_formula(
    trades: list[Trade], kind: str, options: str, at: set[int]
) -> None:
    estimate = parse(f"{kind}:{options}").estimate
    assert estimate is not None
    positive = [t._replace(price=abs(t.price)) for t in trades]
    found = fold(builder(f"{kind}:{options}"), positive, at)
    assert found == list(flow_bars(positive, kind, estimate))


@settings(max_examples=40)
@given(raw_trades)
def test_specifications_do_not_disturb_each_other(trades: list[Trade]) -> None:
    flows = [f"{kind}:{OPTIONS[0]}" for kind in FLOWS]
    specs = ["time:100ms", *LIMITED, "renko:0.2", *flows, "time:1s"]
    ordered = sorted(t._replace(ts=t.ts * 10**6, price=abs(t.price)) for t in trades)
    together = builder(*specs)
    rows: list[list[Row]] = [[] for _ in specs]
    frame = frame_of(ordered)
    for output in together.apply(frame):
        assert output.rows is not None
        assert (np.diff(output.rows) >= 0).all()
        for n in range(len(specs)):
            rows[n] += rows_of_tape(output.message, n)  # type: ignore[arg-type]
    for n, spec in enumerate(specs):
        assert rows[n] == fold(builder(spec), ordered)


def test_one_sided_flow_never_makes_a_bar_longer_than_its_bound() -> None:
    """The known fault: long bars make a higher threshold, which makes longer bars."""
    flow = [Trade(n, 1000, 10 + n * n, 1 if n % 50 else -1) for n in range(20_000)]
    rows = fold(builder("volume_imbalance:100,min=20,max=400"), flow)
    assert {20 <= row.trades <= 400 for row in rows} == {True}
    assert len(rows) > 20_000 // 400


def test_balanced_flow_does_not_make_each_tick_a_bar() -> None:
    flow = [Trade(n, 1000, 10, 1 if n % 2 else -1) for n in range(5000)]
    rows = fold(builder("tick_imbalance:100"), flow)
    assert min(row.trades for row in rows) >= 10


def test_the_warm_up_closes_at_the_expected_ticks() -> None:
    rows = fold(builder("tick_run:30,warm_up=4"), [Trade(n, 1000 + n, 10, 0) for n in range(300)])
    assert [row.trades for row in rows[:4]] == [30] * 4


def test_buyers_that_come_in_force_close_a_bar_early() -> None:
    mixed = [Trade(n, 1000, 10, 1 if n % 3 else -1) for n in range(3000)]
    rush = [Trade(3000 + n, 1000, 10, 1) for n in range(300)]
    rows = fold(builder("tick_imbalance:90,max=900"), mixed + rush)
    usual = [row.trades for row in rows if row.ts_close < 3000][-5:]
    rushed = [row.trades for row in rows if row.ts_open >= 3000]
    assert max(rushed) < min(usual) / 2


def test_a_renko_reversal_takes_two_bricks() -> None:
    prices = [1000, 1010, 1001, 991, 990]
    rows = fold(builder("renko:0.1"), [Trade(n, p, 1, 1) for n, p in enumerate(prices)])
    assert [(r.open, r.close, r.trades) for r in rows] == [(1000, 1010, 2), (1000, 990, 3)]


def test_a_trade_through_several_bricks_makes_a_row_for_each() -> None:
    rows = fold(builder("renko:0.1"), [Trade(0, 1005, 3, 1), Trade(5, 1037, 4, -1)])
    assert [(r.open, r.close, r.volume, r.trades) for r in rows] == [
        (1000, 1010, 7, 2),
        (1010, 1020, 0, 0),
        (1020, 1030, 0, 0),
    ]
    assert [(r.ts_open, r.ts_close) for r in rows] == [(0, 5), (5, 5), (5, 5)]


def test_a_wrong_price_does_not_fill_the_log_with_bricks() -> None:
    prices = [100, 10**12, 10**12 + 1]
    rows = fold(builder("renko:0.01"), [Trade(n, p, 1, 0) for n, p in enumerate(prices)])
    assert len(rows) == MOST_BRICKS + 1
    assert (rows[-1].open, rows[-1].close) == (10**12, 10**12 + 1)


def test_a_late_trade_is_counted_where_it_arrives() -> None:
    trades = [Trade(ts, 1, 1, 0) for ts in (10, 20, 5, 30, 25, 40)]
    rows = fold(builder("tick:2"), trades)
    assert [(r.ts_open, r.ts_close, r.late) for r in rows] == [(10, 20, 0), (5, 30, 1), (25, 40, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "tik:5",
        "tick",
        "tick:0",
        "tick:1.5",
        "time:5",
        "time:0s",
        "time:99999999d",
        "volume:-1",
        "dollar:x",
        "range:nan",
        "renko:Infinity",
        "tick_run:0",
        "tick_run:5,min=6",
        "tick_run:5,spam=6",
        "tick_run:5,span=0",
        "tick:5,span=3",
    ],
)
def test_what_no_bar_can_be_made_of_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"bar|threshold|period|expected|span"):
        parse(text)


def test_a_threshold_finer_than_the_instrument_is_refused_with_the_bar_that_it_is_of() -> None:
    with pytest.raises(Refused, match=r"X:Y.*0\.001.*market.bars"):
        fold(builder("range:0.001"), [Trade(0, 1, 1, 1)])
