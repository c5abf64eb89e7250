"""What a run looks like from outside: a fold over what comes on the topics. Pure: the time at
which a record came is given."""

from collections import Counter, deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schemas.codec import Message
from schemas.frames import MarketFrame, TapeFrame
from schemas.ledger import Decision, Fill, Position
from schemas.records import Status
from streams.log import LogRecord

_WINDOW_S = 5.0
_KEPT_LATENCIES = 200_000
_LINES = 200
_LIVE_S = 600.0


@dataclass(slots=True)
class BookView:
    """The last book of an instrument, as (price, size) best first, scaled."""

    bids: list[tuple[int, int]]
    asks: list[tuple[int, int]]
    price_scale: int
    size_scale: int


@dataclass(slots=True)
class Stats:
    """``latencies_s``: from receiving a frame's last event to its record being read here."""

    started: float
    finished: float = 0.0  # when watching ended; what waits is stored after that
    events: int = 0
    frames: int = 0
    records: Counter[str] = field(default_factory=Counter)
    books: dict[str, BookView] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    decisions: Counter[str] = field(default_factory=Counter)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LINES))
    fills: int = 0
    gaps: int = 0
    dead_letters: int = 0
    first_fill_s: float | None = None
    latencies_s: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT_LATENCIES))
    per_second: Counter[int] = field(default_factory=Counter)
    equity: list[tuple[int, Decimal]] = field(default_factory=list)
    _recent: deque[tuple[float, str, int]] = field(default_factory=deque)

    def take(self, record: LogRecord, message: Message, now: float) -> None:
        """A record of any topic, read at ``now`` (seconds of the wall clock)."""
        self.records[record.topic] += 1
        match message:
            case MarketFrame():
                self._frame(message, now)
            case TapeFrame() if record.topic == "tape" and len(message.books.seq):
                self.books[message.instrument] = _book(message)
            case Decision():
                self.decisions["approved" if message.approved else message.rule] += 1
                self.lines.append(message.text)
            case Fill():
                self._fill(message, now)
            case Position():
                self.positions[message.instrument] = message
                self.equity.append((message.ts_event, self.pnl()))
            case Status() if record.topic == "tape":
                self.gaps += message.kind in ("GAP", "CROSSED")
                self.lines.append(f"{message.kind} {message.instrument} {message.detail}")
        if record.topic == "dead-letters":
            self.dead_letters += 1
        self._recent.append((now, record.topic, 1))

    def _frame(self, frame: MarketFrame, now: float) -> None:
        self._recent.append((now, "events", len(frame)))
        self.events += len(frame)
        self.frames += 1
        self.per_second[int(now - self.started)] += len(frame)
        for section in (frame.trades, frame.quotes, frame.depth):
            if len(section.ts_recv):
                self._latency(now - int(section.ts_recv[-1]) / 1e9)

    def _latency(self, seconds: float) -> None:
        """Of what comes now; a capture from another day has none."""
        if seconds < _LIVE_S:
            self.latencies_s.append(max(seconds, 0.0))

    def _fill(self, fill: Fill, now: float) -> None:
        self.fills += 1
        if self.first_fill_s is None:
            self.first_fill_s = now - self.started
        size, price = scaled(fill.size, fill.size_scale), scaled(fill.price, fill.price_scale)
        self.lines.append(f"filled: {fill.side} {size} {fill.instrument} at {price}")

    def pnl(self) -> Decimal:
        """Realised and unrealised, after fees, over all positions."""
        return sum(
            (p.realised_pnl + p.unrealised_pnl - p.fees for p in self.positions.values()),
            Decimal(0),
        )

    def rates(self, now: float) -> dict[str, float]:
        """Records of each topic and, as ``events``, events a second, over the last seconds."""
        while self._recent and self._recent[0][0] < now - _WINDOW_S:
            self._recent.popleft()
        totals: Counter[str] = Counter()
        for _, topic, events in self._recent:
            totals[topic] += events
        span = min(max(now - self.started, 0.5), _WINDOW_S)
        return {topic: count / span for topic, count in totals.items()}

    def latency(self, quantile: float) -> float | None:
        """Seconds; over what was kept."""
        ordered = sorted(self.latencies_s)
        return ordered[int(quantile * (len(ordered) - 1))] if ordered else None


def scaled(value: int, scale: int) -> str:
    """A scaled integer in plain notation."""
    return f"{Decimal(value).scaleb(-scale):,f}"


def _book(tape: TapeFrame) -> BookView:
    books, n = tape.books, tape.levels
    return BookView(
        _levels(books.bid_price[-n:], books.bid_size[-n:]),
        _levels(books.ask_price[-n:], books.ask_size[-n:]),
        tape.price_scale,
        tape.size_scale,
    )


def _levels(prices: Any, sizes: Any) -> list[tuple[int, int]]:
    pairs = zip(prices.tolist(), sizes.tolist(), strict=True)
    return [(price, size) for price, size in pairs if size]
