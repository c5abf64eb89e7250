"""The session of market data at any venue: all that does not depend on whose messages they are.

The venue's codec reads and writes; this watches. What always holds, for each instrument:

- A line that opens or breaks is told (CONNECTED, DISCONNECTED), and so is silence (STALE, and
  CONNECTED when it ends).
- A diff must follow the one before it. One that is there already, or older, is left out; one that
  leaves something out is a GAP, and the codec says how the venue wants the book mended. Until the
  snapshot comes (RESYNCED) it is asked again after a while; diffs go on as they come, because the
  book operator downstream brings them together with the snapshot.
- A trade whose id was there already is left out, and so is a vendor's bar that says nothing new.
- A line on which nothing comes where the venue promises heartbeats is given up.
"""

from dataclasses import dataclass, field, replace

from connectors.codec import Codec, Events
from connectors.events import (
    Beat,
    DepthEvent,
    GiveUp,
    Instrument,
    MarketEvent,
    Notice,
    OrderEvent,
    Reconnect,
    Rejected,
    Slower,
    TradeEvent,
)
from connectors.quality import Quality
from connectors.session import POLL, Authenticate, Fetch, SendText, Step
from connectors.venue import Venue
from schemas import frames
from schemas.enums import StatusKind
from schemas.records import FeedQuality, PriceBand, Status, TradeNotice, VendorBar

_SECOND = 10**9
_PATIENCE_NS = 10 * _SECOND
_LOOK_NS = _SECOND // 20  # between two looks at all instruments
BEATS = 3  # heartbeats that may be missing
_POLLS = 3  # rounds that an instrument may be silent, where the venue is only asked
_TRADES_KEPT = 1000  # ids an instrument
_BARS_KEPT = 5000  # of a vendor, an instrument


@dataclass(slots=True)
class _Line:
    """What the session knows of an instrument's stream."""

    instrument: Instrument
    symbol: str = ""  # empty: it was never asked for
    heard_ns: int = 0
    stale: bool = False
    last: int = 0  # sequence number of the last diff; 0 before the first
    synced: bool = False
    asked_ns: int = 0  # when a snapshot was asked for; 0 when none is under way
    traded_ns: int = 0  # venue time of the last trade
    trades: dict[int, None] = field(default_factory=dict)  # ids of the last ones
    bars: dict[tuple[str, str, int], VendorBar] = field(default_factory=dict)  # the last ones


