"""What holds of every venue's codec: rubbish is refused, documented messages are read."""

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.batch import Batch
from connectors.codec import Codec
from connectors.coinbase.advanced_codec import AdvancedTradeCodec
from connectors.events import (
    Beat,
    ChecksumEvent,
    DepthEvent,
    Instrument,
    MarketEvent,
    QuoteEvent,
    Reconnect,
    Rejected,
    TradeEvent,
)
from connectors.kraken.codec_v2 import KrakenV2Codec
from connectors.session import SendText
from connectors.venues import VENUES
from schemas.records import Status
from tests.venues.server import recorded_texts

SAMPLES = {
    "bitfinex": "bitfinex/BITFINEX.ws.11.0.gz",
    "bitstamp": "bitstamp/BITSTAMP.ws.1.0.gz",
    "coinbaseexchange": "coinbase/COINBASE.ws.28.0.gz",
    "gemini": "gemini/GEMINI.ws.1.0.gz",
    "krakenv1": "kraken/KRAKEN.ws.48.0.gz",
    "okx": "okx/OKX.ws.1.0.gz",
}
KRAKEN = Instrument("KRAKEN:BTC-USD", 2, 8)
COINBASE = Instrument("COINBASE:BTC-USD", 2, 8)


def codec(word: str) -> Codec:
    venue = VENUES[word]
    return venue.codec({}, venue.place)


@pytest.mark.parametrize("word", VENUES)
@given(data=st.binary(max_size=80))
def test_rubbish_is_refused(word: str, data: bytes) -> None:
    for events in (codec(word).receive(data, 1), codec(word).answer("http://x/y", data, 1)):
        assert all(isinstance(event, Rejected) for event in events)


@pytest.mark.parametrize("word", VENUES)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "event", "channel", "data", "arg", "method", "e", "events"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=9,
    )
)
def test_any_json_is_read_or_refused(word: str, value: object) -> None:
    codec(word).receive(json.dumps(value).encode(), 1)


@pytest.mark.parametrize("word", SAMPLES)
def test_damaged_messages_never_raise(word: str, recorded: Path) -> None:
    texts = [text.encode() for text in recorded_texts(recorded / SAMPLES[word])[:400]]
    of = codec(word)

    @settings(max_examples=20)
    @given(st.integers(0, 2**32))
    def damage(seed: int) -> None:
        rng = random.Random(seed)
        for text in rng.sample(texts, min(30, len(texts))):
            raw = bytearray(text)
            for _ in range(rng.randrange(1, 4)):
                raw[rng.randrange(len(raw))] = rng.randrange(256)
            of.receive(bytes(raw[: rng.randrange(1, len(raw) + 1)]), 1)

    damage()


@pytest.mark.parametrize("word", SAMPLES)
def test_what_is_read_fits_a_frame_however_many_digits_a_number_has(
    word: str, recorded: Path
) -> None:
    texts = recorded_texts(recorded / SAMPLES[word])[:400]
    of, rejected = codec(word), 0

    @settings(max_examples=20)
    @given(st.integers(0, 2**32))
    def swell(seed: int) -> None:
        nonlocal rejected
        rng = random.Random(seed)
        for text in rng.sample(texts, min(30, len(texts))):
            numbers = list(re.finditer(r"\d+", text))
            end = rng.choice(numbers).end() if numbers else len(text)
            data = (text[:end] + "9" * 20 + text[end:]).encode()
            for event in of.receive(data, 1):
                rejected += isinstance(event, Rejected)
                if isinstance(event, MarketEvent):
                    batch = Batch(event.instrument)
                    batch.add(event)
                    assert len(batch.frame()) == 1

    swell()
    assert rejected


def read(of: Codec, path: Path) -> list[object]:
    return list(of.receive(path.read_bytes(), 5))


