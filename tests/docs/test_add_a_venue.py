"""The how-to for adding a venue is followed: its code against a server of the toy venue."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from config.tree import Settings
from connectors.events import Rejected
from connectors.venue import Venue
from connectors.venues import VENUES
from schemas.codec import Codec
from schemas.records import FeedQuality
from tests.venues.books import TextBook
from tests.venues.server import Handler, Log, Troubles, VenueServer, book_of, run_against, told

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-venue.md"


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Venue:
    """The venue that the page makes, block by block."""
    made: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S):
        exec(block, made)
    venue: Venue = made["TOY"]
    monkeypatch.setitem(VENUES, "toy", venue)
    return venue


class ToyServer(VenueServer):
    path = "/stream"

    def __init__(self, troubles: Troubles) -> None:
        super().__init__(list(map(json.dumps, messages())), troubles)
        self.books = {"BTC/USD": TextBook()}
        self.subscribed = False
        self.number = 0

    def opened(self, request: web.Request) -> None:
        self.subscribed = False

    def ready(self) -> bool:
        return self.subscribed

    def hear(self, text: str) -> list[str]:
        self.subscribed = True
        book = self.books["BTC/USD"]
        head = {"t": "book", "pair": "BTC/USD", "ms": 1000, "n": self.number}
        return [json.dumps({**head, "bids": book.sorted_bids(), "asks": book.sorted_asks()})]

    def apply(self, message: str) -> None:
        body = json.loads(message)
        if body["t"] == "diff":
            self.books[body["pair"]].change(body["bids"], body["asks"])
            self.number = body["n"]

    def rest(self) -> dict[str, Handler]:
        return {"/pairs": self._pairs}

    async def _pairs(self, _: web.Request) -> web.Response:
        pair = {"pair": "BTC/USD", "base": "BTC", "quote": "USD", "tick": "0.5", "lot": "0.01"}
        return web.json_response([pair])


def messages() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for n in range(1, 101):
        sides = {"bids": [[f"{100 + n % 7}.5", f"{n % 3}.25"]], "asks": [["120", f"{n}"]]}
        made.append({"t": "diff", "pair": "BTC/USD", "ms": 1000 + n, "n": n, **sides})
        numbers = {"ms": 1000 + n, "id": n, "price": "110.5", "size": "0.01"}
        made.append({"t": "trade", "pair": "BTC/USD", "side": "buy", **numbers})
    return made


@pytest.mark.asyncio
async def test_the_toy_venue_lives_through_a_broken_line_and_a_gap(
    toy: Venue, settings: Settings, codec: Codec, tmp_path: Path
) -> None:
    server, log = ToyServer(Troubles(break_after=(60,), missed=6, lost=(120,))), Log(codec)
    await run_against(
        server, "toy:BTC-USD", settings, log, tmp_path, lambda: told(log)[-1] == "RESYNCED"
    )
    opened = ["CONNECTED", "RESYNCED"]
    assert told(log) == [*opened, "DISCONNECTED", *opened, "GAP", "RESYNCED", "DISCONNECTED"]
    assert book_of(log, "TOY:BTC-USD") == server.books["BTC/USD"].scaled(1, 2)
    (measured,) = log.messages("quality")
    assert isinstance(measured, FeedQuality)
    assert (measured.gaps, measured.connections, measured.instruments) == (1, 2, 1)


def test_what_the_toy_venue_refuses_is_told_in_its_words(toy: Venue) -> None:
    of = toy.codec({}, toy.place)
    (refused,) = of.receive(b'{"t":"error","why":"no such pair"}', 1)
    assert refused == Rejected("Toy says: no such pair", b'{"t":"error","why":"no such pair"}')
