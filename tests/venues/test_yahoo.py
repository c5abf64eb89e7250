"""Yahoo Finance by the library that asks it, against a local server in Yahoo's place."""

import sys
from pathlib import Path

import pytest

from config.tree import Settings
from connectors.events import Rejected, Slower
from connectors.extras import MissingExtra
from connectors.venues import VENUES
from connectors.yahoo.library import asking
from console.live import live_feed
from schemas.codec import Codec
from schemas.records import DeadLetter, Status, VendorBar
from tests.venues.server import Log, Troubles, run_against
from tests.venues.yahoo_server import OPENED, YahooServer


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path) -> None:
    """Cookies and time zones that the library keeps."""
    yfinance = pytest.importorskip("yfinance")
    yfinance.cache.set_cache_location(str(tmp_path / "yfinance"))


@pytest.mark.asyncio
async def test_minutes_come_with_yahoos_decimals_and_a_symbol_that_is_gone_is_told(
    settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server, log = YahooServer(2, Troubles()), Log(codec)

    def answered() -> bool:
        return len(bars()) == 2 and bool(log.messages("dead-letters"))

    def bars() -> list[VendorBar]:
        return [m for m in log.messages("ticks") if isinstance(m, VendorBar)]

    await run_against(server, "yahoo:AAPL,GONE", settings, log, tmp_path, answered)
    first, last = bars()
    assert (first.instrument, first.ts_open) == ("YAHOO:AAPL", OPENED * 10**9)
    assert (first.open, first.high, first.low, first.close) == (
        *(265_880000, 266_420000, 265_530000, 266_110000),
    )
    assert (first.volume, last.ts_open) == (1234567 * 10**6, (OPENED + 120) * 10**9)
    assert first.final
    letters = [m.error for m in log.messages("dead-letters") if isinstance(m, DeadLetter)]
    assert all("Yahoo says of GONE" in error for error in letters)
    kinds = [str(m.kind) for m in log.messages("ticks") if isinstance(m, Status)]
    assert kinds == ["CONNECTED"] * 2 + ["DISCONNECTED"] * 2


@pytest.mark.asyncio
async def test_too_many_requests_are_told_and_a_server_that_is_away_breaks_the_line() -> None:
    import asyncio

    ask, venue = asking(), VENUES["yahoo"]
    async with YahooServer(9, Troubles()).serving() as place:
        url = f"{place.rest}/minutes?symbol=BUSY"
        body = await asyncio.to_thread(ask, url)
    refused, slower = venue.codec({}, venue.place).answer(url, body, 1)
    assert isinstance(refused, Rejected)
    assert slower == Slower(60.0)
    with pytest.raises(ConnectionError, match="Yahoo does not answer"):
        await asyncio.to_thread(ask, url)


@pytest.mark.asyncio
async def test_without_the_library_the_extra_is_named(
    settings: Settings, codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(MissingExtra, match=r"tickstream\[yahoo\]"):
        await live_feed("yahoo:AAPL", settings, codec, Log(codec), None)
