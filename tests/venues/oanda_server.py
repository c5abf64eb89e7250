"""A local server that speaks OANDA's pricing stream, prices, candles and instruments."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from aiohttp import web

from config.tree import VenuePlace
from tests.venues.server import Handler, Troubles, VenueServer

TOKEN, ACCOUNT = "oanda-secret-token", "101-004-7654321-001"
KEYS = {"TICKSTREAM_OANDA_KEY": TOKEN, "TICKSTREAM_OANDA_EXTRA": ACCOUNT}
REFUSED = {"errorMessage": "Insufficient authorization to perform request."}


def price(name: str, second: int, bid: str, ask: str, tradeable: bool = True) -> dict[str, Any]:
    return {
        "type": "PRICE",
        "time": f"2026-11-20T15:04:{second:02d}.123456789Z",
        "instrument": name,
        "status": "tradeable" if tradeable else "non-tradeable",
        "tradeable": tradeable,
        "bids": [{"price": bid, "liquidity": 1000000}, {"price": "1.00000", "liquidity": 9}],
        "asks": [{"price": ask, "liquidity": 2000000}],
        "closeoutBid": bid,
        "closeoutAsk": ask,
    }


HEARTBEAT = {"type": "HEARTBEAT", "time": "2026-11-20T15:04:30.000000000Z"}
PRICES = [
    price("EUR_USD", 1, "1.15101", "1.15112"),
    price("USD_JPY", 1, "154.101", "154.115"),
    HEARTBEAT,
    price("EUR_USD", 2, "1.15102", "1.15113"),
    price("EUR_USD", 3, "1.15103", "1.15114", tradeable=False),
]


class OandaServer(VenueServer):
    path = "/v3/accounts/{account}/pricing/stream"

    def __init__(self, messages: list[dict[str, Any]], troubles: Troubles) -> None:
        super().__init__([json.dumps(m) for m in messages], troubles)

    async def stream(self, request: web.Request) -> web.StreamResponse:  # type: ignore[override]
        if not _ours(request):
            return web.json_response(REFUSED, status=401)
        self.lines += 1
        self.heard.append(request.query["instruments"])
        response = web.StreamResponse()
        await response.prepare(request)
        while self.played < len(self.messages):
            number = self._advance()
            await response.write(self.messages[number].encode() + b"\n")
            if number in self.troubles.break_after:
                return response
        self.played_out.set()
        await asyncio.sleep(60)
        return response

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[VenuePlace]:
        async with super().serving() as place:
            yield replace(place, socket=place.rest)

    def rest(self) -> dict[str, Handler]:
        return {
            "/v3/accounts/{account}/instruments": self._instruments,
            "/v3/accounts/{account}/pricing": self._pricing,
            "/v3/instruments/{name}/candles": self._candles,
        }

    async def _instruments(self, request: web.Request) -> web.Response:
        if not _ours(request):
            return web.json_response(REFUSED, status=401)
        rows = [
            {"name": "EUR_USD", "type": "CURRENCY", "displayPrecision": 5},
            {"name": "USD_JPY", "type": "CURRENCY", "displayPrecision": 3},
            {"name": "SPX500_USD", "type": "CFD", "displayPrecision": 1},
        ]
        more = {"tradeUnitsPrecision": 0, "minimumTradeSize": "1"}
        return web.json_response({"instruments": [{**row, **more} for row in rows]})

    async def _pricing(self, request: web.Request) -> web.Response:
        name = request.query["instruments"]
        found = [m for m in map(json.loads, self.messages) if m.get("instrument") == name]
        return web.json_response({"prices": found[-1:], "time": HEARTBEAT["time"]})

    async def _candles(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name != "EUR_USD":
            error = {"errorMessage": "Invalid value specified for 'instrument'"}
            return web.json_response(error, status=400)
        bid = {"o": "1.15010", "h": "1.15120", "l": "1.15000", "c": "1.15101"}
        rows = [
            {"complete": True, "volume": 27, "time": "2026-11-20T15:03:00.000000000Z", "bid": bid},
            {"complete": False, "volume": 3, "time": "2026-11-20T15:04:00.000000000Z", "bid": bid},
        ]
        body = {"instrument": name, "granularity": "M1", "candles": rows}
        return web.json_response(body)


def _ours(request: web.Request) -> bool:
    known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
    return known and request.match_info["account"] == ACCOUNT
