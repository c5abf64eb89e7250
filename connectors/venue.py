"""What the common session must know of a venue besides its codec: addresses, limits, habits."""

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.access import Access
from connectors.codec import Codec
from connectors.events import Instrument
from connectors.reference import Listing, TradingDay
from connectors.trading.credentials import Credentials


@dataclass(frozen=True, slots=True)
class Place:
    """Where a venue is: ``socket`` is the base of WebSocket addresses, ``rest`` of HTTP ones."""

    socket: str
    rest: str


@dataclass(frozen=True, slots=True)
class Limits:
    """``symbols`` a line; ``messages`` that we may send on it, ``weight`` of requests, and
    ``lines`` that we may open, each as (how many, in seconds)."""

    symbols: int
    messages: tuple[float, float]
    weight: tuple[float, float]
    lines: tuple[float, float] = (20, 60.0)


@dataclass(frozen=True, slots=True)
class Reads:
    """A part of the reference data: the path of a GET, and what makes listings of its answer."""

    path: str
    parse: Callable[[bytes], list[Listing]]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The path of a GET, and what makes days of trading of its answer."""

    path: str
    parse: Callable[[bytes], list[TradingDay]]


@dataclass(frozen=True, slots=True)
class Venue:
    """``name`` begins the names of its instruments. ``heartbeat_s``: the venue promises a message
    at least so often, 0 when it promises none; ``ping_s``: how often it wants one, 0 when never.
    ``checks``: its documented answer to a wrong checksum is to mend the book, so the feed folds
    books to know. ``books``: it tells whole books. ``poll_s``: how often it is asked, where it
    tells nothing by itself. ``access`` makes of keys what the venue wants to see, where it wants
    any; ``secret``: they are two words. ``unlisted`` makes a listing of a symbol where the venue
    has no list of all. ``next_page``: the address of the rest of a list, in its answer.
    ``calendar``: its days of trading. ``library`` makes what answers a request in place of an
    HTTP GET, for a vendor that only a library can ask; it blocks, and raises OSError. ``hosts`` are
    those in captures that belong to it. What follows is for people: the docs are made of it."""

    name: str
    title: str
    place: Place
    codec: Callable[[dict[str, Instrument], Place], Codec]
    reads: tuple[Reads, ...]
    limits: Limits
    heartbeat_s: float = 0.0
    ping_s: float = 0.0
    checks: bool = False
    books: bool = True
    poll_s: float = 0.0
    access: Callable[[Credentials], Access] | None = None
    secret: bool = True
    unlisted: Callable[[str], Listing | None] | None = None
    next_page: Callable[[bytes], str] | None = None
    calendar: Calendar | None = None
    library: Callable[[], Callable[[str], bytes]] | None = None
    hosts: tuple[str, ...] = ()
    example: str = ""
    channels: tuple[str, ...] = ()
    recovery: str = ""
    keys: str = ""
    documentation: str = ""
    licence: str = ""
    notes: tuple[str, ...] = field(default=())