def test_krakens_documented_messages_are_read_exactly(recorded: Path) -> None:
    folder = recorded / "kraken" / "messages"
    of = KrakenV2Codec({"BTC/USD": KRAKEN}, VENUES["kraken"].place)
    book, checksum = read(of, folder / "ws_book_snapshot.json")
    assert isinstance(book, DepthEvent)
    assert (book.snapshot, book.bids[0], book.asks[0]) == (
        *(True, (10594420, 13600000), (10594430, 13600000)),
    )
    assert isinstance(checksum, ChecksumEvent)
    assert checksum.value == 2439117997
    update, _ = read(of, folder / "ws_book_update.json")
    assert isinstance(update, DepthEvent)
    assert (update.seq, update.prev_seq, update.bids) == (2, 1, [(10594420, 25000000)])
    first, second = read(of, folder / "ws_trade_update.json")
    assert isinstance(first, TradeEvent)
    assert isinstance(second, TradeEvent)
    assert first[3:] == (10218208, 10594420, 27625, 1)
    assert (second.side, second.ts_event) == (-1, 1696613756123456000)
    (quote,) = read(of, folder / "ws_ticker_snapshot.json")
    assert isinstance(quote, QuoteEvent)
    assert quote[4:] == (10594420, 250000000, 10594430, 320000000)
    assert read(of, folder / "ws_pong.json") == [Beat(1695632700123500000)]
    assert read(of, folder / "ws_subscribe_response.json") == []


def test_a_pair_that_stops_trading_is_told_and_so_is_that_it_trades_again() -> None:
    of = KrakenV2Codec({"BTC/USD": KRAKEN}, VENUES["kraken"].place)

    def told(status: str) -> list[str]:
        pair = {"symbol": "BTC/USD", "status": status, "price_precision": 2, "qty_precision": 8}
        other = {**pair, "symbol": "ETH/USD"}
        message = {"channel": "instrument", "type": "update", "data": {"pairs": [pair, other]}}
        events = of.receive(json.dumps(message).encode(), 1)
        return [str(event.kind) for event in events if isinstance(event, Status)]

    statuses = ("online", "maintenance", "cancel_only", "post_only", "online")
    assert list(map(told, statuses)) == [[], ["HALTED"], [], ["AUCTION"], ["TRADING"]]


def test_coinbases_documented_messages_are_read_exactly(recorded: Path) -> None:
    folder = recorded / "coinbase" / "messages"

    def of() -> AdvancedTradeCodec:
        return AdvancedTradeCodec({"BTC-USD": COINBASE}, VENUES["coinbase"].place)

    (book,) = read(of(), folder / "ws_l2_data_snapshot.json")
    assert isinstance(book, DepthEvent)
    assert (book.snapshot, book.bids[0]) == (True, (6890000, 150000000))
    (update,) = read(of(), folder / "ws_l2_data_update.json")
    assert isinstance(update, DepthEvent)
    assert (update.bids, update.asks) == ([(6890000, 200000000)], [(6890100, 0)])
    trades = read(of(), folder / "ws_market_trades.json")
    assert [t[3:] for t in trades if isinstance(t, TradeEvent)] == [
        (995098700, 6890050, 150000, -1),
        (995098701, 6890000, 5000000, 1),
    ]
    (quote,) = read(of(), folder / "ws_ticker.json")
    assert isinstance(quote, QuoteEvent)
    (beat,) = read(of(), folder / "ws_heartbeats.json")
    assert isinstance(beat, Beat)
    assert read(of(), folder / "ws_subscriptions.json") == []


def test_venues_that_ask_for_a_new_line_get_one() -> None:
    asked = {
        "bitstamp": '{"event":"bts:request_reconnect","channel":"","data":""}',
        "bitfinex": '{"event":"info","code":20051,"msg":"Stopping. Please try to reconnect"}',
        "okx": '{"event":"notice","code":"64008","msg":"The connection will soon be closed"}',
    }
    for word, text in asked.items():
        (event,) = codec(word).receive(text.encode(), 1)
        assert isinstance(event, Reconnect)


def test_what_is_said_fits_the_venues_forms() -> None:
    for word, venue in VENUES.items():
        listed = {"BTC-USD": Instrument(f"{venue.name}:BTC-USD", 2, 2)}
        of = venue.codec(listed, venue.place)
        assert of.url.startswith(venue.place.socket), word
        said = [r.text for r in [*of.opening(), *of.mend("BTC-USD")] if isinstance(r, SendText)]
        assert all(json.loads(text) for text in said)
        assert bool(of.ping(1)) == bool(venue.ping_s), word
