"""Every venue's feed against a local server that speaks its protocol and lets things go wrong."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from config.tree import Settings, VenuePlace
from connectors.events import Instrument, Rejected
from connectors.session import SendText
from connectors.venues import VENUES
from console.commands.instruments import instruments
from console.errors import Failure
from console.live import live, live_feed, place_of
from schemas.codec import Codec
from schemas.records import FeedQuality
from tests.venues.bitfinex_server import BitfinexServer
from tests.venues.bitstamp_server import BitstampServer
from tests.venues.coinbase_server import AdvancedTradeServer, CoinbaseExchangeServer
from tests.venues.gemini_server import GeminiServer
from tests.venues.kraken_v2_server import KrakenV2Server
from tests.venues.okx_server import OkxServer
from tests.venues.server import (
    Log,
    Troubles,
    VenueServer,
    book_of,
    listed,
    replayed,
    rows,
    run_against,
    told,
    with_place,
)

SERVERS: dict[str, Callable[[Path, Troubles], VenueServer]] = {
    "bitfinex": BitfinexServer,
    "bitstamp": BitstampServer,
    "coinbase": AdvancedTradeServer,
    "coinbaseexchange": CoinbaseExchangeServer,
    "gemini": GeminiServer,
    "kraken": KrakenV2Server,
    "okx": OkxServer,
}
# what a message looks like whose loss the venue's protocol lets a client notice
NOTICED = {
    "bitfinex": "[",
    "coinbase": "l2update",
    "coinbaseexchange": '"match"',
    "kraken": '"book"',
    "okx": '"books"',
}


def source(word: str, server: VenueServer) -> str:
    return f"{word}:{','.join(server.books)}"


def by_instrument(log: Log) -> list[list[str]]:
    return [told(log, name) for name in rows(log)]


def whole(log: Log) -> bool:
    return all(kinds[-1] == "RESYNCED" for kinds in by_instrument(log))


def check_books(log: Log, server: VenueServer, folder: Path) -> None:
    for symbol, (name, *scales) in listed(folder / "live.gz").items():
        assert book_of(log, name) == server.books[symbol].scaled(*scales), symbol


def measured(log: Log, count: str) -> int:
    records = [m for m in log.messages("quality") if isinstance(m, FeedQuality)]
    return sum(getattr(record, count) for record in records)


@pytest.mark.asyncio
@pytest.mark.parametrize("word", SERVERS)
async def test_after_a_broken_line_every_book_is_the_venues_again(
    word: str, recorded: Path, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server, log = SERVERS[word](recorded, Troubles()), Log(codec)
    count = len(server.messages)
    server.troubles = Troubles(break_after=(count // 2,), missed=count // 20)
    feed = await run_against(
        server, source(word, server), settings, log, tmp_path, lambda: whole(log)
    )
    opened = ["CONNECTED", "RESYNCED", "DISCONNECTED"]
    assert all(kinds == opened * 2 for kinds in by_instrument(log))
    assert sum(line.connections for line in feed.lines) == 2
    check_books(log, server, tmp_path)
    assert not log.messages("dead-letters")
    assert (measured(log, "connections"), measured(log, "rejected")) == (2, 0)
    assert measured(log, "checksum_failures") == 0


@pytest.mark.asyncio
@pytest.mark.parametrize("word", NOTICED)
async def test_a_lost_message_is_noticed_and_the_book_mended(
    word: str, recorded: Path, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server, log = SERVERS[word](recorded, Troubles()), Log(codec)
    two_thirds = len(server.messages) * 2 // 3
    later = range(two_thirds, len(server.messages))
    lost = [n for n in later if NOTICED[word] in server.messages[n]][:3]
    server.troubles = Troubles(lost=tuple(lost))
    await run_against(server, source(word, server), settings, log, tmp_path, lambda: whole(log))
    assert measured(log, "gaps") + measured(log, "checksum_failures") > 0
    check_books(log, server, tmp_path)


@pytest.mark.asyncio
async def test_a_venue_that_asks_for_a_new_line_gets_one(
    recorded: Path, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server, log = BitstampServer(recorded, Troubles()), Log(codec)
    asks = '{"event":"bts:request_reconnect","channel":"","data":""}'
    server.messages.insert(len(server.messages) // 2, asks)

    def mended() -> bool:
        return server.lines == 2 and whole(log)

    await run_against(server, source("bitstamp", server), settings, log, tmp_path, mended)
    assert server.lines == 2
    check_books(log, server, tmp_path)


@pytest.mark.asyncio
async def test_more_symbols_than_a_line_takes_are_spread_and_captured_a_file_a_line(
    recorded: Path,
    settings: Settings,
    codec: Codec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = replace(VENUES["gemini"].limits, symbols=4)
    monkeypatch.setitem(VENUES, "gemini", replace(VENUES["gemini"], limits=few))
    server = GeminiServer(recorded, Troubles())
    async with server.serving() as place:
        made = with_place(settings, "gemini", place, tmp_path)
        asked = source("gemini", server)
        feed = await live_feed(asked, made, codec, Log(codec), tmp_path / "g.gz")
    assert [len(line.instruments) for line in feed.lines] == [4, 4, 2]
    names = [line.session.quality(1, 0).feed for line in feed.lines]
    assert names == ["GEMINI/1", "GEMINI/2", "GEMINI/3"]
    captures = [line.capture for line in feed.lines if line.capture]
    assert [capture.path.name for capture in captures] == ["g-1.gz", "g-2.gz", "g-3.gz"]


@pytest.mark.asyncio
async def test_a_feed_runs_until_it_is_stopped_and_tells_of_its_end(
    recorded: Path, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server, log, stop = OkxServer(recorded, Troubles()), Log(codec), threading.Event()
    async with server.serving() as place:
        made = with_place(settings, "okx", place, tmp_path)
        running = asyncio.create_task(
            live(source("okx", server), made, codec, log, stop, tmp_path / "o.zst")
        )
        await asyncio.wait_for(server.played_out.wait(), 300)
        stop.set()
        await asyncio.wait_for(running, 120)
    assert {kinds[-1] for kinds in by_instrument(log)} == {"DISCONNECTED"}
    assert rows(replayed(tmp_path / "o.zst", codec)) == rows(log)


def test_an_address_for_a_venue_that_is_none_is_refused(settings: Settings, tmp_path: Path) -> None:
    made = with_place(settings, "krakn", VenuePlace("ws://x", "http://x"), tmp_path)
    with pytest.raises(Failure, match="did you mean kraken"):
        place_of("kraken", made)


@pytest.mark.asyncio
async def test_instruments_are_shown_as_the_venue_lists_them(
    recorded: Path, tmp_path: Path
) -> None:
    server = KrakenV2Server(recorded, Troubles())
    async with server.serving() as place:
        config = tmp_path / "c.toml"
        config.write_text(
            f"""[connectors]
