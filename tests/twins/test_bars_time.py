"""Time bars against bars made by hand: late trades, empty periods, sessions, cut frames."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import Clock
from streams.operators.market.bars_calendar import Calendar
from streams.operators.market.bars_state import TimeBars
from streams.operators.market.bars_time import MOST_FLAT
from tests.twins.bars_by_hand import SECOND, Row, Trade, builder, fold, rows_of, tapes_of
from tests.twins.time_bars_by_hand import TimeBarsByHand

trades = st.builds(
    Trade,
    st.integers(0, 200),
    st.integers(1, 10**12),
    st.integers(1, 10**12),
    st.sampled_from([-1, 0, 1]),
)
events = st.lists(st.one_of(trades, trades, trades, st.integers(0, 200)), max_size=60)
tables = st.one_of(
    st.none(),
    st.lists(st.integers(1, 199), min_size=2, max_size=8, unique=True).map(
        lambda edges: list(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
    ),
)
MS = 10**6


def drifting(raw: list[Any]) -> list[Any]:
    """Events whose times drift on, so that some are a little late and few very late."""
    return [
        e._replace(ts=(e.ts + 12 * n) * MS) if isinstance(e, Trade) else (e + 12 * n) * MS
        for n, e in enumerate(raw)
    ]


def calendar(sessions: list[tuple[int, int]] | None) -> tuple[tuple[str, Calendar], ...]:
    if sessions is None:
        return ()
    opens, closes = np.array(sessions, np.int64).T * 5 * MS
    table = np.ascontiguousarray(opens), np.ascontiguousarray(closes)
    return (("X:*", Calendar(*table, 0, 10**18)),)


@settings(max_examples=400)
@given(
    events,
    st.booleans(),
    st.integers(0, 4),
    tables,
    st.sampled_from([7, 20, 90]),
    st.sets(st.integers(0, 60), max_size=8),
)
def test_time_bars_are_what_anybody_would_make(
    raw: list[Any],
    flat: bool,
    kept: int,
    sessions: list[tuple[int, int]] | None,
    period_ms: int,
    cuts: set[int],
) -> None:
    happened = drifting(raw)
    operator = builder(f"time:{period_ms}ms", time_bars=TimeBars(flat, kept, calendar(sessions)))
    by_hand = TimeBarsByHand(
        period_ms * MS,
        flat,
        kept,
        None if sessions is None else [(5 * MS * a, 5 * MS * b) for a, b in sessions],
    )
    expected = [row for event in happened for row in by_hand.feed(event)]
    assert fold(operator, happened, cuts) == expected


@settings(max_examples=60)
@given(st.lists(trades, min_size=1, max_size=50))
def test_the_last_revisions_are_the_bars_of_the_trades_in_order_of_time(raw: list[Trade]) -> None:
    """As long as every bar is kept, lateness leaves no trace but in the revisions."""
    late = [Trade(0, 100, 1, 1), *(t._replace(ts=t.ts * MS) for t in raw)]
    clock = [SECOND]
    found = fold(builder("time:20ms", time_bars=TimeBars(kept=50)), [*late, *clock])
    ordered = sorted(late, key=lambda t: t.ts)
    expected = fold(builder("time:20ms"), [*ordered, *clock])
    last: dict[int, Row] = {}
    for row in found:
        assert row.revision == 0 or row.revision > last.get(row.ts_open, row).revision - 1
        last[row.ts_open] = row
    assert [last[ts]._replace(revision=0) for ts in sorted(last)] == expected


def seconds(*at: float, price: int = 100) -> list[Any]:
    return [Trade(int(s * SECOND), price + n, 1, 0) for n, s in enumerate(at)]


def closes(rows: list[Row]) -> list[tuple[int, int, int, int]]:
    return [(r.ts_open // SECOND, r.close, r.trades, r.revision) for r in rows]


def test_a_late_trade_corrects_its_bar_and_the_flat_ones_behind_it() -> None:
    operator = builder("time:1s", time_bars=TimeBars(flat=True))
    rows = fold(operator, [*seconds(0.1, 3.5), Trade(SECOND // 2, 90, 1, 0)])
    assert closes(rows) == [
        (0, 100, 1, 0),
        (1, 100, 0, 0),
        (2, 100, 0, 0),
        (0, 90, 2, 1),
        (1, 90, 0, 1),
        (2, 90, 0, 1),
    ]


def test_a_late_trade_before_the_close_leaves_flat_bars_as_they_are() -> None:
    operator = builder("time:1s", time_bars=TimeBars(flat=True))
    rows = fold(operator, [*seconds(0.5, 3.5), Trade(SECOND // 4, 90, 1, 0)])
    assert closes(rows)[3:] == [(0, 100, 2, 1)]


def test_a_flat_bar_is_written_once_a_clock_record_shows_that_it_is_over() -> None:
    operator = builder("time:1s", time_bars=TimeBars(flat=True), grace_ns=SECOND)
    assert closes(fold(operator, seconds(0.5))) == []
    assert closes(rows_of(operator, Clock("X:Y", 3 * SECOND - 1))) == [(0, 100, 1, 0)]
    assert closes(rows_of(operator, Clock("X:Y", 4 * SECOND))) == [(1, 100, 0, 0), (2, 100, 0, 0)]
    assert closes(rows_of(operator, Clock("X:Y", 4 * SECOND))) == []


def test_a_period_that_had_no_bar_gets_one_from_a_late_trade() -> None:
    rows = fold(builder("time:1s"), seconds(0, 4, 5, 2.5))
    assert closes(rows) == [(0, 100, 1, 0), (4, 101, 1, 0), (2, 103, 1, 1)]


def test_a_trade_older_than_what_is_kept_counts_in_the_open_bar_which_says_so() -> None:
    operator = builder("time:1s", time_bars=TimeBars(kept=2))
    rows = fold(operator, [*seconds(0, 1, 2, 3), Trade(0, 500, 7, 1), *seconds(3.5, 4)])
    last = rows[-1]
    assert (last.ts_open // SECOND, last.trades, last.late, last.volume) == (3, 3, 1, 9)
    assert (last.open, last.high, last.close) == (103, 500, 100)
    assert [row.revision for row in rows] == [0, 0, 0, 0]


def test_an_outage_is_not_filled_with_flat_bars_for_ever() -> None:
    operator = builder("time:1s", time_bars=TimeBars(flat=True))
    rows = fold(operator, seconds(0, 10**6, 10**6 + 2))
    assert len(rows) == 1 + MOST_FLAT + 2
    assert closes(rows)[-2:] == [(10**6, 101, 1, 0), (10**6 + 1, 101, 0, 0)]


def test_a_wide_gap_goes_out_in_records_of_a_bearable_size() -> None:
    operator = builder("time:1s", time_bars=TimeBars(flat=True))
    fold(operator, seconds(0))
    tapes = tapes_of(operator, Clock("X:Y", 5000 * SECOND))
    assert [len(tape) for tape in tapes] == [2048, 2048, 904]
