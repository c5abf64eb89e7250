"""The live Binance connector against a real server: it lives through a broken line and a gap."""

import json
from pathlib import Path

import pytest

from config.tree import Settings
from connectors.binance.markets import COINM, SPOT, Market
from console.errors import Failure
from console.live import live_feed
from schemas.codec import Codec
from schemas.frames import MarketFrame
from schemas.records import FeedQuality
from tests.venues.binance_server import BinanceServer
from tests.venues.server import Log, Troubles, book_of, run_against, told, with_place

pytestmark = pytest.mark.asyncio


async def test_a_broken_line_a_gap_and_throttling_are_told_and_mended(
    recorded: Path, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    venue, log = BinanceServer(recorded, Troubles((2500,), 100, throttled=(2,))), Log(codec)
    lost = next(n for n in range(4000, 6000) if "depthUpdate" in venue.messages[n])
    venue.troubles.lost = (lost,)
    feed = await run_against(
        venue,
        "binanceusdm:BTCUSDT",
        settings,
        log,
        tmp_path,
        until=lambda: told(log)[-1] == "RESYNCED",
    )
    opened = ["CONNECTED", "RESYNCED"]
    assert told(log) == [*opened, "DISCONNECTED", *opened, "GAP", "RESYNCED", "DISCONNECTED"]
    assert feed.connections == 2

    ticks = log.messages("ticks")
    trades = [int(t) for m in ticks if isinstance(m, MarketFrame) for t in m.trades.trade_id]
    assert trades == sent_trades(venue, {*range(2501, 2601), lost})
    assert book_of(log, "BINANCEUSDM:BTCUSDT") == venue.books["BTCUSDT"].scaled(1, 3)
    assert not log.messages("dead-letters")
    (measured,) = log.messages("quality")
    assert isinstance(measured, FeedQuality)
    assert (measured.feed, measured.gaps, measured.connections) == ("BINANCEUSDM", 1, 2)
    assert measured.messages > 5000


@pytest.mark.parametrize(
    ("word", "market", "name", "scales"),
    [
        ("binance", SPOT, "BINANCE:BTC-USDT", (2, 8)),
        ("binancecoinm", COINM, "BINANCECOINM:BTCUSD_PERP", (1, 0)),
    ],
)
async def test_spot_and_inverse_contracts_are_followed_alike(
    word: str,
    market: Market,
    name: str,
    scales: tuple[int, int],
    recorded: Path,
    settings: Settings,
    codec: Codec,
    tmp_path: Path,
) -> None:
    venue, log = BinanceServer(recorded, Troubles((3000,), 50), market), Log(codec)
    source = f"{word}:{name.partition(':')[2]}"
    await run_against(venue, source, settings, log, tmp_path, lambda: told(log)[-1] == "RESYNCED")
    assert book_of(log, name) == venue.books[venue.symbol].scaled(*scales)


def sent_trades(venue: BinanceServer, missed: set[int]) -> list[int]:
    bodies = [json.loads(t)["data"] for n, t in enumerate(venue.messages) if n not in missed]
    return [m["t"] for m in bodies if m.get("e") == "trade" and m["X"] == "MARKET"]


async def test_an_unknown_symbol_is_refused_by_name(
    recorded: Path, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    async with BinanceServer(recorded, Troubles()).serving() as place:
        made = with_place(settings, "binanceusdm", place, tmp_path)
        with pytest.raises(Failure, match="no symbol 'BTCUSDX'; near it are BTCUSDT"):
            await live_feed("binanceusdm:BTCUSDX", made, codec, Log(codec), None)


async def test_an_unknown_venue_is_refused_with_the_known_ones(
    settings: Settings, codec: Codec
) -> None:
    with pytest.raises(Failure, match="binanceusdm"):
        await live_feed("nowhere:BTC", settings, codec, Log(codec), None)
