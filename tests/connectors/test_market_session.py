"""The common session: what it tells, what it leaves out, what it asks for."""

from connectors.codec import Events
from connectors.events import Beat, DepthEvent, Instrument, Reconnect, Rejected, TradeEvent
from connectors.market_session import MarketSession
from connectors.session import Fetch, Request, SendText, Step
from connectors.venue import Limits, Place, Venue
from schemas.records import Status

SECOND = 10**9
A, B = Instrument("TOY:A-USD", 2, 2), Instrument("TOY:B-USD", 2, 2)


class Told:
    """A codec that gives the events that a test puts into it."""

    url = "ws://toy"

    def __init__(self) -> None:
        self.next: Events = []

    def receive(self, data: bytes, at: int) -> Events:
        return self.next

    def answer(self, url: str, body: bytes, at: int) -> Events:
        return self.next

    def opening(self) -> list[Request]:
        return [SendText("subscribe")]

    def mend(self, symbol: str) -> list[Request]:
        return [Fetch(f"http://toy/{symbol}")]

    def ping(self, now: int) -> str:
        return "ping"


VENUE = Venue(
    "TOY",
    "Toy",
    Place("ws://toy", "http://toy"),
    lambda listed, place: Told(),
    (),
    Limits(10, (10, 1.0), (10, 1.0)),
    heartbeat_s=5,
    ping_s=20,
)


class Line:
    """A session with its codec."""

    def __init__(self) -> None:
        self.codec = Told()
        listed = {"a": A, "b": B}
        self.session = MarketSession(VENUE, self.codec, listed, "TOY", 30 * SECOND)

    def hears(self, at: int, *events: object) -> Step:
        self.codec.next = list(events)  # type: ignore[arg-type]
        return self.session.receive(b"", at)

    def is_answered(self, at: int, *events: object) -> Step:
        self.codec.next = list(events)  # type: ignore[arg-type]
        return self.session.answered("", b"", at)

    def open_and_whole(self, at: int = SECOND) -> "Line":
        self.session.connected(at)
        self.hears(at, snapshot(A, 10, at), snapshot(B, 10, at))
        return self


def snapshot(of: Instrument, seq: int, at: int) -> DepthEvent:
    return DepthEvent(of, at, at, seq, 0, True, [(100, 1)], [(101, 1)])


def diff(of: Instrument, follows: int, seq: int, at: int = SECOND) -> DepthEvent:
    return DepthEvent(of, at, at, seq, follows, False, [(100, 2)], [])


def trade(trade_id: int, ts: int, at: int) -> TradeEvent:
    return TradeEvent(A, ts, at, trade_id, 100, 1, 1)


def kinds(step: Step) -> list[tuple[str, str]]:
    return [(e.instrument, str(e.kind)) for e in step.events if isinstance(e, Status)]


def test_a_line_that_opens_asks_for_everything_and_tells_every_instrument() -> None:
    step = Line().session.connected(SECOND)
    assert kinds(step) == [("TOY:A-USD", "CONNECTED"), ("TOY:B-USD", "CONNECTED")]
    assert step.requests == [SendText("subscribe")]


def test_a_diff_that_leaves_something_out_is_a_gap_and_the_book_is_asked_for_once() -> None:
    line = Line().open_and_whole()
    assert kinds(line.hears(2 * SECOND, diff(A, 10, 11))) == []
    step = line.hears(2 * SECOND, diff(A, 12, 13))
    assert kinds(step) == [("TOY:A-USD", "GAP")]
    assert step.requests == [Fetch("http://toy/a")]
    assert line.hears(2 * SECOND, diff(A, 15, 16)).requests == []
    step = line.is_answered(3 * SECOND, snapshot(A, 16, 3 * SECOND))
    assert kinds(step) == [("TOY:A-USD", "RESYNCED")]
    assert kinds(line.hears(3 * SECOND, diff(A, 16, 17))) == []


