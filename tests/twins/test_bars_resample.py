"""Larger bars from smaller ones are those that the trades make."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.frames import Bars
from schemas.records import Clock
from streams.operators.market.bars_calendar import ALWAYS, Calendar
from streams.operators.market.bars_resample import latest, merge, resample
from streams.operators.market.bars_state import TimeBars, new_bars
from tests.twins.bars_by_hand import SECOND, Trade, builder, frame_of, tapes_of

MINUTE = 60 * SECOND
trades = st.lists(
    st.builds(
        Trade,
        st.integers(0, 400).map(lambda s: s * SECOND),
        st.integers(1, 10**15),
        st.integers(1, 10**15),
        st.sampled_from([-1, 0, 1]),
    ),
    min_size=1,
    max_size=80,
)
SESSIONS = Calendar(np.array([10, 200]) * SECOND, np.array([100, 333]) * SECOND, 0, 10**6 * SECOND)


def bars(happened: list[Trade], spec: str, time_bars: TimeBars) -> Bars:
    """Closed bars of all the trades, each in its last revision where they are time bars."""
    operator = builder(spec, time_bars=time_bars)
    clock = Clock("X:Y", 480 * SECOND)
    tapes = [*tapes_of(operator, frame_of(happened)), *tapes_of(operator, clock)]
    sections = [tape.bars for tape in tapes]
    joined = Bars(*(np.concatenate(column) for column in zip(*sections, strict=True)))
    return latest(joined) if spec.startswith("time") else joined


def rows(section: Bars) -> list[tuple[int, ...]]:
    """Without the revision, which says how a row came about."""
    columns = section._replace(revision=np.zeros_like(section.revision))
    return list(zip(*(column.tolist() for column in columns), strict=True))


@settings(max_examples=150)
@given(trades, st.booleans(), st.sampled_from([ALWAYS, SESSIONS]))
def test_minutes_from_seconds_are_the_minutes_of_the_trades(
    raw: list[Trade], flat: bool, calendar: Calendar
) -> None:
    """The trades are in any order: all bars are kept, so that every one is corrected."""
    first = Trade(10 * SECOND, 5, 5, 1)  # bars begin with the first trade
    time_bars = TimeBars(flat, 500, (("*", calendar),))
    happened = [first, *(t for t in raw if t.ts >= first.ts)]
    minutes = bars(happened, "time:1m", time_bars)
    found = resample(bars(happened, "time:1s", time_bars), MINUTE, calendar)
    assert rows(found) == rows(minutes)


def test_any_five_bars_make_one() -> None:
    happened = [Trade(n, 100 + n * 7 % 13, n + 1, 1 - n % 3) for n in range(200)]
    fours = bars(happened, "tick:4", TimeBars())
    assert rows(merge(fours, np.arange(50) // 5)) == rows(bars(happened, "tick:20", TimeBars()))


def test_nothing_makes_nothing() -> None:
    assert len(resample(new_bars(0), MINUTE).spec) == 0
    assert len(merge(new_bars(0), np.empty(0)).spec) == 0


def test_a_period_that_straddles_two_is_refused() -> None:
    seven = bars([Trade(58 * SECOND, 1, 1, 1)], "time:7s", TimeBars())
    with pytest.raises(ValueError, match="does not lie in one period"):
        resample(seven, MINUTE)


def test_a_flat_second_gives_a_minute_no_price() -> None:
    happened = [Trade(59 * SECOND, 100, 1, 0), Trade(90 * SECOND, 200, 1, 0)]
    seconds = bars(happened, "time:1s", TimeBars(flat=True))
    made = resample(seconds, MINUTE)
    assert (int(made.open[1]), int(made.low[1]), int(made.trades[1])) == (200, 200, 1)
    assert (int(made.open[2]), int(made.trades[2])) == (200, 0)