class MarketSession:
    """``instruments`` by the venue's symbols; others are followed as they come. ``feed`` names the
    line in what it tells of its quality; an instrument is stale after ``stale_ns`` of silence."""

    def __init__(
        self,
        venue: Venue,
        codec: Codec,
        instruments: dict[str, Instrument],
        feed: str = "",
        stale_ns: int = 30 * _SECOND,
    ) -> None:
        self._venue, self._codec = venue, codec
        polls_s = _POLLS * venue.poll_s if codec.url.startswith(POLL) else 0
        self._stale_ns = max(stale_ns, int(polls_s * _SECOND))
        self._lines = {i.name: _Line(i, symbol) for symbol, i in instruments.items()}
        self._quality = Quality(feed or venue.name)
        self._open = False
        self._heard_ns = self._pinged_ns = self._polled_ns = self._looked_ns = 0
        self._patience_ns = _PATIENCE_NS

    @property
    def url(self) -> str:
        return self._codec.url

    def connected(self, at: int) -> Step:
        step = Step(requests=self._codec.opening())
        count, period_s = self._venue.limits.messages
        saying_ns = int(len(step.requests) * period_s / count * _SECOND)
        self._patience_ns = _PATIENCE_NS + saying_ns
        self._open, self._heard_ns, self._pinged_ns, self._polled_ns = True, at, at, at
        self._quality.began(at)
        self._quality.connections += 1
        for line in self._lines.values():
            line.last, line.synced, line.stale = 0, False, False
            line.heard_ns = at
            line.asked_ns = at if self._venue.books else 0
            step.events.append(_status(line, at, StatusKind.CONNECTED, self.url))
        return step

    def disconnected(self, at: int, why: str) -> Step:
        self._open = False
        lines = self._lines.values()
        return Step([_status(line, at, StatusKind.DISCONNECTED, why) for line in lines])

    def receive(self, data: bytes, at: int) -> Step:
        self._quality.messages += 1
        self._heard_ns = at
        return self._take(self._codec.receive(data, at), at, in_stream=True)

    def answered(self, url: str, body: bytes, at: int) -> Step:
        return self._take(self._codec.answer(url, body, at), at, in_stream=False)

    def bad_checksum(self, instrument: str, at: int) -> Step:
        """Nothing is said of it here: the book operator finds the same and says so."""
        step = Step()
        self._quality.checksum_failures += 1
        self._ask(self._lines[instrument], at, step)
        return step

    def tick(self, now: int) -> Step:
        step = Step()
        if not self._open or now - self._looked_ns < _LOOK_NS:
            return step
        self._looked_ns = now
        self._keep_alive(now, step)
        for line in self._lines.values():
            if not line.stale and now - line.heard_ns >= self._stale_ns:
                line.stale = True
                detail = f"no message for {self._stale_ns / _SECOND:g} s"
                told_at = line.heard_ns + self._stale_ns
                step.events.append(_status(line, told_at, StatusKind.STALE, detail))
            if line.asked_ns and now - line.asked_ns > self._patience_ns:
                line.asked_ns = 0
                self._ask(line, now, step)
        return step

    def quality(self, now: int, round_trip_ns: int) -> FeedQuality:
        lines = self._lines.values()
        stale = sum(line.stale for line in lines)
        unsynced = sum(not line.synced for line in lines) if self._venue.books else 0
        return self._quality.record(now, round_trip_ns, len(lines), stale, unsynced)

    def _keep_alive(self, now: int, step: Step) -> None:
        silence_s = BEATS * self._venue.heartbeat_s
        if silence_s and now - self._heard_ns > silence_s * _SECOND:
            self._heard_ns = now
            step.requests.append(Reconnect(f"no heartbeat for {silence_s:g} s"))
        ping_s = self._venue.ping_s
        if ping_s and now - self._pinged_ns >= ping_s * _SECOND:
            self._pinged_ns = now
            step.requests.append(SendText(self._codec.ping(now)))
        poll_s = self._venue.poll_s
        if poll_s and now - self._polled_ns >= poll_s * _SECOND:
            self._polled_ns = now
            for line in self._lines.values():
                step.requests += self._codec.mend(line.symbol) if line.symbol else []

    def _take(self, events: Events, at: int, in_stream: bool) -> Step:
        step = Step()
        for event in events:
            match event:
                case Fetch() | SendText() | Authenticate() | Reconnect() | Slower() | GiveUp():
                    step.requests.append(event)
                case Beat():
                    self._quality.latency(at - event.ts_event)
                case Rejected():
                    self._quality.rejected += 1
                    step.events.append(event)
                case Status():
                    self._tell(event, step)
                case TradeNotice() | PriceBand() | VendorBar():
                    self._notice(event, at, step)
                case _:
                    self._market(event, at, in_stream, step)
        return step

    def _tell(self, status: Status, step: Step) -> None:
        line = self._lines.get(status.instrument)
        if status.kind is StatusKind.GAP and line:
            self._gap(line, status.ts_recv, status.detail, step)
        else:
            step.events.append(status)

    def _market(self, event: MarketEvent, at: int, in_stream: bool, step: Step) -> None:
        line = self._line(event.instrument)
        _heard(line, at, step)
        if not self._is_new(line, event, at, in_stream, step):
            return
        self._quality.events += 1
        step.events.append(event)
        match event:
            case DepthEvent(snapshot=True) | OrderEvent(action=frames.CLEAR):
                self._whole(line, event, step)
            case _ if event.ts_event != at:
                self._quality.latency(at - event.ts_event)

    def _notice(self, notice: Notice, at: int, step: Step) -> None:
        line = self._lines.get(notice.instrument)
        if line:
            _heard(line, at, step)
        if line and isinstance(notice, VendorBar) and not _new_bar(line, notice):
            self._quality.duplicates += 1
            return
        self._quality.events += 1
        step.events.append(notice)

    def _line(self, instrument: Instrument) -> _Line:
        line = self._lines.get(instrument.name)
        if line is None:
            line = self._lines[instrument.name] = _Line(instrument)
        return line

    def _is_new(
        self, line: _Line, event: MarketEvent, at: int, in_stream: bool, step: Step
    ) -> bool:
        match event:
            case TradeEvent():
                return self._new_trade(line, event)
            case DepthEvent(snapshot=True):
                line.last = event.seq if in_stream else line.last
            case DepthEvent():
                return self._follows(line, event, at, step)
        return True

    def _new_trade(self, line: _Line, trade: TradeEvent) -> bool:
        if trade.trade_id in line.trades:
            self._quality.duplicates += 1
            return False
        line.trades[trade.trade_id] = None
        if len(line.trades) > _TRADES_KEPT:
            del line.trades[next(iter(line.trades))]
        self._quality.out_of_order += trade.ts_event < line.traded_ns
        line.traded_ns = max(line.traded_ns, trade.ts_event)
        return True

    def _follows(self, line: _Line, diff: DepthEvent, at: int, step: Step) -> bool:
        if line.last and diff.prev_seq != line.last:
            if diff.seq == line.last:
                self._quality.duplicates += 1
                return False
            if diff.seq < line.last:
                self._quality.out_of_order += 1
                return False
            detail = f"diff follows {diff.prev_seq}, the last was {line.last}"
            self._gap(line, at, detail, step)
        line.last = diff.seq
        return True

    def _gap(self, line: _Line, at: int, detail: str, step: Step) -> None:
        self._quality.gaps += 1
        line.synced = False
        step.events.append(_status(line, at, StatusKind.GAP, detail))
        self._ask(line, at, step)

    def _ask(self, line: _Line, at: int, step: Step) -> None:
        if not line.asked_ns:
            line.asked_ns = at
            step.requests += self._codec.mend(line.symbol) if line.symbol else []

    def _whole(self, line: _Line, event: DepthEvent | OrderEvent, step: Step) -> None:
        """Only what was waited for is told: some venues send snapshots all the time."""
        if not line.synced:
            line.synced = True
            self._quality.resyncs += 1
            detail = f"snapshot at {event.seq}"
            step.events.append(_status(line, event.ts_recv, StatusKind.RESYNCED, detail))
        line.asked_ns = 0


def _heard(line: _Line, at: int, step: Step) -> None:
    line.heard_ns = at
    if line.stale:
        line.stale = False
        step.events.append(_status(line, at, StatusKind.CONNECTED, "messages come again"))


def _new_bar(line: _Line, bar: VendorBar) -> bool:
    key = (bar.spec, bar.basis, bar.ts_open)
    known = line.bars.pop(key, None)
    line.bars[key] = bar
    if len(line.bars) > _BARS_KEPT:
        del line.bars[next(iter(line.bars))]
    return known is None or replace(known, ts_event=bar.ts_event, ts_recv=bar.ts_recv) != bar


def _status(line: _Line, at: int, kind: StatusKind, detail: str) -> Status:
    return Status(line.instrument.name, at, at, kind, detail)
