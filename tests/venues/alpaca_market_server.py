"""A local server that speaks Alpaca's market data stream, with the clock, calendar and assets of
its trading API. The messages are those of Alpaca's documentation, of one symbol each."""

import json
from typing import Any

from aiohttp import web

from tests.venues.server import Handler, Troubles, VenueServer

KEY, SECRET = "PKTESTKEY", "very-secret-words"
KEYS = {"TICKSTREAM_ALPACA_KEY": KEY, "TICKSTREAM_ALPACA_SECRET": SECRET}
SYMBOLS = ("AAPL", "AMD", "SPY", "EEM", "GOOGL", "IONM")
_TAPE = {"z": "C"}
DOCUMENTED: list[dict[str, Any]] = [
    *(
        {
            "T": "t",
            "S": "AAPL",
            "i": i,
            "x": x,
            "p": 162.92,
            "s": 3,
            "c": ["@", "I"],
            **_TAPE,
            "t": t,
        }
        for i, x, t in (
            (628, "K", "2023-04-06T11:54:26.838232225Z"),
            (628, "Z", "2023-04-06T11:54:26.838562809Z"),  # another exchange's number
            (628, "K", "2023-04-06T11:54:26.838232225Z"),  # the first, again
        )
    ),
    {
        **{"T": "t", "S": "AAPL", "i": 9, "x": "D", "p": 160.11, "s": 90, "c": ["@", "4", "W"]},
        **{"z": "C", "t": "2023-04-06T11:54:27Z"},
    },
    {
        **{"T": "q", "S": "AMD", "bx": "U", "bp": 87.66, "bs": 1, "ax": "Q", "ap": 87.68, "as": 4},
        **{"t": "2021-02-22T15:51:45.335689322Z", "c": ["R"], "z": "C"},
    },
    {
        **{"T": "b", "S": "SPY", "o": 388.985, "h": 389.13, "l": 388.975, "c": 389.12},
        **{"v": 49378, "n": 461, "vw": 389.062639, "t": "2021-02-22T19:15:00Z"},
    },
    {
        **{"T": "u", "S": "SPY", "o": 388.985, "h": 389.13, "l": 388.975, "c": 389.11},
        **{"v": 49380, "n": 462, "vw": 389.06, "t": "2021-02-22T19:15:00Z"},
    },
    {
        **{"T": "d", "S": "SPY", "o": 387.1, "h": 389.13, "l": 386.5, "c": 389.11},
        **{"v": 4938000, "n": 46200, "vw": 388.1, "t": "2021-02-22T05:00:00Z"},
    },
    {
        **{"T": "c", "S": "EEM", "x": "M", "oi": 52983525033527, "op": 39.1582, "os": 440000},
        **{"oc": [" ", "7"], "ci": 52983525034326, "cp": 39.1809, "cs": 440000, "cc": [" ", "7"]},
        **{"z": "B", "t": "2023-04-06T14:25:06.542305024Z"},
    },
    {
        **{"T": "x", "S": "GOOGL", "i": 465, "x": "D", "p": 105.31, "s": 300, "a": "C", "z": "C"},
        **{"t": "2023-04-06T13:15:42.83540958Z"},
    },
    {
        **{"T": "l", "S": "IONM", "u": 3.24, "d": 2.65, "i": "B", "z": "C"},
        **{"t": "2023-04-06T13:34:45.565004401Z"},
    },
    {
        **{"T": "s", "S": "AAPL", "sc": "H", "sm": "Trading Halt", "rc": "T12", "z": "C"},
        **{"rm": "Trading Halted; For information requested by NASDAQ"},
        **{"t": "2021-02-22T19:15:00Z"},
    },
]
SLOW = {"T": "error", "code": 407, "msg": "slow client"}


class AlpacaMarketServer(VenueServer):
    """``answer`` to a log-in with the right keys may be an error."""

    path = "/v2/iex"

    def __init__(
        self,
        messages: list[dict[str, Any]],
        troubles: Troubles,
        answer: dict[str, Any] | None = None,
    ) -> None:
        super().__init__([json.dumps([m]) for m in messages], troubles)
        self._answer = answer or {"T": "success", "msg": "authenticated"}
        self.subscribed: dict[str, list[str]] = {}
        self._known = False

    def opened(self, request: web.Request) -> None:
        self.subscribed, self._known = {}, False

    def greeting(self) -> list[str]:
        return ['[{"T":"success","msg":"connected"}]']

    def ready(self) -> bool:
        return "trades" in self.subscribed

    def hear(self, text: str) -> list[str]:
        message = json.loads(text)
        match message["action"]:
            case "auth":
                self._known = (message["key"], message["secret"]) == (KEY, SECRET)
                failed = {"T": "error", "code": 402, "msg": "auth failed"}
                return [json.dumps([self._answer if self._known else failed])]
            case "subscribe" if self._known:
                self.subscribed = {k: v for k, v in message.items() if k != "action"}
                trades = self.subscribed["trades"]
                state = {**self.subscribed, "corrections": trades, "cancelErrors": trades}
                return [json.dumps([{"T": "subscription", **state}])]
        return ['[{"T":"error","code":401,"msg":"not authenticated"}]']

    def rest(self) -> dict[str, Handler]:
        return {
            "/v2/clock": self._for_us(
                {
                    "timestamp": "2023-04-06T09:54:26.8-04:00",
                    "is_open": True,
                    "next_open": "2023-04-10T09:30:00-04:00",
                    "next_close": "2023-04-06T16:00:00-04:00",
                }
            ),
            "/v2/calendar": self._for_us(
                [
                    {"date": "1970-01-02", "open": "09:30", "close": "16:00"},
                    {"date": "2099-11-27", "open": "09:30", "close": "13:00"},
                    {"date": "2099-11-30", "open": "09:30", "close": "16:00"},
                ]
            ),
            "/v2/assets": self._for_us([_asset(symbol) for symbol in SYMBOLS]),
        }

    @staticmethod
    def _for_us(body: Any) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            given = [request.headers.get(f"APCA-API-{name}") for name in ("KEY-ID", "SECRET-KEY")]
            if given != [KEY, SECRET]:
                return web.json_response({"message": "forbidden."}, status=403)
            return web.json_response(body)

        return answer


def _asset(symbol: str) -> dict[str, Any]:
    facts = {"class": "us_equity", "exchange": "NASDAQ", "symbol": symbol, "status": "active"}
    whether = {"tradable": True, "fractionable": True, "shortable": symbol != "IONM"}
    return {**facts, **whether, "marginable": True, "attributes": ["has_options"]}
