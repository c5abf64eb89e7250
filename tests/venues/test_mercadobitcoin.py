"""Mercado Bitcoin against a local server with its habits: quiet books, answers without names."""

from pathlib import Path

import pytest

from config.tree import Settings
from connectors.events import Instrument, Rejected
from connectors.session import SendText
from connectors.venues import VENUES
from schemas.codec import Codec
from schemas.frames import MarketFrame
from schemas.records import Status
from tests.venues.mercadobitcoin_server import STREAMS, MercadoBitcoinServer
from tests.venues.server import Log, Troubles, book_of, run_against

SOURCE = "mercadobitcoin:BTC-BRL,USDC-BRL"
VENUE = VENUES["mercadobitcoin"]


def told(log: Log, name: str) -> list[str]:
    found = [m for m in log.messages("ticks") if isinstance(m, Status)]
    return [str(m.kind) for m in found if m.instrument == name]


@pytest.mark.asyncio
async def test_a_quiet_book_is_there_too_and_both_are_after_a_broken_line_and_throttling(
    settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server, log = MercadoBitcoinServer(Troubles((30,), 10, throttled=(2,))), Log(codec)

    def both() -> bool:
        names = ("MERCADOBITCOIN:BTC-BRL", "MERCADOBITCOIN:USDC-BRL")
        return server.lines == 2 and all(told(log, name)[-1] == "RESYNCED" for name in names)

    await run_against(server, SOURCE, settings, log, tmp_path, both)
    twice = ["CONNECTED", "RESYNCED", "DISCONNECTED"] * 2
    assert told(log, "MERCADOBITCOIN:BTC-BRL") == twice
    assert told(log, "MERCADOBITCOIN:USDC-BRL")[-3:] == twice[-3:]
    assert not log.messages("dead-letters")
    asked = [text for text in server.heard if "subscribe" in text]
    assert len(asked) == 2 * 2 * len(STREAMS)
    for id_, name, scale in (("BRLBTC", "BTC-BRL", 2), ("BRLUSDC", "USDC-BRL", 5)):
        assert book_of(log, f"MERCADOBITCOIN:{name}") == server.books[id_].scaled(scale, 8)
    trades = [m.trades for m in log.messages("ticks") if isinstance(m, MarketFrame)]
    first = next(t for t in trades if len(t.price))
    assert (int(first.trade_id[0]), int(first.price[0]), int(first.side[0])) == (9000, 34500000, -1)


def test_what_the_venue_refuses_is_told_with_what_was_asked_though_it_does_not_say() -> None:
    server = MercadoBitcoinServer(Troubles())
    instruments = {
        "BRLBTC": Instrument("MERCADOBITCOIN:BTC-BRL", 2, 8),
        "BRLNOPE": Instrument("MERCADOBITCOIN:NOPE-BRL", 2, 8),
    }
    codec = VENUE.codec(instruments, VENUE.place)
    said = [request.text for request in codec.opening() if isinstance(request, SendText)]
    answers = [answer for text in said for answer in server.hear(text)]
    events = [event for answer in answers for event in codec.receive(answer.encode(), 1)]
    assert [event.error for event in events if isinstance(event, Rejected)] == [
        f"Mercado Bitcoin says: invalid pair to subscribe (asked for {name} of BRLNOPE)"
        for name in ("orderbook", "trade")
    ]


def test_a_book_that_is_answered_late_does_not_replace_a_newer_one() -> None:
    codec = VENUE.codec({"BRLBTC": Instrument("MERCADOBITCOIN:BTC-BRL", 2, 8)}, VENUE.place)
    body = b'{"asks":[["2","1"]],"bids":[["1","1"]],"timestamp":%d}'
    stream = b'{"type":"orderbook","id":"BRLBTC","ts":9,"limit":200,"data":%b}' % (body % 9)
    url = "http://x/api/v4/BTC-BRL/orderbook?limit=200"
    assert len(codec.receive(stream, 10)) == 1
    assert codec.answer(url, body % 8, 11) == []
    assert len(codec.answer(url, body % 9, 12)) == 1


def test_a_refused_request_is_told_in_the_venues_words() -> None:
    codec = VENUE.codec({}, VENUE.place)
    body = b'{"code":"PUBLIC_DATA|GET_ORDERBOOK|INVALID_BASE_QUOTE","message":"Invalid"}'
    (refused,) = codec.answer("http://x/api/v4/X-Y/orderbook", body, 1)
    assert isinstance(refused, Rejected)
    assert refused.error == (
        "Mercado Bitcoin says: Invalid (PUBLIC_DATA|GET_ORDERBOOK|INVALID_BASE_QUOTE)"
    )
