"""From two simulated venues to the best bid and offer over both, on the local host."""

from dataclasses import replace
from typing import Any

import pytest

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.tree import Settings
from connectors.sim.venue import DEFAULT, SimConfig, SimInstrument, SimVenue
from schemas.codec import Codec, Message
from schemas.enums import StatusKind
from schemas.frames import ConsolidatedFrame, MarketFrame
from schemas.records import Clock, Status
from streams.cause import Cause
from streams.local_host import LocalHost

SECOND = 10**9
FINE = SimInstrument("FINE:BTC-USD", 64_000.0, 2, 6, 1.5e-4, 10, 4000.0, 4.0)
MEMBERS = (DEFAULT[0].name, FINE.name)
Log = list[tuple[str, str, Message]]


def run(settings: Settings, codec: Codec, frames: list[MarketFrame], *more: Message) -> Log:
    """Every record: topic, key and message."""
    log: Log = []
    host = LocalHost(
        operator_configs(settings, REPLAY_KEY),
        codec,
        [lambda record, message: log.append((record.topic, record.key, message))],
    )
    for n, message in enumerate([*frames, *more]):
        key = message.key if isinstance(message, Clock) else message.instrument  # type: ignore[union-attr]
        host.send("ticks", key, codec.encode(message), Cause("test", "test", n, 0))
    return log


@pytest.fixture(scope="module")
def frames() -> list[MarketFrame]:
    config = SimConfig(rate=3000, instruments=(DEFAULT[0], FINE))
    return [frame for _, frame in SimVenue(config).advance(config.start_ns + 2 * SECOND)]


@pytest.fixture(scope="module")
def with_basket(settings: Settings) -> Settings:
    return replace(settings, baskets={"BTC-USD": MEMBERS})


def of(log: Log, topic: str) -> list[Any]:
    return [message for at, _, message in log if at == topic]


def best_rows(log: Log) -> list[tuple[int, ...]]:
    """(bid, size, ask, size) of each row, at two and six decimals."""
    rows: list[tuple[int, ...]] = []
    for frame in of(log, "consolidated"):
        assert isinstance(frame, ConsolidatedFrame)
        q, n = frame.nbbo, frame.levels
        price, size = 10 ** (2 - frame.price_scale), 10 ** (6 - frame.size_scale)
        columns = (q.bid_price * price, q.bid_size * size, q.ask_price * price, q.ask_size * size)
        rows += zip(*(column[::n].tolist() for column in columns), strict=True)
    return rows


def expected_rows(log: Log) -> list[tuple[int, ...]]:
    """The same from the members' own tapes, where it changes."""
    tops: dict[str, tuple[int, ...]] = {}
    rows: list[tuple[int, ...]] = []
    for tape in of(log, "tape"):
        price, size = 10 ** (2 - tape.price_scale), 10 ** (6 - tape.size_scale)
        b, n = tape.books, tape.levels
        for top in zip(
            *(c[::n].tolist() for c in (b.bid_price, b.bid_size, b.ask_price, b.ask_size)),
            strict=True,
        ):
            tops[tape.instrument] = tuple(
                v * f for v, f in zip(top, (price, size) * 2, strict=True)
            )
            bid = max(t[0] for t in tops.values() if t[1])
            ask = min(t[2] for t in tops.values() if t[3])
            bid_size = sum(t[1] for t in tops.values() if t[0] == bid)
            ask_size = sum(t[3] for t in tops.values() if t[2] == ask)
            rows.append((bid, bid_size, ask, ask_size))
    return rows


def changes(rows: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Each row that differs from the one before it."""
    return [row for n, row in enumerate(rows) if n == 0 or row != rows[n - 1]]


def test_two_venues_become_one_best_bid_and_offer(
    with_basket: Settings, codec: Codec, frames: list[MarketFrame]
) -> None:
    log = run(with_basket, codec, frames)
    assert {key for topic, key, _ in log if topic in ("baskets", "consolidated")} == {"BTC-USD"}
    rows = best_rows(log)
    assert len(rows) > 1000
    assert changes(rows) == changes(expected_rows(log))
    firsts = [set(f.nbbo.bid_first.tolist()) for f in of(log, "consolidated")]
    assert set.union(*firsts) == {0, 1}
    assert of(log, "dead-letters") == []


def test_without_a_basket_nothing_is_written_and_with_one_nothing_else_changes(
    settings: Settings, with_basket: Settings, codec: Codec, frames: list[MarketFrame]
) -> None:
    one, two = (run(s, codec, frames) for s in (settings, with_basket))
    mine = ("baskets", "consolidated")
    assert [topic for topic, _, _ in one if topic in mine] == []
    assert [codec.encode(m) for _, _, m in one] == [
        codec.encode(m) for topic, _, m in two if topic not in mine
    ]


def test_a_venue_leaves_when_its_line_breaks_and_when_it_falls_silent(
    with_basket: Settings, codec: Codec, frames: list[MarketFrame]
) -> None:
    now = int(frames[-1].quotes.ts_event[-1])
    log = run(
        with_basket,
        codec,
        frames,
        Status(MEMBERS[0], now, now, StatusKind.DISCONNECTED, ""),
        Clock(MEMBERS[1], now + 29 * SECOND),
        Clock(MEMBERS[1], now + 31 * SECOND),
    )
    *_, alone, nobody = (frame.nbbo for frame in of(log, "consolidated"))
    assert (alone.bidding.tolist(), alone.bid_first.tolist()) == ([1], [1])
    assert (nobody.bidding.tolist(), nobody.bid_first.tolist()) == ([0], [-1])
    assert nobody.ts_event.tolist() == [now + 31 * SECOND]
