"""The live Binance connector against a real server: it lives through a broken line and a gap."""

import asyncio
from pathlib import Path

import pytest

from config.tree import Settings
from console.commands.connect import binance_feed
from console.errors import Failure
from schemas.codec import Codec, Message
from schemas.frames import MarketFrame, TapeFrame
from schemas.records import Status
from streams.cause import Cause
from streams.operators.market.builder import Builder
from streams.topology import OperatorConfigs
from tests.venues.binance_server import BinanceServer, recorded_messages, serving

pytestmark = pytest.mark.asyncio


class Log:
    """A Writer that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, Cause]] = []

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        self.sent.append((topic, value, cause))

    def flush(self) -> None:
        """Kept already."""

    def messages(self, codec: Codec, topic: str) -> list[Message]:
        return [codec.decode(value) for name, value, _ in self.sent if name == topic]


def server(recorded: Path) -> BinanceServer:
    path = recorded / "binance" / "usdm_btcusdt_20240808.gz"
    snapshot, messages = recorded_messages(path, 6000)
    made = BinanceServer(messages, disconnect_after=2500, leave_out=380)
    made.bids, made.asks = dict(snapshot["bids"]), dict(snapshot["asks"])
    made.last = snapshot["lastUpdateId"]
    return made


async def test_a_broken_line_and_a_gap_are_told_and_mended(
    recorded: Path, settings: Settings, codec: Codec, configs: OperatorConfigs, tmp_path: Path
) -> None:
    venue, log = server(recorded), Log()
    capture = tmp_path / "live.gz"
    async with serving(venue) as port:
        feed = await binance_feed(
            "binanceusdm:BTCUSDT",
            settings,
            codec,
            log,
            capture,
            f"ws://127.0.0.1:{port}",
            f"http://127.0.0.1:{port}",
        )
        task = asyncio.create_task(feed.run())
        await asyncio.wait_for(venue.played_out.wait(), 60)
        await asyncio.sleep(1.5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    ticks = log.messages(codec, "ticks")
    kinds = [message.kind for message in ticks if isinstance(message, Status)]
    assert kinds[:2] == ["CONNECTED", "RESYNCED"]
    assert kinds.index("DISCONNECTED") < len(kinds) - 1
    assert "GAP" in kinds
    assert kinds[-1] == "RESYNCED"
    assert feed.connections == 2
    assert venue.snapshots >= 3

    trades = [int(t) for m in ticks if isinstance(m, MarketFrame) for t in m.trades.trade_id]
    assert trades == venue.sent_trades
    assert tops(ticks, configs) == venue.best()
    assert capture.stat().st_size > 10_000
    assert not log.messages(codec, "dead-letters")


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
    recorded: Path, settings: Settings, codec: Codec
) -> None:
    async with serving(server(recorded)) as port:
        rest = f"http://127.0.0.1:{port}"
        with pytest.raises(Failure, match="trades no symbol 'NOPE'"):
            await binance_feed("binanceusdm:NOPE", settings, codec, Log(), None, rest, rest)


async def test_an_unknown_venue_is_refused_with_the_known_ones(
    settings: Settings, codec: Codec
) -> None:
    with pytest.raises(Failure, match="binanceusdm"):
        await binance_feed("nowhere:BTC", settings, codec, Log(), None)
