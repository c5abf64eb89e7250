"""Midnight in New York, which NASDAQ's files count their times from."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("America/New_York")


def midnight_ns(day: date) -> int:
    """The beginning of a day there, in ns since the epoch, UTC."""
    start = datetime(day.year, day.month, day.day, tzinfo=_ZONE)
    return int(start.timestamp()) * 10**9
