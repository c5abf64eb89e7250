"""Massive's clusters against a local server: log-in, documented messages, what goes wrong."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from config.tree import Settings
from connectors.access import Denied
from connectors.events import GiveUp, Instrument, QuoteEvent, Reconnect, Rejected, TradeEvent
from connectors.venues import VENUES
from console.live import live_feed
from schemas.codec import Codec
from schemas.frames import MarketFrame
from schemas.records import PriceBand, Status, TradeNotice, VendorBar
from tests.venues.massive_server import CRYPTO, FOREX, KEY, KEYS, STOCKS, MassiveServer, status
from tests.venues.server import Log, Troubles, run_against, with_place


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, word in KEYS.items():
        monkeypatch.setenv(name, word)


def told(log: Log, cls: type) -> list[Any]:
    return [m for m in log.messages("ticks") if isinstance(m, cls)]


@pytest.mark.asyncio
async def test_documented_messages_come_whole_and_a_broken_line_is_subscribed_anew(
    settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server = MassiveServer(STOCKS, Troubles(break_after=(2,), throttled=(2,)))
    log = Log(codec)
    await run_against(server, "massive:MSFT,GTE", settings, log, tmp_path)
    kinds = [str(m.kind) for m in told(log, Status) if m.instrument == "MASSIVE:GTE"]
    assert kinds == ["CONNECTED", "DISCONNECTED"] * 2
    assert len([text for text in server.heard if "T.MSFT,T.GTE,Q.MSFT" in text]) == 2
    (trades, quotes) = (
        [getattr(f, name) for f in told(log, MarketFrame)] for name in ("trades", "quotes")
    )
    found = [(int(p), int(s)) for t in trades for p, s in zip(t.price, t.size, strict=True)]
    assert found == [(114_125_000, 100 * 10**6), (114_200_000, 250_000)]
    (bid,) = [int(b) for q in quotes for b in q.bid]
    assert bid == 114_125_000
    (late,) = told(log, TradeNotice)
    assert (late.kind, late.conditions, late.exchange) == ("OFF_MARKET", "2", "4")
    (bar,) = told(log, VendorBar)
    assert (bar.spec, bar.basis, bar.open, bar.volume) == ("1m", "trades", 448_800, 4110 * 10**6)
    (band,) = told(log, PriceBand)
    assert (band.upper, band.indicator) == (218_760_000, "17")
    assert not log.messages("dead-letters")
    with gzip.open(tmp_path / "live.gz", "rb") as file:
        assert KEY.encode() not in file.read() + b"".join(value for _, value, _ in log.sent)


@pytest.mark.asyncio
async def test_wrong_keys_end_the_feed_with_advice(
    settings: Settings, codec: Codec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with MassiveServer([], Troubles()).serving() as place:
        made = with_place(settings, "massive", place, tmp_path)
        await live_feed("massive:MSFT", made, codec, Log(codec), None)  # has the tickers now
        monkeypatch.setenv("TICKSTREAM_MASSIVE_KEY", "another")
        feed = await live_feed("massive:MSFT", made, codec, Log(codec), None)
        with pytest.raises(Denied, match=r"authentication failed.*TICKSTREAM_MASSIVE_KEY"):
            await feed.run()


def test_crypto_and_forex_are_read_exactly() -> None:
    crypto, forex = VENUES["massivecrypto"], VENUES["massiveforex"]
    listed = {"BTC-USD": Instrument("MASSIVE:BTC-USD", 12, 12)}
    of = crypto.codec(listed, crypto.place)
    bought, sold, quote, bar = of.receive(json.dumps(CRYPTO).encode(), 9)
    assert isinstance(bought, TradeEvent)
    assert isinstance(sold, TradeEvent)
    assert (bought.side, bought.trade_id) == (1, 3 << 50 | 14272084)
    assert sold.side == -1
    assert 0 < sold.trade_id < 2**63
    assert isinstance(quote, QuoteEvent)
    assert (quote.ask, quote.ask_size) == (33073_190000000000, 601000000000)
    assert isinstance(bar, VendorBar)
    assert bar.volume == 951_611200000000
    rate, minute = forex.codec({}, forex.place).receive(json.dumps(FOREX).encode(), 9)
    assert isinstance(rate, QuoteEvent)
    assert (rate.instrument.name, rate.bid, rate.bid_size) == ("MASSIVE:USD-CNH", 683363000, 1)
    assert isinstance(minute, VendorBar)
    assert (minute.basis, minute.volume) == ("bid", 0)


def test_each_status_leads_to_what_it_asks_for() -> None:
    of = VENUES["massive"].codec({}, VENUES["massive"].place)
    (full,) = of.receive(status("max_connections", "Maximum number of connections").encode(), 1)
    assert isinstance(full, Reconnect)
    assert full.wait_s == 30
    (failed,) = of.receive(status("auth_failed", "authentication failed").encode(), 1)
    assert isinstance(failed, GiveUp)
    (refused,) = of.receive(status("error", "not authorized").encode(), 1)
    assert isinstance(refused, Rejected)
    assert refused.error == "Massive says: not authorized (error)"
