"""Exchange calendars as tables of UTC times, from the ``exchange_calendars`` library: sessions with
their half days, lunch breaks and daylight saving.

No operator reads them: rules change, so a table is made once, at the edge, and passed down.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

ALWAYS_OPEN = "24/7"
_NO_TIME = np.iinfo(np.int64).min  # NaT


@dataclass(frozen=True, slots=True, eq=False)
class Sessions:
    """``opens`` and ``closes``: int64 ns UTC, ascending. A session with a break is two."""

    opens: Any
    closes: Any

    def open_before(self, at: Any) -> Any:
        """ns that the exchange was open before these times, from the table's beginning."""
        count = np.searchsorted(self.opens, at, "right")
        total = np.concatenate(([0], np.cumsum(self.closes - self.opens)))[count]
        ends = np.concatenate(([np.iinfo(np.int64).min], self.closes))[count]
        return total - np.maximum(ends - at, 0)


def midnight_ns(name: str, day: date) -> int:
    """When a date begins where the exchange is. Raises ValueError for an unknown exchange."""
    year = day.year
    zone = _calendar(name, year, year).tz
    at = datetime.combine(day, time(), ZoneInfo(str(zone)))
    return int(at.timestamp()) * 10**9


@lru_cache(maxsize=64)
def sessions(name: str, first_year: int, last_year: int) -> Sessions:
    """The sessions of these years, by an exchange's code (ISO 10383, ``XNYS``) or another name of
    the library. Raises ValueError for an unknown one, and for years that it does not know."""
    calendar = _calendar(name, first_year, last_year)
    opens, closes, breaks, backs = (
        _ns(times)
        for times in (calendar.opens, calendar.closes, calendar.break_starts, calendar.break_ends)
    )
    split = breaks != _NO_TIME
    starts = np.concatenate([opens, backs[split]])
    ends = np.concatenate([np.where(split, breaks, closes), closes[split]])
    order = np.argsort(starts, kind="stable")
    return Sessions(starts[order], ends[order])


def _calendar(name: str, first_year: int, last_year: int) -> Any:
    import exchange_calendars  # takes 2 s, with pandas
    from exchange_calendars.errors import CalendarError

    span = {"start": f"{first_year}-01-01", "end": f"{last_year}-12-31"}
    try:
        return exchange_calendars.get_calendar(name, **span)
    except CalendarError as error:
        raise ValueError(
            f"calendar {name!r} is not known: use an exchange's code, such as XNYS or XLON, "
            f"or {ALWAYS_OPEN}"
        ) from error


def _ns(times: Any) -> Any:
    return times.dt.tz_convert(None).to_numpy("datetime64[ns]").astype(np.int64)
