"""Events → frames → log: batches each instrument's events and sends them with their cause.

A batch leaves when it is full, when its first event has waited ``max_delay_ns``, or before a plain
record of its instrument, so that the order of what came is the order in the log. Time is the
events' own receive time: from a capture file the frames are a function of the file alone, and a
connector that starts again makes the same ones and skips what the log has.
"""

from collections.abc import Callable

from connectors.batch import Batch
from connectors.events import Instrument, Rejected
from connectors.piece import Found
from schemas.codec import Codec, Message
from schemas.frames import MarketFrame, cut_market
from schemas.records import (
    Clock,
    DeadLetter,
    FeedQuality,
    PriceBand,
    Status,
    TradeNotice,
    VendorBar,
)
from streams.cause import Cause
from streams.log import Writer


class Publisher:
    """``source`` names where events come from; ``published`` gives the last position that the log
    holds of an instrument (-1 for none)."""

    def __init__(
        self,
        writer: Writer,
        codec: Codec,
        name: str,
        source: str,
        max_events: int,
        max_delay_ns: int,
        published: Callable[[str], int] = lambda _: -1,
    ) -> None:
        self._writer, self._codec = writer, codec
        self._name, self._source = f"connector.{name}", source
        self._max_events, self._max_delay_ns = max_events, max_delay_ns
        self._published = published
        self._batches: dict[str, Batch] = {}
        self._since: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._sent: dict[str, tuple[int, int]] = {}
        self.on_frame: Callable[[MarketFrame], None] = lambda _: None  # sees each frame of events
        self.events = self.frames = self.rejected = 0

    def take(self, event: Found, at: int, position: int) -> None:
        """An event that came at ``at`` (ns) as number ``position`` of its source; or a whole frame,
        as readers of columns make it."""
        match event:
            case MarketFrame():
                self._whole(event, position)
            case Rejected():
                self._reject(event, position)
            case Status() | TradeNotice() | PriceBand() | VendorBar():
                self.flush(event.instrument)
                self._send("ticks", event.instrument, event, position)
            case _:
                self._add(event.instrument, event, at, position)

    def quality(self, measured: FeedQuality, position: int) -> None:
        """What a feed measured of itself."""
        self._send("quality", measured.feed, measured, position)

    def clock(self, topic: str, key: str, ts: int, position: int) -> None:
        """Time passes for an instrument (``ticks``) or an account (``orders``)."""
        if topic == "ticks":
            self.flush(key)
        self._send(topic, key, Clock(key, ts), position)

    def _add(self, instrument: Instrument, event: object, at: int, position: int) -> None:
        name = instrument.name
        batch = self._batches.get(name)
        if batch is None:
            batch = self._batches[name] = Batch(instrument)
        if len(batch) and at - self._since[name] >= self._max_delay_ns:
            self.flush(name)
        if not len(batch):
            self._since[name] = at
        batch.add(event)  # type: ignore[arg-type]
        self._last[name] = position
        self.events += 1
        if len(batch) >= self._max_events:
            self.flush(name)

    def _whole(self, frame: MarketFrame, position: int) -> None:
        self.flush(frame.instrument)
        for start in range(0, len(frame), self._max_events):
            part = cut_market(frame, start, start + self._max_events)
            self._send("ticks", frame.instrument, part, position)
            self.events += len(part)
            self.frames += 1

    def flush(self, name: str | None = None) -> None:
        """Sends what waits, of one instrument or of all."""
        for key in [name] if name else list(self._batches):
            batch = self._batches.get(key)
            if batch:
                frame = batch.frame()
                self._send("ticks", key, frame, self._last[key])
                self.frames += 1
                self.on_frame(frame)

    def due(self, now: int) -> None:
        """Sends the batches that have waited long enough."""
        for key, batch in self._batches.items():
            if len(batch) and now - self._since[key] >= self._max_delay_ns:
                self.flush(key)

    def _reject(self, rejected: Rejected, position: int) -> None:
        self.rejected += 1
        letter = DeadLetter(self._source, 0, position, self._name, rejected.error, rejected.payload)
        self._send("dead-letters", self._source, letter, position)

    def _send(self, topic: str, key: str, message: Message, position: int) -> None:
        """Several records of one position are numbered; what the log has is left out."""
        last, index = self._sent.get(topic, (-1, 0))
        index = index + 1 if position == last else 0
        self._sent[topic] = (position, index)
        if topic == "ticks" and position <= self._published(key):
            return
        cause = Cause(self._name, self._source, position, index)
        self._writer.send(topic, key, self._codec.encode(message), cause)
