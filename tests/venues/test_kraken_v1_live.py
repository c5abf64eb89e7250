"""Kraken's WebSocket v1: books verified by checksum, mended by a new subscription."""

import json
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from config.tree import Settings
from schemas.codec import Codec
from schemas.records import DeadLetter, FeedQuality
from tests.venues.kraken_v1_server import PAIRS, KrakenV1Server, recorded_messages
from tests.venues.server import Log, Troubles, book_of, rows, run_against, told

pytestmark = pytest.mark.asyncio
SOURCE = "krakenv1:" + ",".join(PAIRS)


def metered() -> float:
    """Messages that the metrics tell of."""
    labels = {"feed": "KRAKEN"}
    return REGISTRY.get_sample_value("tickstream_feed_messages_total", labels) or 0.0


async def test_every_checksum_holds_and_a_break_of_the_line_is_mended(
    recorded: Path, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    venue, log = KrakenV1Server(recorded_messages(recorded), Troubles((900,), 50)), Log(codec)
    before = metered()
    feed = await run_against(venue, SOURCE, settings, log, tmp_path)
    assert told(log, "KRAKEN:BTC-CHF") == [
        *("CONNECTED", "RESYNCED", "DISCONNECTED", "CONNECTED", "RESYNCED", "DISCONNECTED"),
    ]
    assert sorted(rows(log)) == [
        *("KRAKEN:BTC-CHF", "KRAKEN:ETH-CHF", "KRAKEN:KSM-BTC"),
        *("KRAKEN:OCEAN-BTC", "KRAKEN:WAVES-EUR"),
    ]
    (measured,) = log.messages("quality")
    assert isinstance(measured, FeedQuality)
    assert (measured.checksum_failures, measured.gaps, measured.unsynced) == (0, 0, 0)
    for pair, decimals in PAIRS.items():
        name = f"KRAKEN:{pair.replace('/', '-').replace('XBT', 'BTC')}"
        assert book_of(log, name) == venue.books[pair].scaled(decimals, 8)
    assert metered() - before == measured.messages > 1000
    assert (measured.connections, measured.instruments) == (feed.connections, 5) == (2, 5)


async def test_a_lost_message_shows_in_the_checksum_and_the_book_is_subscribed_anew(
    recorded: Path, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    messages = recorded_messages(recorded)
    lost = at_the_top(messages, "WAVES/EUR")
    venue, log = KrakenV1Server(messages, Troubles(lost=(lost,))), Log(codec)
    await run_against(venue, SOURCE, settings, log, tmp_path, lambda: venue.books_sent > 5)
    asked = [json.loads(text) for text in venue.heard if "subscribe" in text]
    anew = [(m["event"], m["pair"]) for m in asked if m["pair"] == ["WAVES/EUR"]]
    assert anew == [("unsubscribe", ["WAVES/EUR"]), ("subscribe", ["WAVES/EUR"])]
    assert book_of(log, "KRAKEN:WAVES-EUR") == venue.books["WAVES/EUR"].scaled(6, 8)
    (measured,) = log.messages("quality")
    assert isinstance(measured, FeedQuality)
    assert measured.checksum_failures >= 1


def at_the_top(messages: list[str], pair: str) -> int:
    """The number of a message that changes the checksum of a pair's book."""
    checksum = ""
    for number, text in enumerate(messages):
        if f'"{pair}"' in text and '"c":' in text:
            before, checksum = checksum, text.partition('"c":')[2][:12]
            if number > 600 and before != checksum:
                return number
    raise AssertionError(pair)


async def test_what_the_venue_refuses_goes_to_the_dead_letters(
    recorded: Path, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    class Refusing(KrakenV1Server):
        def greeting(self) -> list[str]:
            error = {"errorMessage": "Exceeded msg rate", "event": "subscriptionStatus"}
            return [*super().greeting(), json.dumps({**error, "status": "error"})]

    venue, log = Refusing(recorded_messages(recorded)[:20], Troubles()), Log(codec)
    await run_against(venue, SOURCE, settings, log, tmp_path)
    (letter,) = log.messages("dead-letters")
    assert isinstance(letter, DeadLetter)
    assert letter.error == "Kraken says: Exceeded msg rate"
