"""Time bars as anybody would make them: a list of trades a period, looked at for each row."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.twins.bars_by_hand import Row, Trade, sums


@dataclass
class Bar:
    start: int
    end: int
    last_close: int = 0  # of the bar before, for a flat one
    own: list[Trade] = field(default_factory=list)
    late: list[Trade] = field(default_factory=list)
    revision: int = 0

    def row(self) -> Row:
        ordered = sorted(self.own, key=lambda t: t.ts) or self.late[:1]
        everyone = self.own + self.late
        prices = [t.price for t in everyone] or [self.last_close]
        return Row(
            self.start,
            self.end,
            ordered[0].price if ordered else self.last_close,
            max(prices),
            min(prices),
            ordered[-1].price if ordered else self.last_close,
            *sums(everyone),
            self.revision,
            len(self.late),
        )


class TimeBarsByHand:
    """``sessions``: (open, close) pairs, or None for around the clock."""

    def __init__(
        self, period: int, flat: bool, kept: int, sessions: list[tuple[int, int]] | None
    ) -> None:
        self.period, self.flat, self.most, self.sessions = period, flat, kept, sessions
        self.open: Bar | None = None
        self.kept: list[Bar] = []
        self.closed = 0
        self.last: Bar | None = None  # that closed

    def periods(self, since: int) -> Iterator[tuple[int, int]]:
        """Those that end after ``since``, in order."""
        if self.sessions is None:
            start = since // self.period * self.period
            while True:
                yield start, start + self.period
                start += self.period
        for opening, closing in self.sessions:
            for start in range(opening, closing, self.period):
                if min(start + self.period, closing) > since:
                    yield start, min(start + self.period, closing)

    def feed(self, event: Trade | int) -> Iterator[Row]:
        ts = event.ts if isinstance(event, Trade) else event
        yield from self.close(ts)
        if not isinstance(event, Trade):
            return
        start, end = next(self.periods(ts), (ts + 1, 0))
        if start > ts:
            return  # outside the sessions
        if ts < self.closed:
            yield from self.late(event, start, end)
            return
        self.open = self.open or self.begin(start, end)
        self.open.own.append(event)

    def begin(self, start: int, end: int) -> Bar:
        self.closed = start
        return Bar(start, end)

    def close(self, ts: int) -> Iterator[Row]:
        if self.open and self.open.end <= ts:
            yield self.open.row()
            self.keep(self.open)
            self.open = None
        if not (self.flat and self.last and not self.open):
            return
        for start, end in self.periods(self.closed):
            if end > ts:
                break
            bar = Bar(start, end, self.last.row().close)
            yield bar.row()
            self.keep(bar)

    def keep(self, bar: Bar) -> None:
        self.closed, self.last = bar.end, bar
        self.kept = sorted([*self.kept, bar], key=lambda b: b.start)
        self.kept = self.kept[max(len(self.kept) - self.most, 0) :]

    def late(self, trade: Trade, start: int, end: int) -> Iterator[Row]:
        if not self.kept or start < self.kept[0].start:
            if not self.open:
                following = next(self.periods(self.closed), None)
                if following is None:
                    return
                self.open = self.begin(*following)
            self.open.late.append(trade)
            return
        bar = next((b for b in self.kept if b.start == start), None)
        if bar is None:
            before, last = self.closed, self.last
            bar = Bar(start, end)
            self.keep(bar)
            self.closed = before
            self.last = last if last and last.start > start else bar
        yield from self.correct(bar, trade)

    def correct(self, bar: Bar, trade: Trade) -> Iterator[Row]:
        close = bar.row().close if bar.own or bar.late or self.flat else None
        bar.own.append(trade)
        bar.revision += 1
        yield bar.row()
        for follower in self.kept[self.kept.index(bar) + 1 :]:
            if follower.own or follower.late or bar.row().close == close:
                break
            follower.last_close = bar.row().close
            follower.revision += 1
            yield follower.row()
