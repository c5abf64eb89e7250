"""Times as people write them."""

from datetime import UTC, datetime


def parse_ns(text: str) -> int:
    """``2024-08-08T23:53:20.5`` (UTC unless it says otherwise) or whole nanoseconds since the
    epoch → ns. Raises ValueError."""
    if text.isdecimal() and len(text) > 12:
        return int(text)
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is no time: write 2024-08-08T23:53:20.5 (UTC) or nanoseconds since 1970"
        ) from error
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    seconds = int(when.replace(microsecond=0).timestamp())
    return seconds * 10**9 + when.microsecond * 1000


def show_ns(ns: int) -> str:
    """``2024-08-08 23:53:20.123456789``, UTC."""
    return f"{datetime.fromtimestamp(ns // 10**9, UTC):%Y-%m-%d %H:%M:%S}.{ns % 10**9:09d}"
