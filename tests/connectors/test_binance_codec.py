"""The session refuses rubbish by name, whatever it is, and goes on."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import plain_capture
from connectors.binance import capture_form
from connectors.binance.markets import SPOT, USDM, Market, unlisted
from connectors.binance.venues import venue_of
from connectors.events import DepthEvent, QuoteEvent, Rejected, TradeEvent
from connectors.market_session import MarketSession
from schemas.records import Status

DEPTH = {
    "e": "depthUpdate",
    "E": 1723161256299,
    "T": 1723161256298,
    "s": "BTCUSDT",
    "U": 11,
    "u": 12,
    "pu": 10,
    "b": [["61800.20", "1.5"]],
    "a": [],
}
TRADE = {
    "e": "trade",
    "E": 1723161256322,
    "T": 1723161256322,
    "s": "BTCUSDT",
    "t": 7,
    "p": "61800.30",
    "q": "0.006",
    "X": "MARKET",
    "m": False,
}


def session(market: Market = USDM) -> MarketSession:
    venue, listed = venue_of(market), {"BTCUSDT": unlisted(market, "BTCUSDT")}
    return MarketSession(venue, venue.codec(listed, venue.place), listed)


def receive(message: object, of: MarketSession | None = None) -> list:
    return (
        (of or session()).receive(json.dumps({"stream": "s", "data": message}).encode(), 5).events
    )


def test_a_trade_is_read_exactly() -> None:
    (event,) = receive(TRADE)
    assert isinstance(event, TradeEvent)
    assert event[1:] == (1723161256322000000, 5, 7, 618003, 6, 1)


def test_a_diff_is_read_exactly() -> None:
    (event,) = receive(DEPTH)
    assert isinstance(event, DepthEvent)
    assert (event.seq, event.prev_seq, event.bids, event.asks) == (12, 10, [(618002, 1500)], [])


def test_spot_times_may_be_microseconds_and_its_quotes_have_none() -> None:
    spot = session(SPOT)
    (trade,) = receive({**TRADE, "T": 1723161256322123}, spot)
    (quote,) = receive({"u": 9, "s": "BTCUSDT", "b": "1.00", "B": "2", "a": "3.00", "A": "4"}, spot)
    assert trade.ts_event == 1723161256322123000
    assert isinstance(quote, QuoteEvent)
    assert quote.ts_event == 5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"s": "NOPE"}, "symbol 'NOPE' was not asked for"),
        ({"q": "-1"}, "size '-1' is negative"),
        ({"p": "0"}, "price '0' is not positive"),
        ({"p": "-5.0"}, "is not positive"),
        ({"q": "0.0001"}, "more than 3 decimals"),
        ({"T": "yesterday"}, "is not a positive integer"),
        ({"e": "surprise"}, "message kind 'surprise' is unknown"),
        ({"p": "1e5"}, "is not a decimal"),
    ],
)
def test_a_bad_trade_is_refused_by_name(change: dict[str, object], words: str) -> None:
    (event,) = receive({**TRADE, **change})
    assert isinstance(event, Rejected)
    assert words in event.error


def test_a_missing_field_is_named() -> None:
    (event,) = receive({k: v for k, v in TRADE.items() if k != "p"})
    assert isinstance(event, Rejected)
    assert event.error == "field 'p' is missing"


def test_a_skipped_diff_is_a_gap_and_asks_for_one_snapshot() -> None:
    of = session()
    of.receive(json.dumps({"data": DEPTH}).encode(), 1)
    step = of.receive(json.dumps({"data": {**DEPTH, "pu": 99, "u": 100}}).encode(), 2)
    kinds = [e.kind for e in step.events if isinstance(e, Status)]
    assert (kinds, len(step.requests)) == (["GAP"], 1)
    again = of.receive(json.dumps({"data": {**DEPTH, "pu": 150, "u": 160}}).encode(), 3)
    assert len(again.requests) == 0


def test_silence_is_told_as_stale_and_its_end_as_connected() -> None:
    of = session()
    of.connected(0)
    of.receive(json.dumps({"data": TRADE}).encode(), 10**9)
    assert [e.kind for e in of.tick(40 * 10**9).events] == ["STALE"]
    assert of.tick(41 * 10**9).events == []
    step = of.receive(json.dumps({"data": TRADE}).encode(), 42 * 10**9)
    assert "CONNECTED" in [e.kind for e in step.events if isinstance(e, Status)]


@given(st.binary(max_size=100))
def test_random_bytes_are_refused(data: bytes) -> None:
    events = session().receive(data, 1).events
    assert all(isinstance(event, Rejected) for event in events)


@settings(max_examples=50)
@given(st.integers(0, 2**32))
def test_damaged_messages_never_raise(seed: int) -> None:
    rng, of = random.Random(seed), session()
    for message in (DEPTH, TRADE):
        raw = bytearray(json.dumps({"stream": "s", "data": message}).encode())
        for _ in range(rng.randrange(1, 6)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        of.receive(bytes(raw[: rng.randrange(1, len(raw) + 1)]), 1)


SYMBOLS = {
    "BINANCE": "BTCUSDT",
    "BINANCEUSDM": "BTCUSDT",
    "BINANCECOINM": "BTCUSD_PERP",
}


def test_a_capture_is_recognised_by_what_is_in_it(recorded: Path, tmp_path: Path) -> None:
    names = {
        "spot_btcusdt_20240808.gz": "BINANCE",
        "usdm_btcusdt_20240808.gz": "BINANCEUSDM",
        "cm_btcusd_perp_20240808.gz": "BINANCECOINM",
    }
    for name, venue in names.items():
        found = capture_form.recognise(recorded / "binance" / name)
        assert found == f"{venue} capture of {SYMBOLS[venue]}"
    (tmp_path / "x.gz").write_bytes(b"nonsense")
    assert capture_form.recognise(tmp_path / "x.gz") is None


def test_a_line_left_out_of_a_capture_is_one_gap(recorded: Path, tmp_path: Path) -> None:
    path = recorded / "binance" / "usdm_btcusdt_20240808.gz"
    lines = [line for line in plain_capture.read(path) if line.number < 5000]
    depth = [n for n, line in enumerate(lines) if b"depthUpdate" in line.data]
    del lines[depth[100]]
    short = tmp_path / "gap.txt"
    short.write_bytes(b"".join(b"%d %b\n" % (line.at, line.data) for line in lines))
    events = [e for piece in capture_form.pieces(short) for e in piece.found]
    assert [e.kind for e in events if isinstance(e, Status)] == ["RESYNCED", "GAP"]
