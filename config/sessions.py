"""Opening hours in a time zone, or an exchange's calendar → the sessions of some years as a table
of UTC times.

This is done once, at the edge: rules of time zones change, and no operator may read them. The
first and the last instant that the table covers go with it, so that a trade outside is refused
instead of taken for one outside the sessions.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from streams.calendars import sessions
from streams.operators.market.bars_calendar import Calendar

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SessionHours:
    """``open`` and ``close`` as HH:MM in ``timezone``; a close that is not after the open is on
    the next day. ``days`` on which a session opens: ``mon-fri``, ``sun-thu``, ``mon,wed``;
    ``holidays``: dates (YYYY-MM-DD) on which none does. Or ``exchange`` alone: the code of an
    exchange (``XNYS``), whose holidays and half days are known."""

    timezone: str = ""
    open: str = ""
    close: str = ""
    days: str = ""
    holidays: tuple[str, ...] = ()
    exchange: str = ""

    def check(self) -> None:
        """Raises ValueError on what no session can be made of."""
        hours = {name: getattr(self, name) for name in ("timezone", "open", "close", "days")}
        if self.exchange and (any(hours.values()) or self.holidays):
            raise ValueError("exchange knows its own hours: leave out everything else")
        lacking = [name for name, value in hours.items() if not value]
        if lacking and not self.exchange:
            raise ValueError(f"lacks {', '.join(lacking)}; or give exchange alone")
        self.calendar(2000, 2000)

    def calendar(self, first_year: int, last_year: int) -> Calendar:
        """The sessions that open in these years."""
        if self.exchange:
            known = sessions(self.exchange, first_year, last_year)
            since, until = (
                _utc_ns(datetime(year, 1, 1, tzinfo=UTC)) for year in (first_year, last_year + 1)
            )
            return Calendar(known.opens, known.closes, since, until)
        zone, days = _zone(self.timezone), _weekdays(self.days)
        opening, closing = _clock_time("open", self.open), _clock_time("close", self.close)
        overnight = timedelta(days=closing <= opening)
        holidays = [_date(day) for day in self.holidays]
        opens, closes = [], []
        day, end = date(first_year, 1, 1), date(last_year + 1, 1, 1)
        since, until = (_utc_ns(datetime.combine(d, time(), zone)) for d in (day, end))
        while day < end:
            if day.weekday() in days and day not in holidays:
                opens.append(_utc_ns(datetime.combine(day, opening, zone)))
                closes.append(_utc_ns(datetime.combine(day + overnight, closing, zone)))
            day += timedelta(days=1)
        return Calendar(np.array(opens, np.int64), np.array(closes, np.int64), since, until)


def _utc_ns(at: datetime) -> int:
    return (at.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) * 1000


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"time zone {name!r} is not known; try America/New_York or UTC") from error


def _clock_time(key: str, text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()
    except ValueError as error:
        raise ValueError(f"{key} {text!r}: write it as HH:MM, such as 09:30") from error


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"holiday {text!r}: write it as YYYY-MM-DD") from error


def _weekdays(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            raise ValueError(f"days {text!r}: use {', '.join(_DAYS)}, or a range such as mon-fri")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        days += [n % 7 for n in range(start, end + 1 + 7 * (end < start))]
    return days
