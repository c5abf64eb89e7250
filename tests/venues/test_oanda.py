"""OANDA against a local server: a stream over HTTP, candles, and what goes wrong."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from config.tree import Settings
from connectors.access import Denied
from connectors.trading.credentials import KeysError
from console.live import live_feed
from schemas.codec import Codec
from schemas.frames import MarketFrame
from schemas.records import DeadLetter, FeedQuality, Status, VendorBar
from tests.venues.oanda_server import ACCOUNT, KEYS, PRICES, TOKEN, OandaServer
from tests.venues.server import Log, Troubles, run_against, with_place

SOURCE = "oanda:EUR-USD,USD-JPY"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, word in KEYS.items():
        monkeypatch.setenv(name, word)


def told(log: Log, cls: type) -> list[Any]:
    return [m for m in log.messages("ticks") if isinstance(m, cls)]


@pytest.mark.asyncio
async def test_prices_and_candles_come_whole_and_a_broken_stream_is_opened_again(
    settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server = OandaServer([*PRICES[:3], *PRICES], Troubles(break_after=(2,), throttled=(3,)))
    log = Log(codec)

    def answered() -> bool:
        return len(told(log, VendorBar)) == 2 and bool(log.messages("dead-letters"))

    await run_against(server, SOURCE, settings, log, tmp_path, answered)
    kinds = [str(m.kind) for m in told(log, Status) if m.instrument == "OANDA:EUR-USD"]
    assert kinds == [
        *("CONNECTED", "TRADING", "RESYNCED", "DISCONNECTED"),
        *("CONNECTED", "TRADING", "RESYNCED", "CLOSED", "DISCONNECTED"),
    ]
    assert server.heard == ["EUR_USD,USD_JPY"] * 2
    frames = [f for f in told(log, MarketFrame) if f.instrument == "OANDA:EUR-USD"]
    best = [int(f.depth.price[0]) for f in frames]
    assert (best[0], int(frames[0].depth.size[0])) == (115101, 1_000_000)
    done, running = told(log, VendorBar)
    assert (done.basis, done.open, done.final, running.final) == ("bid", 115010, True, False)
    (letter, *_) = log.messages("dead-letters")
    assert isinstance(letter, DeadLetter)
    assert letter.error == "OANDA says: Invalid value specified for 'instrument'"
    (measured, *_) = log.messages("quality")
    assert isinstance(measured, FeedQuality)
    assert (measured.connections, measured.unsynced) == (2, 0)
    with gzip.open(tmp_path / "live.gz", "rb") as file:
        everything = file.read() + b"".join(value for _, value, _ in log.sent)
    assert TOKEN.encode() not in everything
    assert ACCOUNT.encode() not in everything


@pytest.mark.asyncio
async def test_a_token_that_is_refused_ends_the_feed(
    settings: Settings, codec: Codec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with OandaServer([], Troubles()).serving() as place:
        made = with_place(settings, "oanda", place, tmp_path)
        await live_feed("oanda:EUR-USD", made, codec, Log(codec), None)
        monkeypatch.setenv("TICKSTREAM_OANDA_KEY", "another")
        feed = await live_feed("oanda:EUR-USD", made, codec, Log(codec), None)
        with pytest.raises(Denied, match=r"refuses the keys \(HTTP 401\).*authorization"):
            await feed.run()


@pytest.mark.asyncio
async def test_the_id_of_the_account_is_asked_for(
    settings: Settings, codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TICKSTREAM_OANDA_EXTRA")
    with pytest.raises(KeysError, match="TICKSTREAM_OANDA_EXTRA"):
        await live_feed("oanda:EUR-USD", settings, codec, Log(codec), None)
