"""Vendors that are asked: bars once each, budgets kept, keys nowhere, errors told."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from config.tree import Settings
from connectors.access import Denied
from connectors.events import GiveUp, Rejected, Slower
from connectors.session import Fetch
from connectors.venues import VENUES
from console.errors import Failure
from console.live import live_feed
from schemas.codec import Codec
from schemas.frames import MarketFrame
from schemas.records import DeadLetter, Status, VendorBar
from tests.venues.server import Log, Troubles, VenueServer, run_against, with_place
from tests.venues.vendor_servers import (
    DAYS,
    KEY,
    MINUTES,
    AlphaVantageServer,
    FinnhubServer,
    TwelveDataServer,
)

WORDS = ("finnhub", "twelvedata", "alphavantage")


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for word in WORDS:
        monkeypatch.setenv(f"TICKSTREAM_{word.upper()}_KEY", KEY)


def told(log: Log, cls: type) -> list[Any]:
    return [m for m in log.messages("ticks") if isinstance(m, cls)]


def kinds(log: Log, name: str) -> list[str]:
    return [str(m.kind) for m in told(log, Status) if m.instrument == name]


def letters(log: Log) -> list[str]:
    return [m.error for m in log.messages("dead-letters") if isinstance(m, DeadLetter)]


def no_key(log: Log, folder: Path) -> bool:
    with gzip.open(folder / "live.gz", "rb") as file:
        everything = file.read() + b"".join(value for _, value, _ in log.sent)
    return KEY.encode() not in everything


@pytest.mark.asyncio
async def test_finnhubs_trades_and_days_come_through_a_broken_line(
    settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server, log = FinnhubServer(Troubles(break_after=(1,), throttled=(2,))), Log(codec)

    def answered() -> bool:
        return bool(told(log, VendorBar)) and len(letters(log)) >= 2

    source = "finnhub:AAPL,BINANCE:BTCUSDT"
    await run_against(server, source, settings, log, tmp_path, answered)
    assert kinds(log, "FINNHUB:AAPL") == ["CONNECTED", "DISCONNECTED"] * 2
    trades = [(f.instrument, f.trades) for f in told(log, MarketFrame)]
    ids = [int(i) for name, t in trades if name.endswith("BTCUSDT") for i in t.trade_id]
    assert len(set(ids)) == len(ids) == 2  # the same twice is two trades
    assert [int(p) for name, t in trades if name == "FINNHUB:AAPL" for p in t.price] == [
        261_50000000
    ]
    (day, *_) = told(log, VendorBar)
    assert (day.spec, day.final, day.close) == ("1d", False, 261_74000000)
    assert {
        "Finnhub says: Subscribing to too many symbols",
        "Finnhub has no quote of BINANCE:BTCUSDT",
    } == set(letters(log))
    assert no_key(log, tmp_path)


@pytest.mark.asyncio
async def test_twelve_datas_minutes_are_told_once_and_a_failure_breaks_the_line(
    settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server = TwelveDataServer(4, Troubles(throttled=(2,)), broken=(4,))
    log = Log(codec)
    await run_against(server, "twelvedata:AAPL,EUR-USD,NOPE", settings, log, tmp_path)
    assert kinds(log, "TWELVEDATA:EUR-USD") == ["CONNECTED", "DISCONNECTED"] * 2
    bars = [b for b in told(log, VendorBar) if b.instrument == "TWELVEDATA:AAPL"]
    assert [b.close for b in bars] == [148_74001000, 148_85001000]
    assert bars[0].ts_close == bars[1].ts_open
    assert bars[0].volume == 274622 * 10**8
    assert no_key(log, tmp_path)


@pytest.mark.asyncio
async def test_alpha_vantages_days_begin_at_midnight_where_they_are(
    settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server, log = AlphaVantageServer(2, Troubles()), Log(codec)
    await run_against(server, "alphavantage:IBM,EUR-USD", settings, log, tmp_path)
    share, pair = (
        [b for b in told(log, VendorBar) if b.instrument == f"ALPHAVANTAGE:{name}"]
        for name in ("IBM", "EUR-USD")
    )
    assert len(share) == len(pair) == len(DAYS)
    assert share[0].ts_open - pair[0].ts_open == 5 * 3600 * 10**9  # winter in New York
    assert (share[1].volume, pair[1].volume) == (3012345 * 10**6, 0)
    assert no_key(log, tmp_path)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("word", "symbol", "server"),
    [
        ("finnhub", "AAPL", FinnhubServer(Troubles())),
        ("twelvedata", "AAPL", TwelveDataServer(1, Troubles())),
        ("alphavantage", "IBM", AlphaVantageServer(1, Troubles())),
    ],
)
async def test_a_wrong_key_ends_the_feed(
    word: str,
    symbol: str,
    server: VenueServer,
    settings: Settings,
    codec: Codec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(f"TICKSTREAM_{word.upper()}_KEY", "another-key")
    async with server.serving() as place:
        made = with_place(settings, word, place, tmp_path)
        feed = await live_feed(f"{word}:{symbol}", made, codec, Log(codec), None)
        with pytest.raises(Denied) as refused:
            await feed.run()
    assert "another-key" not in str(refused.value)


@pytest.mark.asyncio
async def test_finnhub_refuses_a_symbol_that_is_not_listed(
    settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    async with FinnhubServer(Troubles()).serving() as place:
        made = with_place(settings, "finnhub", place, tmp_path)
        with pytest.raises(Failure, match="no symbol 'APPL'; near it are AAPL"):
            await live_feed("finnhub:APPL", made, codec, Log(codec), None)


def test_a_vendor_that_is_asked_too_often_is_left_alone_for_a_while() -> None:
    for word, url, body, seconds in (
        (
            "twelvedata",
            "https://x/time_series?symbol=AAPL",
            {"code": 429, "message": "You have run out of API credits", "status": "error"},
            60.0,
        ),
        (
            "twelvedata",
            "https://x/time_series?symbol=AAPL",
            {"code": 429, "message": "You have run out of credits for the day", "status": "error"},
            3600.0,
        ),
        (
            "alphavantage",
            "https://x/query?function=TIME_SERIES_DAILY&symbol=IBM",
            {"Information": "our standard API rate limit is 25 requests per day"},
            3600.0,
        ),
    ):
        of = VENUES[word].codec({}, VENUES[word].place)
        refused, slower = of.answer(url, json.dumps(body).encode(), 1)
        assert isinstance(refused, Rejected)
        assert slower == Slower(seconds)


def test_an_error_of_finnhubs_that_is_about_the_key_gives_up() -> None:
    of = VENUES["finnhub"].codec({}, VENUES["finnhub"].place)
    refused, end = of.receive(b'{"type":"error","msg":"Invalid API key"}', 1)
    assert isinstance(refused, Rejected)
    assert isinstance(end, GiveUp)
    (other,) = of.receive(b'{"type":"error","msg":"Subscribing to too many symbols"}', 1)
    assert isinstance(other, Rejected)


def test_a_bar_that_changes_is_told_again_and_one_that_does_not_is_not() -> None:
    from connectors.market_session import MarketSession

    venue = VENUES["twelvedata"]
    assert venue.unlisted
    share = venue.unlisted("AAPL")
    assert share
    listed = {share.symbol: share.instrument}
    session = MarketSession(venue, venue.codec(listed, venue.place), listed)
    (fetch,) = [r for r in session.connected(1).requests if isinstance(r, Fetch)]
    body = json.dumps({"values": MINUTES, "status": "ok"}).encode()
    at = 1_631_807_999 * 10**9  # the newest minute is not over
    first = session.answered(fetch.url, body, at).events
    assert [bar.final for bar in first if isinstance(bar, VendorBar)] == [True, False]
    assert session.answered(fetch.url, body, at + 1).events == []
    over = session.answered(fetch.url, body, at + 10**9).events
    assert [bar.final for bar in over if isinstance(bar, VendorBar)] == [True]
    due = session.tick(at + 61 * 10**9).requests
    assert due == [fetch]