def test_a_book_that_does_not_come_is_asked_for_again() -> None:
    line = Line().open_and_whole()
    line.hears(2 * SECOND, diff(A, 12, 13))
    requests = [r for n in range(40) for r in line.session.tick((3 + n) * SECOND).requests]
    asked = [r for r in requests if isinstance(r, Fetch)]
    assert asked == [Fetch("http://toy/a")] * 3


def test_a_diff_that_was_there_or_is_older_is_left_out_and_counted() -> None:
    line = Line().open_and_whole()
    line.hears(2 * SECOND, diff(A, 10, 11))
    assert line.hears(2 * SECOND, diff(A, 10, 11)).events == []
    assert line.hears(2 * SECOND, diff(A, 8, 9)).events == []
    told = line.session.quality(10 * SECOND, 0)
    assert (told.duplicates, told.out_of_order, told.gaps) == (1, 1, 0)


def test_a_number_that_begins_anew_but_follows_is_taken() -> None:
    line = Line().open_and_whole()
    assert len(line.hears(2 * SECOND, diff(A, 10, 3)).events) == 1
    assert len(line.hears(2 * SECOND, diff(A, 3, 5)).events) == 1


def test_a_trade_that_was_there_is_left_out_and_an_older_one_counted() -> None:
    line = Line().open_and_whole()
    assert len(line.hears(9, trade(1, 5, 9), trade(2, 6, 9), trade(2, 6, 9)).events) == 2
    assert len(line.hears(9, trade(3, 4, 9)).events) == 1
    told = line.session.quality(10, 0)
    assert (told.duplicates, told.out_of_order) == (1, 1)


def test_silence_is_stale_for_each_instrument_and_its_end_is_told() -> None:
    line = Line().open_and_whole()
    line.hears(20 * SECOND, diff(A, 10, 11))
    assert kinds(line.session.tick(32 * SECOND)) == [("TOY:B-USD", "STALE")]
    assert kinds(line.session.tick(33 * SECOND)) == []
    assert line.session.quality(33 * SECOND, 0).stale == 1
    step = line.hears(34 * SECOND, diff(B, 10, 11))
    assert kinds(step) == [("TOY:B-USD", "CONNECTED")]


def test_a_venue_that_sends_no_heartbeat_is_given_up_and_pings_go_out() -> None:
    line = Line().open_and_whole()
    assert line.session.tick(15 * SECOND).requests == []
    assert line.session.tick(17 * SECOND).requests == [Reconnect("no heartbeat for 15 s")]
    assert line.session.tick(22 * SECOND).requests == [SendText("ping")]
    line.hears(23 * SECOND)
    assert line.session.tick(37 * SECOND).requests == []


def test_a_closed_line_is_neither_stale_nor_pinged() -> None:
    line = Line().open_and_whole()
    step = line.session.disconnected(2 * SECOND, "gone")
    assert kinds(step) == [("TOY:A-USD", "DISCONNECTED"), ("TOY:B-USD", "DISCONNECTED")]
    assert line.session.tick(100 * SECOND) == Step()


def test_the_offset_of_the_venues_clock_is_half_a_round_trip_less_the_least_latency() -> None:
    line = Line().open_and_whole()
    line.hears(5_000, trade(1, 1_000, 5_000), Beat(2_000))
    told = line.session.quality(10**6, 2_000)
    assert (told.latency_min_ns, told.latency_p99_ns) == (3_000, 4_000)
    assert told.clock_offset_ns == 1_000 - 3_000
    assert (told.messages, told.events, told.period_ns) == (2, 3, 10**6 - SECOND)
    assert line.session.quality(2 * 10**6, 0).messages == 0


def test_a_wrong_checksum_is_counted_and_mended_and_errors_go_on() -> None:
    line = Line().open_and_whole()
    assert line.session.bad_checksum("TOY:B-USD", 5).requests == [Fetch("http://toy/b")]
    refused = Rejected("Toy says: no", b"x")
    assert line.hears(6, refused).events == [refused]
    told = line.session.quality(10, 0)
    assert (told.checksum_failures, told.rejected) == (1, 1)
