"""A local server that speaks Massive's WebSocket and its list of tickers, in two pages. The
messages are those of its documentation."""

import json
from typing import Any

from aiohttp import web

from tests.venues.server import Handler, Troubles, VenueServer

KEY = "massive-secret-key"
KEYS = {"TICKSTREAM_MASSIVE_KEY": KEY}
STOCKS: list[dict[str, Any]] = [
    {
        **{"ev": "T", "sym": "MSFT", "x": 4, "i": "12345", "z": 3, "p": 114.125, "s": 100},
        **{"c": [0, 12], "t": 1536036818784, "q": 3681328},
    },
    {
        **{
            "ev": "T",
            "sym": "MSFT",
            "x": 4,
            "i": "12346",
            "z": 3,
            "p": 114.2,
            "s": 0,
            "ds": "0.25",
        },
        **{"ds": "0.25", "c": [37], "t": 1536036818790, "q": 3681329},
    },
    {
        **{"ev": "T", "sym": "MSFT", "x": 4, "i": "12347", "z": 3, "p": 110, "s": 500, "c": [2]},
        **{"t": 1536036818795, "q": 3681330},
    },
    {
        **{"ev": "Q", "sym": "MSFT", "bx": 4, "bp": 114.125, "bs": 100, "ax": 7, "ap": 114.128},
        **{"as": 160, "c": 0, "i": [604], "t": 1536036818784, "q": 50385480, "z": 3},
    },
    {
        **{"ev": "AM", "sym": "GTE", "v": 4110, "av": 9470157, "op": 0.4372, "vw": 0.4488},
        **{"o": 0.4488, "c": 0.4486, "h": 0.4489, "l": 0.4486, "a": 0.4352, "z": 685},
        **{"s": 1610144640000, "e": 1610144700000},
    },
    {
        **{"ev": "LULD", "T": "MSFT", "h": 218.76, "l": 198.95, "i": [17], "z": 3},
        **{"t": 1601318039223, "q": 4},
    },
]
CRYPTO: list[dict[str, Any]] = [
    {
        **{"ev": "XT", "pair": "BTC-USD", "p": 33021.9, "t": 1610462007425, "s": 0.01616617},
        **{"c": [2], "i": "14272084", "x": 3, "r": 1610462007576},
    },
    {
        **{"ev": "XT", "pair": "BTC-USD", "p": 33022.1, "t": 1610462007426, "s": 0.5, "c": [1]},
        **{"i": "9f2c1b7e-8c6f-4a7e-8b59-000000000001", "x": 1, "r": 1610462007577},
    },
    {
        **{"ev": "XQ", "pair": "BTC-USD", "bp": 33052.79, "bs": 0.48, "ap": 33073.19},
        **{"as": 0.601, "t": 1610462411115, "x": 1, "r": 1610462411128},
    },
    {
        **{"ev": "XA", "pair": "BTC-USD", "v": 951.6112, "vw": 0.7756, "z": 73, "o": 0.772},
        **{"c": 0.784, "h": 0.784, "l": 0.771, "s": 1610463240000, "e": 1610463300000},
    },
]
FOREX: list[dict[str, Any]] = [
    {"ev": "C", "p": "USD/CNH", "x": "44", "a": 6.83366, "b": 6.83363, "t": 1536036818784},
    {
        **{"ev": "CA", "pair": "USD/CNH", "o": 6.8687, "c": 6.86868, "h": 6.8687, "l": 6.86868},
        **{"v": 18, "s": 1539145740000},
    },
]


def status(kind: str, message: str) -> str:
    return json.dumps([{"ev": "status", "status": kind, "message": message}])


class MassiveServer(VenueServer):
    path = "/stocks"

    def __init__(self, messages: list[dict[str, Any]], troubles: Troubles) -> None:
        super().__init__([json.dumps([m]) for m in messages], troubles)
        self.subscribed = self.known = False

    def opened(self, request: web.Request) -> None:
        self.subscribed = self.known = False

    def greeting(self) -> list[str]:
        return [status("connected", "Connected Successfully")]

    def ready(self) -> bool:
        return self.subscribed

    def hear(self, text: str) -> list[str]:
        message = json.loads(text)
        match message["action"]:
            case "auth":
                self.known = message["params"] == KEY
                if self.known:
                    return [status("auth_success", "authenticated")]
                return [status("auth_failed", "authentication failed")]
            case "subscribe" if self.known:
                self.subscribed = True
                names = message["params"].split(",")
                return [status("success", f"subscribed to: {name}") for name in names]
        return [status("error", "not authorized")]

    def rest(self) -> dict[str, Handler]:
        return {"/v3/reference/tickers": self._tickers}

    async def _tickers(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"status": "ERROR", "error": "Unknown API Key"}, status=401)
        if "cursor" in request.query:
            return web.json_response({"results": [{"ticker": "GTE", "type": "CS"}]})
        following = str(request.url.with_query(cursor="next"))
        rows = [{"ticker": "MSFT", "type": "CS", "active": True}]
        return web.json_response({"results": rows, "next_url": following})
