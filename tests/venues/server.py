"""The skeleton of the local servers that stand in for venues, and of the tests against them.

A server plays messages to who is subscribed. It folds them into a naive book of its own first, so
that a snapshot asked for at any moment fits the stream, and then things go wrong as they are told
to: the line breaks and the market goes on meanwhile, messages are lost on the way, requests are
throttled. What a venue adds is a subclass: how it answers what is sent to it, and its REST paths.
"""

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from aiohttp import WSMsgType, web

from config.tree import Settings, VenuePlace
from connectors import forms
from connectors.checked_books import warm_up
from connectors.events import Instrument
from connectors.feed import STOPPED, Feed
from connectors.play import play
from connectors.publish import Publisher
from console.live import live_feed
from schemas.codec import Codec, Message
from schemas.frames import CHECKSUM, DEPTH, QUOTE, TRADE, MarketFrame
from schemas.records import PriceBand, Status, TradeNotice, VendorBar
from streams.cause import Cause
from streams.operators.market import book as bk
from streams.operators.market.follow import Book
from streams.operators.market.queries import levels
from tests.venues.books import TextBook


def recorded_texts(path: Path) -> list[str]:
    """What came from the venue, of a capture as cryptofeed writes it."""
    with gzip.open(path, "rt") as file:
        return [t.partition(": ")[2].strip() for t in file if t[:1].isdigit() and ": " in t]


_SETTLED_S = 0.1

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Troubles:
    """Numbers of messages: after which the line breaks, and how many the market then goes on
    without us; which are lost on the way. ``throttled``: the requests answered with 429."""

    break_after: tuple[int, ...] = ()
    missed: int = 0
    lost: tuple[int, ...] = ()
    throttled: tuple[int, ...] = ()