reference = "{tmp_path}"
[connectors.venues.kraken]
rest = "{place.rest}"
"""
        )
        facts = await asyncio.to_thread(instruments, "Kraken", "*-CHF", config)
    assert (facts["listed"], facts["matching"]) == (5, 2)
    assert facts["instruments"]["KRAKEN:BTC-CHF"] == {
        "symbol": "BTC/CHF",
        "kind": "spot",
        "tick": "0.00001",
        "lot": "0.00000001",
        "multiplier": "1",
        "currency": "CHF",
        "status": "TRADING",
        "hours": "24/7",
    }
    with pytest.raises(Failure, match="no venue with a live feed"):
        instruments("nowhere", "*", None)


@pytest.mark.parametrize("word", [word for word in SERVERS if word != "coinbaseexchange"])
def test_what_the_venue_refuses_is_told_in_its_words(word: str, recorded: Path) -> None:
    server, venue = SERVERS[word](recorded, Troubles()), VENUES[word]
    session = venue.codec({"NOPE": Instrument("X:NOPE", 2, 2)}, venue.place)
    if word == "coinbase":
        answers = ['{"type":"error","message":"invalid product"}']
    else:
        requests = [r.text for r in session.opening() if isinstance(r, SendText)]
        answers = [answer for text in requests for answer in server.hear(text)]
    events = [event for answer in answers for event in session.receive(answer.encode(), 1)]
    refused = [event.error for event in events if isinstance(event, Rejected)]
    assert refused
    assert all(" says: " in error for error in refused)
