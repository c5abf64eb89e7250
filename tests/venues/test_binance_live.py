"""The live Binance connector against a real server: it lives through a broken line and a gap."""

import json
from pathlib import Path

import pytest

from config.tree import Settings
from console.errors import Failure
from console.live import live_feed
from schemas.codec import Codec, Message
from schemas.frames import MarketFrame, TapeFrame
from schemas.records import FeedQuality, Status
from streams.operators.market.builder import Builder
from streams.topology import OperatorConfigs
from tests.venues.binance_server import BinanceServer, recorded_messages
from tests.venues.server import Log, Troubles, run_against, with_place

pytestmark = pytest.mark.asyncio


def server(recorded: Path, troubles: Troubles) -> BinanceServer:
    path = recorded / "binance" / "usdm_btcusdt_20240808.gz"
    return BinanceServer(*recorded_messages(path, 6000), troubles)


async def test_a_broken_line_a_gap_and_throttling_are_told_and_mended(
    recorded: Path, settings: Settings, codec: Codec, configs: OperatorConfigs, tmp_path: Path
) -> None:
    venue, log = server(recorded, Troubles((2500,), 100, throttled=(2,))), Log(codec)
    lost = next(n for n in range(4000, 6000) if "depthUpdate" in venue.messages[n])
    venue.troubles.lost = (lost,)
    feed = await run_against(
        venue,
        "binanceusdm:BTCUSDT",
        settings,
        log,
        tmp_path,
        until=lambda: kinds(log)[-1] == "RESYNCED",
    )
    told = kinds(log)
    assert told == [
        "CONNECTED",
        "RESYNCED",
        "DISCONNECTED",
        "CONNECTED",
        "RESYNCED",
        "GAP",
        "RESYNCED",
    ]
    assert feed.connections == 2

    ticks = log.messages("ticks")
    trades = [int(t) for m in ticks if isinstance(m, MarketFrame) for t in m.trades.trade_id]
    assert trades == sent_trades(venue, {*range(2501, 2601), lost})
    assert tops(ticks, configs) == venue.best()
    assert not log.messages("dead-letters")
    (measured,) = log.messages("quality")
    assert isinstance(measured, FeedQuality)
    assert (measured.feed, measured.gaps, measured.connections) == ("BINANCEUSDM", 1, 2)
    assert measured.messages > 5000


def kinds(log: Log) -> list[str]:
    return [str(m.kind) for m in log.messages("ticks") if isinstance(m, Status)]


def sent_trades(venue: BinanceServer, missed: set[int]) -> list[int]:
    bodies = [json.loads(t)["data"] for n, t in enumerate(venue.messages) if n not in missed]
    return [m["t"] for m in bodies if m.get("e") == "trade" and m["X"] == "MARKET"]


def tops(ticks: list[Message], configs: OperatorConfigs) -> tuple[str, str]:
    """Best bid and ask of the book that the builder makes of it, as the venue writes them."""
    builder, last = Builder(configs.builder), None
    for message in ticks:
        for output in builder.apply(message):
            if isinstance(output.message, TapeFrame) and len(output.message.books.seq):
                last = output.message
    assert last is not None
    n = last.levels
    bid, ask = int(last.books.bid_price[-n]), int(last.books.ask_price[-n])
    return f"{bid / 10:.2f}", f"{ask / 10:.2f}"


async def test_an_unknown_symbol_is_refused_by_name(
    recorded: Path, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    async with server(recorded, Troubles()).serving() as place:
        made = with_place(settings, "binanceusdm", place, tmp_path)
        with pytest.raises(Failure, match="no symbol 'BTCUSDX'; near it are BTCUSDT"):
            await live_feed("binanceusdm:BTCUSDX", made, codec, Log(codec), None)


async def test_an_unknown_venue_is_refused_with_the_known_ones(
    settings: Settings, codec: Codec
) -> None:
    with pytest.raises(Failure, match="binanceusdm"):
        await live_feed("nowhere:BTC", settings, codec, Log(codec), None)
