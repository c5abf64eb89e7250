"""Local servers that speak as the vendors that are asked again and again: Finnhub (with trades on
a WebSocket), Twelve Data, Alpha Vantage."""

import json
from typing import Any

from aiohttp import web

from tests.venues.server import Handler, Troubles, VenueServer

KEY = "vendor-secret-key"
TRADES: list[dict[str, Any]] = [
    {
        "type": "trade",
        "data": [
            {"p": 7296.89, "s": "BINANCE:BTCUSDT", "t": 1575526691134, "v": 0.011467, "c": None},
            {"p": 7296.89, "s": "BINANCE:BTCUSDT", "t": 1575526691134, "v": 0.011467},
        ],
    },
    {"type": "ping"},
    {
        "type": "trade",
        "data": [{"p": 261.5, "s": "AAPL", "t": 1582641000000, "v": 100, "c": ["1"]}],
    },
    {"type": "error", "msg": "Subscribing to too many symbols"},
]
DAY = {"c": 261.74, "h": 263.31, "l": 260.68, "o": 261.07, "pc": 259.45, "t": 1582641000}
MINUTES = [
    {
        **{"datetime": "2021-09-16 15:59:00", "open": "148.73500", "high": "148.86000"},
        **{"low": "148.73000", "close": "148.85001", "volume": "624277"},
    },
    {
        **{"datetime": "2021-09-16 15:58:00", "open": "148.72000", "high": "148.78000"},
        **{"low": "148.70000", "close": "148.74001", "volume": "274622"},
    },
]
DAYS = {
    "2026-11-20": ("304.5100", "306.2500", "303.1600", "305.0000", "3012345"),
    "2026-11-19": ("303.0000", "305.0000", "302.5000", "304.4000", "2812345"),
}


class FinnhubServer(VenueServer):
    def __init__(self, troubles: Troubles) -> None:
        super().__init__([json.dumps(m) for m in TRADES], troubles)
        self.subscribed: set[str] = set()

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        if request.query.get("token") != KEY:
            raise web.HTTPUnauthorized
        return await super().stream(request)

    def opened(self, request: web.Request) -> None:
        self.subscribed.clear()

    def ready(self) -> bool:
        return {"AAPL", "BINANCE:BTCUSDT"} <= self.subscribed

    def hear(self, text: str) -> list[str]:
        self.subscribed.add(json.loads(text)["symbol"])
        return []

    def rest(self) -> dict[str, Handler]:
        return {"/api/v1/quote": self._quote, "/api/v1/stock/symbol": self._symbols}

    async def _quote(self, request: web.Request) -> web.Response:
        known = request.query["symbol"] == "AAPL"
        return web.json_response(DAY if known else dict.fromkeys(DAY, 0))

    async def _symbols(self, _: web.Request) -> web.Response:
        return web.json_response([{"symbol": "AAPL", "currency": "USD", "type": "Common Stock"}])


class AskedServer(VenueServer):
    """Has played out after ``rounds`` answers that were good."""

    def __init__(self, rounds: int, troubles: Troubles, broken: tuple[int, ...] = ()) -> None:
        super().__init__([], troubles)
        self.rounds, self.broken = rounds, broken

    def _answer(self, body: Any) -> web.Response:
        if len(self.requests) in self.broken:
            return web.Response(status=502)
        self.rounds -= 1
        if not self.rounds:
            self.played_out.set()
        return web.json_response(body)


class TwelveDataServer(AskedServer):
    def rest(self) -> dict[str, Handler]:
        return {"/time_series": self._series}

    async def _series(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"apikey {KEY}":
            error = {"code": 401, "message": "**apikey** parameter is incorrect", "status": "error"}
            return web.json_response(error)
        if request.query["symbol"] == "NOPE":
            error = {"code": 404, "message": "**symbol** not found: NOPE", "status": "error"}
            return self._answer(error)
        meta = {"symbol": request.query["symbol"], "interval": "1min"}
        return self._answer({"meta": meta, "values": MINUTES, "status": "ok"})


class AlphaVantageServer(AskedServer):
    def rest(self) -> dict[str, Handler]:
        return {"/query": self._query}

    async def _query(self, request: web.Request) -> web.Response:
        if request.query.get("apikey") != KEY:
            return web.json_response(
                {"Error Message": "the parameter apikey is invalid or missing."}
            )
        shares = request.query["function"] == "TIME_SERIES_DAILY"
        names = ("1. open", "2. high", "3. low", "4. close", "5. volume")[: 5 if shares else 4]
        meta = {"5. Time Zone": "US/Eastern"} if shares else {"6. Time Zone": "UTC"}
        key = "Time Series (Daily)" if shares else "Time Series FX (Daily)"
        series = {day: dict(zip(names, row, strict=False)) for day, row in DAYS.items()}
        return self._answer({"Meta Data": meta, key: series})
