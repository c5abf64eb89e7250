"""Live feeds: from a word such as ``kraken:BTC-USD,ETH-USD`` to the feed of a venue."""

import asyncio
import difflib
import random
import threading
import time
from dataclasses import fields
from pathlib import Path

from prometheus_client import Counter, Gauge

from config.tree import Settings
from connectors.access import NOBODY, Access
from connectors.capture import CaptureWriter
from connectors.checked_books import warm_up
from connectors.clock import Clock
from connectors.events import Instrument
from connectors.feed import Feed, Line
from connectors.market_session import MarketSession
from connectors.publish import Publisher
from connectors.rate_limit import Budget
from connectors.reconnect import Backoff
from connectors.reference import Listing, Lists, Reference, load
from connectors.trading.credentials import load_credentials
from connectors.venue import Place, Venue
from connectors.venues import VENUES
from console.errors import Failure
from console.home import HOME
from schemas.codec import Codec
from schemas.records import Clock as ClockRecord
from schemas.records import FeedQuality
from streams.cause import Cause
from streams.log import Writer


async def live(
    source: str,
    settings: Settings,
    codec: Codec,
    writer: Writer,
    stop: threading.Event,
    capture: Path | None,
) -> None:
    """Publishes until ``stop`` is set. Raises Failure for an unknown venue or symbol, and
    NoReference."""
    feed = await live_feed(source, settings, codec, writer, capture)
    if feed.checks:
        warm_up()
    task = asyncio.create_task(feed.run())
    while not (stop.is_set() or task.done()):  # noqa: ASYNC110  # signals set a threading event
        await asyncio.sleep(0.1)
    task.cancel()
    (ended,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(ended, Exception):
        raise ended


async def live_feed(
    source: str, settings: Settings, codec: Codec, writer: Writer, capture: Path | None
) -> Feed:
    """The feed for ``VENUE:SYMBOL,SYMBOL``. Raises Failure for an unknown venue or symbol, and
    NoReference where the venue's instruments cannot be had, KeysError where it wants keys that are
    not there."""
    word, _, names = source.partition(":")
    word, symbols = word.lower(), [s for s in names.split(",") if s]
    venue = VENUES.get(word)
    if venue is None or not symbols:
        raise Failure(
            f"{source!r}: use sim, a capture file, or VENUE:SYMBOL with one of {', '.join(VENUES)}"
        )
    place = place_of(word, settings)
    access = _access(word)
    listed = _asked(symbols, await reference(word, settings), word)
    lines = tuple(_lines(word, venue, place, listed, settings, capture, access))
    connectors = settings.connectors
    publisher = Publisher(
        writer, codec, word, "live", connectors.frame_events, connectors.frame_delay
    )
    return Feed(
        lines,
        publisher,
        Budget(*venue.limits.weight),
        Budget(*venue.limits.lines),
        connectors.quality,
        venue.checks,
        TimeTeller(settings, codec, writer, [i.name for i in listed.values()]),
        _meter,
        venue.library() if venue.library else None,
    )


def place_of(word: str, settings: Settings) -> Place:
    """The venue's own addresses, or those of the configuration. Raises Failure where that names a
    venue that is none."""
    for name in settings.connectors.venues:
        if name not in VENUES:
            near = difflib.get_close_matches(name, VENUES, 1) or list(VENUES)
            raise Failure(f"connectors.venues.{name} is no venue; did you mean {near[0]}?")
    own, chosen = VENUES[word].place, settings.connectors.venues.get(word)
    if chosen is None:
        return own
    return Place(chosen.socket or own.socket, chosen.rest or own.rest)


async def reference(word: str, settings: Settings) -> Reference:
    """A venue's instruments, from the venue or from the file that keeps them."""
    venue, place, connectors = VENUES[word], place_of(word, settings), settings.connectors
    urls = {f"{place.rest}{part.path}": part.parse for part in venue.reads}
    calendar = venue.calendar
    days = (f"{place.rest}{calendar.path}", calendar.parse) if calendar else None
    access = _access(word) if urls else NOBODY
    lists = Lists(urls, venue.limits.weight, access, venue.next_page, days)
    path = Path(connectors.reference) / f"{word}.json"
    return await load(venue.name, lists, path, time.time_ns(), connectors.reference_age)


def _access(word: str) -> Access:
    """Who we are to a venue that wants to know; its keys lie where those of an account of
    the venue's name do."""
    venue = VENUES[word]
    if venue.access is None:
        return NOBODY
    return venue.access(load_credentials(venue.name.lower(), HOME, secret=venue.secret))


def _asked(symbols: list[str], known: Reference, word: str) -> dict[str, Instrument]:
    """By the venue's symbols."""
    found = {}
    for symbol in symbols:
        one = known.find(symbol) or _unlisted(word, symbol)
        if one is None:
            names = [listing.name.partition(":")[2] for listing in known.listings]
            near = difflib.get_close_matches(symbol.upper(), names, 3)
            hint = f"; near it are {', '.join(near)}" if near else ""
            raise Failure(
                f"{known.venue} trades no symbol {symbol!r}{hint} (tickstream instruments {word})"
            )
        found[one.symbol] = one.instrument
    return found


def _unlisted(word: str, symbol: str) -> Listing | None:
    """Of a venue that has no list of all its instruments."""
    make = VENUES[word].unlisted
    return make(symbol) if make else None


def _lines(
    word: str,
    venue: Venue,
    place: Place,
    listed: dict[str, Instrument],
    settings: Settings,
    capture: Path | None,
    access: Access,
) -> list[Line]:
    """As many as the venue's limit of symbols a line asks for."""
    most, symbols = venue.limits.symbols, list(listed)
    parts = [symbols[n : n + most] for n in range(0, len(symbols), most)]
    lines, stale_ns = [], settings.connectors.stale_after
    for number, part in enumerate(parts, 1):
        of_line = {symbol: listed[symbol] for symbol in part}
        name = venue.name if len(parts) == 1 else f"{venue.name}/{number}"
        session = MarketSession(venue, venue.codec(of_line, place), of_line, name, stale_ns)
        file = _capture(capture, number, len(parts))
        if file:
            file.begins(word, (place.socket, place.rest), name, stale_ns, of_line)
        names = tuple(i.name for i in of_line.values())
        backoff = Backoff(random.Random(time.time_ns() + number))
        lines.append(Line(session, backoff, Budget(*venue.limits.messages), names, file, access))
    return lines


def _capture(path: Path | None, number: int, of: int) -> CaptureWriter | None:
    """A file a line: ``kraken.gz``, or ``kraken-1.gz`` and so on."""
    if path is None:
        return None
    return CaptureWriter(path if of == 1 else path.with_stem(f"{path.stem}-{number}"))


class TimeTeller:
    """Writes clock records for every instrument and account."""

    def __init__(
        self, settings: Settings, codec: Codec, writer: Writer, instruments: list[str]
    ) -> None:
        self._codec, self._writer = codec, writer
        self._clock = Clock(settings.connectors.clock)
        self._keys = [("ticks", name) for name in instruments]
        self._keys += [("orders", account) for account in settings.accounts]

    def __call__(self, now: int) -> None:
        for ts in self._clock.due(now):
            for index, (topic, key) in enumerate(self._keys):
                cause = Cause("connector.clock", "clock", ts, index)
                self._writer.send(topic, key, self._codec.encode(ClockRecord(key, ts)), cause)


_COUNTED = (
    *("messages", "events", "rejected", "gaps", "duplicates", "out_of_order", "resyncs"),
    *("checksum_failures", "connections"),
)
_MEASURED = tuple(
    f.name
    for f in fields(FeedQuality)
    if f.name not in (*_COUNTED, "feed", "ts_event", "period_ns")
)
_COUNTERS = {
    name: Counter(f"tickstream_feed_{name}", f"{name} of a live feed", ["feed"])
    for name in _COUNTED
}
_GAUGES = {
    name: Gauge(f"tickstream_feed_{name}", f"{name} of a live feed", ["feed"]) for name in _MEASURED
}


def _meter(measured: FeedQuality) -> None:
    """A feed's quality for Prometheus."""
    for name, counter in _COUNTERS.items():
        counter.labels(measured.feed).inc(getattr(measured, name))
    for name, gauge in _GAUGES.items():
        gauge.labels(measured.feed).set(getattr(measured, name))