class VenueServer:
    """Plays ``messages`` once the client's subscriptions make it ``ready``."""

    path = "/"
    books: dict[str, TextBook]
    """By the venue's symbols."""

    def __init__(self, messages: list[str], troubles: Troubles) -> None:
        self.messages, self.troubles = messages, troubles
        self.played = 0
        self.lines = 0
        self.heard: list[str] = []
        self.requests: list[str] = []
        self.played_out = asyncio.Event()
        self._turn = asyncio.Lock()  # a snapshot and what follows it come in their order

    def hear(self, text: str) -> list[str]:
        """Answers to what a client sends."""
        raise NotImplementedError

    def outgoing(self, text: str) -> str:
        """A message as it goes out on this line, and may be lost then; some venues number them.
        Empty where the client is not subscribed to it."""
        return text

    def ready(self) -> bool:
        """Whether a client that has just connected asked for all that is played."""
        raise NotImplementedError

    def apply(self, message: str) -> None:
        """Folds a message into the server's own book."""

    def greeting(self) -> list[str]:
        """Sent as soon as a line opens."""
        return []

    def rest(self) -> dict[str, Handler]:
        """Path → what answers it."""
        return {}

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.lines += 1
        self.opened(request)
        for text in self.greeting():
            await socket.send_str(self.outgoing(text))
        player = asyncio.create_task(self._play(socket))
        try:
            async for received in socket:
                assert received.type is WSMsgType.TEXT
                self.heard.append(received.data)
                async with self._turn:
                    for answer in self.hear(received.data):
                        await socket.send_str(self.outgoing(answer))
        except ConnectionResetError:
            pass
        finally:
            player.cancel()
        return socket

    def opened(self, request: web.Request) -> None:
        """A client has connected: nothing is subscribed."""

    async def _play(self, socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionResetError):
            while not self.ready():  # noqa: ASYNC110  # a client says it message by message
                await asyncio.sleep(0.002)
            while self.played < len(self.messages):
                async with self._turn:
                    number = self._advance()
                    text = self.outgoing(self.messages[number])
                    if text and number not in self.troubles.lost:
                        await socket.send_str(text)
                if number in self.troubles.break_after:
                    for _ in range(self.troubles.missed):
                        self._advance()
                    await socket.close()
                    return
                await asyncio.sleep(0.001 if number % 20 == 0 else 0)
            self.played_out.set()

    def _advance(self) -> int:
        number = self.played
        self.played += 1
        self.apply(self.messages[number])
        return number

    async def _throttled(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append(request.path_qs)
        if len(self.requests) in self.troubles.throttled:
            return web.Response(status=429, headers={"Retry-After": "0"})
        return await handler(request)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[VenuePlace]:
        """On a free port of the loopback; gives where to find it."""

        @web.middleware
        async def throttle(request: web.Request, handler: Handler) -> web.StreamResponse:
            is_stream = request.headers.get("Upgrade") == "websocket"
            return await (handler(request) if is_stream else self._throttled(request, handler))

        app = web.Application(middlewares=[throttle])
        app.router.add_get(self.path, self.stream)
        for path, handler in self.rest().items():
            app.router.add_get(path, handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield VenuePlace(f"ws://{address}", f"http://{address}")
        finally:
            await runner.cleanup()


@dataclass
class Log:
    """A Writer that keeps what is sent."""

    codec: Codec
    sent: list[tuple[str, bytes, Cause]] = field(default_factory=list)

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        self.sent.append((topic, value, cause))

    def flush(self) -> None:
        """Kept already."""

    @property
    def events(self) -> int:
        """Records that do not only tell the time."""
        return sum(cause.writer != "connector.clock" for _, _, cause in self.sent)

    def messages(self, topic: str) -> list[Message]:
        return [self.codec.decode(value) for name, value, _ in self.sent if name == topic]


def with_place(settings: Settings, word: str, place: VenuePlace, folder: Path) -> Settings:
    """Settings under which a venue is found at ``place``, with a reference file of its own."""
    connectors = replace(
        settings.connectors, venues={word: place}, reference=str(folder / "instruments")
    )
    return replace(settings, connectors=connectors)


async def run_against(
    server: VenueServer,
    source: str,
    settings: Settings,
    log: Log,
    folder: Path,
    until: Callable[[], bool] = lambda: True,
) -> Feed:
    """A live feed of ``source`` until the server has played out and ``until`` holds. Its capture,
    ``live.gz`` in the folder, must give the same rows when it is played."""
    word = source.partition(":")[0]
    async with server.serving() as place:
        made = with_place(settings, word, place, folder)
        feed = await live_feed(source, made, log.codec, log, folder / "live.gz")
        if feed.checks:
            warm_up()
        task = asyncio.create_task(feed.run())
        try:
            async with asyncio.timeout(300):  # a busy machine is no failure
                await server.played_out.wait()
                before = -1
                while not ((until() and before == log.events) or task.done()):
                    before = log.events  # until it has heard all that was sent
                    await asyncio.sleep(_SETTLED_S)
        finally:
            task.cancel()
            ended = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended[0], asyncio.CancelledError), ended
    assert rows(replayed(folder / "live.gz", log.codec)) == rows(log)
    return feed


def replayed(path: Path, codec: Codec) -> Log:
    """What a capture gives when it is played."""
    log = Log(codec)
    play(forms.recognise(path)[1], Publisher(log, codec, "replay", "x", 1000, 10**9), (), 10**9)
    return log


def rows(log: Log) -> dict[str, list[tuple[object, ...]]]:
    """All that the log holds of each instrument, event by event, however it was framed."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for message in log.messages("ticks"):
        if isinstance(message, MarketFrame):
            found.setdefault(message.instrument, []).extend(_events(message))
        elif isinstance(message, Status | TradeNotice | PriceBand | VendorBar):
            found.setdefault(message.instrument, []).append(tuple(map(str, astuple(message))))
    return found


def told(log: Log, name: str = "*") -> list[str]:
    """The kinds of what was told of instruments, in the order of the log."""
    found = [m for m in log.messages("ticks") if isinstance(m, Status)]
    return [str(m.kind) for m in found if fnmatchcase(m.instrument, name)]


def listed(capture: Path) -> dict[str, Instrument]:
    """The instruments of a captured feed, by the venue's symbols."""
    with gzip.open(capture, "rt") as file:
        made = json.loads(file.readline().partition(": ")[2])
    return {symbol: Instrument(*row) for symbol, row in made["instruments"].items()}


def book_of(log: Log, name: str) -> tuple[dict[int, int], dict[int, int]]:
    """The book that the book operator had of an instrument when the feed was stopped; empty where
    it was not whole."""
    book = Book()
    for message in log.messages("ticks"):
        if isinstance(message, MarketFrame) and message.instrument == name:
            book.fold(message)
        elif isinstance(message, Status) and message.detail == STOPPED:
            break
        elif isinstance(message, Status) and message.instrument == name:
            book.hear(message.kind)
    if not book.state.meta[bk.SYNCED]:
        return {}, {}
    return dict(levels(book.state, bk.BID)), dict(levels(book.state, bk.ASK))


def _events(frame: MarketFrame) -> Iterator[tuple[object, ...]]:
    sections = {TRADE: frame.trades, QUOTE: frame.quotes, CHECKSUM: frame.checksums}
    at = dict.fromkeys((*sections, DEPTH), 0)
    level = 0
    for kind in frame.kinds.tolist():
        row, at[kind] = at[kind], at[kind] + 1
        if kind == DEPTH:
            head = tuple(int(column[row]) for column in frame.depth[:7])
            count = head[5] + head[6]
            levels = (c[level : level + count].tolist() for c in frame.depth[7:])
            yield (kind, *head, *map(tuple, levels))
            level += count
        else:
            yield (kind, *(int(column[row]) for column in sections[kind]))
