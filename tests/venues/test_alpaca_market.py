"""Alpaca's market data against a local server: what it tells and what goes wrong."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from config.tree import Settings
from connectors.access import Denied
from connectors.events import (
    DepthEvent,
    GiveUp,
    Instrument,
    Reconnect,
    Rejected,
    TradeEvent,
)
from connectors.reference import NoReference, TradingDay
from connectors.session import SendText
from connectors.venues import VENUES
from console.commands.instruments import instruments
from console.live import live_feed, reference
from schemas.codec import Codec
from schemas.frames import MarketFrame
from schemas.records import DeadLetter, PriceBand, Status, TradeNotice, VendorBar
from tests.venues.alpaca_market_server import (
    DOCUMENTED,
    KEY,
    KEYS,
    SECRET,
    SLOW,
    SYMBOLS,
    AlpacaMarketServer,
)
from tests.venues.server import Log, Troubles, run_against, with_place

SOURCE = f"alpaca:{','.join(SYMBOLS)}"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, word in KEYS.items():
        monkeypatch.setenv(name, word)


def told(log: Log, cls: type) -> list[Any]:
    return [m for m in log.messages("ticks") if isinstance(m, cls)]


def statuses(log: Log, name: str) -> list[str]:
    return [str(m.kind) for m in told(log, Status) if m.instrument == name]


@pytest.mark.asyncio
async def test_documented_messages_a_broken_line_and_a_slow_client(
    settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    messages = [*DOCUMENTED, SLOW, *DOCUMENTED[4:5]]
    server = AlpacaMarketServer(messages, Troubles(break_after=(5,), throttled=(3,)))
    log = Log(codec)

    def opened() -> bool:
        found = statuses(log, "ALPACA:AMD")
        return found.count("CONNECTED") == 3 and found[-1] == "TRADING"

    feed = await run_against(server, SOURCE, settings, log, tmp_path, opened)
    assert feed.connections == 3
    found = [kind for kind in statuses(log, "ALPACA:AMD") if kind != "TRADING"]
    assert found == ["CONNECTED", "DISCONNECTED"] * 3
    assert sum("subscribe" in text for text in server.heard) == 3

    frames = told(log, MarketFrame)
    trades = [f.trades for f in frames if len(f.trades.price)]
    assert [int(p) for t in trades for p in t.price] == [162_920_000] * 2
    assert len({int(i) for t in trades for i in t.trade_id}) == 2
    quotes = [f.quotes for f in frames if f.instrument == "ALPACA:AMD"]
    assert [(int(q.bid[0]), int(q.bid_size[0]), int(q.ask_size[0])) for q in quotes] == [
        (87_660_000, 100 * 10**6, 400 * 10**6)
    ] * 2

    late, corrected, canceled = told(log, TradeNotice)
    assert (late.kind, late.conditions, late.price) == ("OFF_MARKET", "@ 4 W", 160_110_000)
    assert (corrected.price, corrected.new_price) == (39_158_200, 39_180_900)
    assert (corrected.kind, corrected.exchange, corrected.conditions) == ("CORRECTED", "M", "7")
    assert (canceled.kind, canceled.conditions, canceled.size) == ("CANCELED", "C", 300 * 10**6)
    (band,) = told(log, PriceBand)
    assert (band.lower, band.upper, band.indicator) == (2_650_000, 3_240_000, "B")
    minute, updated, day = told(log, VendorBar)
    assert (minute.spec, minute.close, minute.vwap) == ("1m", 389_120_000, 389_062_639)
    assert (updated.ts_open, updated.trades, updated.final) == (minute.ts_open, 462, True)
    assert (day.spec, day.final) == ("1d", False)
    assert "HALTED" in statuses(log, "ALPACA:AAPL")

    (letter,) = log.messages("dead-letters")
    assert isinstance(letter, DeadLetter)
    assert letter.error == "Alpaca says: slow client (407)"
    with gzip.open(tmp_path / "live.gz", "rb") as file:
        everything = file.read() + b"".join(value for _, value, _ in log.sent)
    assert KEY.encode() not in everything
    assert SECRET.encode() not in everything
    assert SECRET not in repr(feed)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ({"T": "error", "code": 402, "msg": "auth failed"}, "TICKSTREAM_ALPACA_KEY"),
        ({"T": "error", "code": 409, "msg": "insufficient subscription"}, "the plan"),
        ({"T": "error", "code": 405, "msg": "symbol limit exceeded"}, "fewer symbols"),
    ],
)
async def test_what_no_new_attempt_will_mend_ends_the_feed_with_advice(
    answer: dict[str, Any], advice: str, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server, log = AlpacaMarketServer([], Troubles(), answer), Log(codec)
    async with server.serving() as place:
        made = with_place(settings, "alpaca", place, tmp_path)
        feed = await live_feed("alpaca:AAPL", made, codec, log, None)
        with pytest.raises(Denied, match=advice) as refused:
            await feed.run()
    assert SECRET not in str(refused.value)
    assert statuses(log, "ALPACA:AAPL")[-1] == "DISCONNECTED"
    assert len(server.heard) == 1


@pytest.mark.asyncio
async def test_assets_come_with_their_ticks_traits_and_half_days(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AlpacaMarketServer([], Troubles()).serving() as place:
        made = with_place(settings, "alpaca", place, tmp_path)
        known = await reference("alpaca", made)
        half = TradingDay("2099-11-27", "09:30", "13:00")
        assert known.days == (half, TradingDay("2099-11-30", "09:30", "16:00"))
        share, other = known.find("AAPL"), known.find("ionm")
        assert share
        assert other
        assert [f"{price} {tick}" for price, tick in share.ticks] == ["0 0.0001", "1 0.01"]
        assert share.traits == ("fractionable", "shortable", "marginable", "has_options")
        assert "shortable" not in other.traits
        assert await reference("alpaca", made) == known  # from the file

        monkeypatch.setenv("TICKSTREAM_ALPACA_SECRET", "another")
        elsewhere = with_place(settings, "alpaca", place, tmp_path / "new")
        with pytest.raises(NoReference, match=r"/v2/assets.* HTTP 403") as refused:
            await reference("alpaca", elsewhere)
        assert "another" not in str(refused.value)


def test_the_only_line_of_an_account_is_waited_for() -> None:
    of = VENUES["alpaca"].codec({}, VENUES["alpaca"].place)
    events = of.receive(b'[{"T":"error","code":406,"msg":"connection limit exceeded"}]', 1)
    said = "Alpaca says: connection limit exceeded (406)"
    assert events[1:] == [Reconnect(said, 30.0)]
    assert isinstance(events[0], Rejected)
    assert not any(isinstance(event, GiveUp) for event in events)


def test_a_subscription_that_lacks_something_is_told() -> None:
    venue = VENUES["alpacatest"]
    assert venue.unlisted
    share = venue.unlisted("fakepaca")
    assert share
    assert venue.unlisted("AAPL") is None
    of = venue.codec({share.symbol: share.instrument}, venue.place)
    state = b'[{"T":"subscription","trades":["FAKEPACA"],"quotes":["FAKEPACA"],"bars":[]}]'
    (missing,) = of.receive(state, 1)
    assert isinstance(missing, Rejected)
    assert missing.error == "Alpaca did not subscribe bars of FAKEPACA"


def test_a_crypto_book_is_subscribed_anew_where_it_has_a_gap_and_its_sizes_are_coins() -> None:
    venue = VENUES["alpacacrypto"]
    listed = {"BTC/USD": Instrument("ALPACA:BTC-USD", 9, 9)}
    of = venue.codec(listed, venue.place)
    assert of.opening() == []
    (subscribe,) = of.receive(b'[{"T":"success","msg":"authenticated"}]', 1)
    assert isinstance(subscribe, SendText)
    state = {**json.loads(subscribe.text), "T": "subscription"}
    assert of.receive(json.dumps([state]).encode(), 1) == []

    book = {"T": "o", "S": "BTC/USD", "t": "2026-11-21T15:00:00.5Z", "a": [{"p": 70001.5, "s": 0}]}
    whole = {**book, "b": [{"p": 70000, "s": 0.25}], "r": True}
    first, then = of.receive(json.dumps([whole, book]).encode(), 2)
    assert isinstance(first, DepthEvent)
    assert isinstance(then, DepthEvent)
    assert (first.snapshot, first.bids) == (True, [(70000 * 10**9, 250_000_000)])
    assert (then.snapshot, then.prev_seq, then.asks) == (False, first.seq, [(70001_500000000, 0)])

    trade = {"T": "t", "S": "BTC/USD", "i": 7, "p": 70000, "s": 1e-05, "tks": "S", "t": book["t"]}
    (sold,) = of.receive(json.dumps([trade]).encode(), 3)
    assert isinstance(sold, TradeEvent)
    assert (sold.side, sold.size) == (-1, 10_000)

    words = [json.loads(r.text)["action"] for r in of.mend("BTC/USD") if isinstance(r, SendText)]
    assert words == ["unsubscribe", "subscribe"]
    without = json.dumps([{**state, "orderbooks": []}]).encode()
    assert of.receive(without, 4) == []  # between the two
    assert of.receive(json.dumps([state]).encode(), 5) == []
    (missing,) = of.receive(without, 6)
    assert isinstance(missing, Rejected)


@pytest.mark.asyncio
async def test_the_instruments_command_shows_ticks_traits_and_short_days(
    settings: Settings, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    async with AlpacaMarketServer([], Troubles()).serving() as place:
        config.write_text(
            f'[connectors]\nreference = "{tmp_path / "lists"}"\n'
            f'[connectors.venues.alpaca]\nrest = "{place.rest}"\n'
        )
        shown = await asyncio.to_thread(instruments, "alpaca", "AAPL", config)
    assert shown["short_days"] == ["2099-11-27 09:30-13:00"]
    facts = shown["instruments"]["ALPACA:AAPL"]
    assert facts["ticks"] == "0.0001 from 0, 0.01 from 1"
    assert facts["traits"] == "fractionable, shortable, marginable, has_options"
