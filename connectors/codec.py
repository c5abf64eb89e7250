"""What the venues' codecs share: the contract, and how a message that cannot be read is refused.

A codec is the pure part of a venue and all that a venue adds: it reads what the venue says, and
writes what is said to it. It keeps what it must know of a line (channel ids, last sequence
numbers), has no socket, and never raises: what it cannot read becomes ``Rejected`` with the
original bytes.
Everything that venues have in common is in ``market_session.py``.
"""

import calendar
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

import orjson

from connectors.decimals import LIMIT, price, size
from connectors.events import Beat, Event, Instrument, Rejected
from connectors.names import ALIASES, of_symbol
from connectors.session import Request, SendText

Events: TypeAlias = list[Event | Rejected | Beat | Request]

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)")


class Codec(Protocol):
    """A venue's codec, of one line. A book that a diff or a checksum shows to be wrong is mended
    as the venue documents it: by a snapshot fetched, a new subscription, or a new line."""

    url: str

    def receive(self, data: bytes, at: int) -> Events:
        """A message that came on the line at ``at`` (ns). A ``Status`` of kind GAP among the
        events asks for the book to be mended; requests, such as the subscription after a log-in,
        are passed on."""
        ...

    def answer(self, url: str, body: bytes, at: int) -> Events:
        """The answer to a REST request, also one that says what is wrong with it (HTTP 4xx)."""
        ...

    def opening(self) -> list[Request]:
        """What is asked for on a new line; forgets what belonged to the old one."""
        ...

    def mend(self, symbol: str) -> list[Request]:
        """The venue's own procedure to get a whole book of ``symbol`` again; where the venue is
        polled, what is asked for each time."""
        ...

    def ping(self, now: int) -> str:
        """What keeps the line alive, where the venue wants it; else empty."""
        ...


class Instruments(dict[str, Instrument]):
    """By the venue's symbols, as listed. One that is not listed, as in a recording without
    reference data, gets its name by rule and ``scales`` that hold all the venue sends."""

    def __init__(
        self,
        venue: str,
        listed: Mapping[str, Instrument],
        scales: tuple[int, int],
        aliases: Mapping[str, str] = ALIASES,
    ) -> None:
        super().__init__(listed)
        self._venue, self._scales, self._aliases = venue, scales, aliases

    def __missing__(self, symbol: str) -> Instrument:
        made = Instrument(of_symbol(self._venue, symbol, self._aliases), *self._scales)
        self[symbol] = made
        return made


def guarded(read: Callable[[], Events], data: bytes) -> Events:
    """What ``read`` makes of ``data``, or one Rejected that says why it could not."""
    try:
        events = read()
        for event in events:
            _check(event)
        return events
    except KeyError as error:
        return [Rejected(f"field {error} is missing", data)]
    except (ValueError, TypeError, AttributeError, IndexError, ArithmeticError) as error:
        return [Rejected(str(error) or type(error).__name__, data)]


def _check(event: Any) -> None:
    """Raises ValueError for a number that no column holds; prices and sizes were checked."""
    values = event if isinstance(event, tuple) else (getattr(event, "ts_event", 0),)
    for value in values:
        if isinstance(value, int) and not -LIMIT <= value < LIMIT:
            raise ValueError(f"{value} in {type(event).__name__} has more than 64 bits")


def levels(rows: list[list[str]], instrument: Instrument) -> list[tuple[int, int]]:
    """Price and size, the first two of each row, scaled. Raises ValueError."""
    _, price_scale, size_scale = instrument
    return [(price(row[0], price_scale), size(row[1], size_scale)) for row in rows]


def sent(message: Any) -> SendText:
    """A JSON message for the venue."""
    return SendText(orjson.dumps(message).decode())


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
