"""The exchange calendar of an instrument, as the configuration names it."""

from datetime import UTC, datetime
from fnmatch import fnmatchcase

from config.tree import Settings
from console.errors import Failure
from schemas.lake.rows import DAY_NS
from streams.calendars import ALWAYS_OPEN, Sessions, sessions


def of(settings: Settings, instrument: str, first_day: int, last_day: int) -> Sessions:
    """Its sessions in the years of these days. Raises Failure."""
    try:
        return sessions(name_of(settings, instrument), _year(first_day - 1), _year(last_day + 1))
    except ValueError as error:
        raise Failure(f"archive.calendars: {error}") from error


def name_of(settings: Settings, instrument: str) -> str:
    patterns = settings.archive.calendars
    return next((patterns[p] for p in patterns if fnmatchcase(instrument, p)), ALWAYS_OPEN)


def _year(day: int) -> int:
    return datetime.fromtimestamp(day * DAY_NS // 10**9, UTC).year
