"""Opening hours in a time zone → bars that begin with the session, summer and winter."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.sessions import SessionHours
from config.settings import load
from streams.operator import Refused
from streams.operators.market.bars_state import TimeBars
from tests.twins.bars_by_hand import Row, Trade, builder, fold

NASDAQ = SessionHours("America/New_York", "09:30", "16:00", "mon-fri", ("2026-07-03",))
FUTURES = SessionHours("America/Chicago", "17:00", "16:00", "sun-thu")
NEW_YORK = ZoneInfo("America/New_York")


def ns(*when: int, zone: ZoneInfo | None = NEW_YORK) -> int:
    return int(datetime(*when, tzinfo=zone or UTC).timestamp()) * 10**9  # type: ignore[misc, arg-type]


def bars(hours: SessionHours, spec: str, times: list[int], flat: bool = False) -> list[Row]:
    calendars = (("X:*", hours.calendar(2026, 2026)),)
    operator = builder(spec, time_bars=TimeBars(flat, 8, calendars))
    return fold(operator, [Trade(ts, 100 + n, 1, 0) for n, ts in enumerate(times)])


def test_hours_begin_at_half_past_nine_summer_and_winter() -> None:
    days = [(2026, 1, 15), (2026, 7, 15)]  # UTC-5 and UTC-4
    rows = bars(NASDAQ, "time:1h", [ns(*day, 10, 15) for day in days] + [ns(2026, 8, 3, 12)])
    assert [row.ts_open for row in rows] == [ns(*day, 9, 30) for day in days]
    assert [row.ts_close for row in rows] == [ns(*day, 10, 30) for day in days]
    offsets = [row.ts_open // 10**9 % 86400 // 60 for row in rows]
    assert offsets == [14 * 60 + 30, 13 * 60 + 30]


def test_the_last_bar_ends_with_the_session() -> None:
    monday, tuesday = (2026, 3, 2), (2026, 3, 3)
    rows = bars(NASDAQ, "time:1h", [ns(*monday, 15, 59), ns(*tuesday, 9, 30)])
    assert [(r.ts_open, r.ts_close) for r in rows] == [(ns(*monday, 15, 30), ns(*monday, 16))]


def test_a_bar_of_days_never_spans_two_sessions() -> None:
    friday, monday = (2026, 3, 6), (2026, 3, 9)  # summer time begins on the Sunday between
    rows = bars(NASDAQ, "time:3d", [ns(*friday, 11), ns(*monday, 11), ns(2026, 3, 10, 9, 30)])
    assert [(r.ts_open, r.ts_close) for r in rows] == [
        (ns(*day, 9, 30), ns(*day, 16)) for day in (friday, monday)
    ]


def test_a_trade_outside_the_sessions_is_in_no_time_bar_but_shows_the_time() -> None:
    day = (2026, 3, 2)
    times = [ns(*day, 9, 29), ns(*day, 9, 30), ns(*day, 16, 0), ns(*day, 17, 0)]
    rows = bars(NASDAQ, "time:1m", times)
    assert [(r.ts_open, r.trades) for r in rows] == [(ns(*day, 9, 30), 1)]


def test_flat_bars_fill_sessions_only() -> None:
    thursday, monday = (2026, 7, 2), (2026, 7, 6)  # a holiday and a weekend between
    rows = bars(NASDAQ, "time:30m", [ns(*thursday, 15), ns(*monday, 10, 45)], flat=True)
    assert [(r.ts_open, r.trades) for r in rows] == [
        (ns(*thursday, 15), 1),
        (ns(*thursday, 15, 30), 0),
        (ns(*monday, 9, 30), 0),
        (ns(*monday, 10), 0),
    ]


def test_a_session_may_last_over_midnight() -> None:
    chicago = ZoneInfo("America/Chicago")
    calendar = FUTURES.calendar(2026, 2026)
    sunday, monday = (2026, 11, 1), (2026, 11, 2)  # summer time ended at two in the morning
    at = calendar.opens.tolist().index(ns(*sunday, 17, zone=chicago))
    assert calendar.closes[at] == ns(*monday, 16, zone=chicago)
    assert (calendar.opens[1:] >= calendar.closes[:-1]).all()


def test_a_trade_outside_the_years_of_the_table_is_refused() -> None:
    with pytest.raises(Refused, match="session_years"):
        bars(NASDAQ, "time:1m", [ns(2027, 3, 1, 10)])


def test_sessions_come_from_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[market.sessions]\n"NASDAQ:*" = {timezone = "America/New_York", open = "09:30", '
        'close = "16:00", days = "mon-fri", holidays = ["2026-07-03"]}\n'
    )
    made = operator_configs(load(path, {}), REPLAY_KEY).builder.time_bars
    assert (made.flat, made.kept) == (False, 8)
    ((pattern, calendar),) = made.calendars
    assert pattern == "NASDAQ:*"
    expected = NASDAQ.calendar(2000, 2050)
    assert calendar.opens.tolist() == expected.opens.tolist()
    assert calendar.covers(expected.closes)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('[market]\nempty_bars = "fill"', "skip or flat"),
        ("[market]\nkept_bars = -1", "kept_bars"),
        ("[market]\nsession_years = [2030, 2020]", "session_years"),
        ('[market]\nbars = ["time:1s", "tick_run:0"]', "expected ticks"),
        ('[market.sessions.A]\ntimezone = "UTC"\nopen = "9"\nclose = "10"\ndays = "mon"', "HH:MM"),
        ('[market.sessions.A]\ntimezone = "UTC"\nopen = "09:00"\nclose = "10:00"', "lacks days"),
        (
            '[market.sessions.A]\ntimezone = "Mars"\nopen = "09:00"\nclose = "10:00"\ndays = "mon"',
            "Mars",
        ),
        (
            '[market.sessions.A]\ntimezone = "UTC"\nopen = "09:00"\nclose = "10:00"\ndays = "mo"',
            "mon, tue",
        ),
    ],
)
def test_a_configuration_that_makes_no_sense_says_so(line: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(line)
    with pytest.raises(ConfigError, match=said):
        load(path, {})
