"""What the venues' codecs share: the contract, and how a message that cannot be read is refused.

A codec is the pure part of a venue: a message and its receive time in, events out. It keeps what it
must know of a stream (channel ids, last sequence numbers), has no socket, and never raises: what
it cannot read becomes ``Rejected`` with the original bytes.
"""

import calendar
import re
from collections.abc import Callable
from typing import Protocol, TypeAlias

from connectors.decimals import price, size
from connectors.events import Event, Instrument, Rejected

Events: TypeAlias = list[Event | Rejected]

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)")


class Codec(Protocol):
    """A venue's codec."""

    def receive(self, data: bytes, at: int) -> Events:
        """A WebSocket message that came at ``at`` (ns)."""
        ...

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """The answer to a REST request."""
        ...


def guarded(read: Callable[[], Events], data: bytes) -> Events:
    """What ``read`` makes of ``data``, or one Rejected that says why it could not."""
    try:
        return read()
    except KeyError as error:
        return [Rejected(f"field {error} is missing", data)]
    except (ValueError, TypeError, AttributeError, IndexError, ArithmeticError) as error:
        return [Rejected(str(error) or type(error).__name__, data)]


def levels(rows: list[list[str]], instrument: Instrument) -> list[tuple[int, int]]:
    """Price and size, the first two of each row, scaled. Raises ValueError."""
    _, price_scale, size_scale = instrument
    return [(price(row[0], price_scale), size(row[1], size_scale)) for row in rows]


def iso_ns(text: str) -> int:
    """``2021-04-17T16:43:30.244075Z`` → ns. Raises ValueError on anything but UTC."""
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a UTC time in ISO 8601")
    *fields, fraction = match.groups()
    seconds = calendar.timegm(tuple(map(int, fields)))
    return seconds * 10**9 + int((fraction or "").ljust(9, "0"))


def seconds_ns(text: str) -> int:
    """``1618678132.825`` → ns, with at most nine decimals. Raises ValueError."""
    whole, _, fraction = text.partition(".")
    if not (whole.isdecimal() and (fraction.isdecimal() or not fraction)) or len(fraction) > 9:
        raise ValueError(f"{text!r} is not a time in seconds")
    return int(whole) * 10**9 + int(fraction.ljust(9, "0"))


def decimals(text: str) -> int:
    """How many a number is written with."""
    return len(text.partition(".")[2])
