"""Sessions on known dates: half days, daylight saving, lunch breaks, years that are not known."""

from datetime import UTC, datetime

import numpy as np
import pytest

from config.sessions import SessionHours
from streams.calendars import sessions


def day(name: str, date: str) -> list[tuple[str, str]]:
    """The sessions that open on a UTC date, as HH:MM UTC."""
    found = sessions(name, 2023, 2025)
    spans = zip(found.opens.tolist(), found.closes.tolist(), strict=True)
    return [(when(start)[11:], when(end)[11:]) for start, end in spans if when(start)[:10] == date]


def when(ns: int) -> str:
    return f"{datetime.fromtimestamp(ns // 10**9, UTC):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("name", "date", "expected"),
    [
        ("XNYS", "2023-11-22", [("14:30", "21:00")]),
        ("XNYS", "2023-11-23", []),  # Thanksgiving
        ("XNYS", "2023-11-24", [("14:30", "18:00")]),  # half day
        ("XNYS", "2024-07-03", [("13:30", "17:00")]),  # half day
        ("XNYS", "2024-03-08", [("14:30", "21:00")]),  # the last day of winter time
        ("XNYS", "2024-03-11", [("13:30", "20:00")]),  # daylight saving since the 10th
        ("XNYS", "2024-11-04", [("14:30", "21:00")]),  # and until the 3rd
        ("XLON", "2024-03-28", [("08:00", "16:30")]),
        ("XLON", "2024-04-02", [("07:00", "15:30")]),  # three weeks after New York, and Easter
        ("XNYS", "2025-01-09", []),  # a day of mourning
        ("XTKS", "2024-03-11", [("00:00", "02:30"), ("03:30", "06:00")]),  # lunch
        ("24/7", "2024-02-29", [("00:00", "00:00")]),
    ],
)
def test_sessions_on_known_dates(name: str, date: str, expected: list[tuple[str, str]]) -> None:
    assert day(name, date) == expected


def test_open_time_is_counted_without_nights_and_half_days() -> None:
    calendar = sessions("XNYS", 2023, 2025)
    instants = ["2023-11-24T17:00", "2023-11-24T20:00", "2023-11-27T15:30"]
    at = np.array([int(datetime.fromisoformat(f"{t}+00:00").timestamp()) * 10**9 for t in instants])
    hours = np.diff(calendar.open_before(at)) / 3600e9
    assert hours.tolist() == [1.0, 1.0]


def test_an_unknown_exchange_and_unknown_years_are_refused() -> None:
    with pytest.raises(ValueError, match="'XXXX' is not known: use an exchange's code"):
        sessions("XXXX", 2023, 2024)
    with pytest.raises(ValueError, match="2049"):
        sessions("XHKG", 2023, 2080)


def test_bars_take_an_exchange_instead_of_hours() -> None:
    hours = SessionHours(exchange="XNYS")
    hours.check()
    made = hours.calendar(2023, 2024)
    by_hand = SessionHours("America/New_York", "09:30", "16:00", "mon-fri").calendar(2023, 2024)
    assert set(made.opens.tolist()) < set(by_hand.opens.tolist())
    assert [when(at) for at in (made.since_ns, made.until_ns)] == [
        "2023-01-01 00:00",
        "2025-01-01 00:00",
    ]
    with pytest.raises(ValueError, match="leave out everything else"):
        SessionHours("America/New_York", exchange="XNYS").check()
    with pytest.raises(ValueError, match="or give exchange alone"):
        SessionHours("America/New_York").check()
