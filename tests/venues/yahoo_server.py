"""A local server that answers the library ``yfinance`` as Yahoo does: cookie, crumb, charts."""

from typing import Any

from aiohttp import web

from tests.venues.server import Handler
from tests.venues.vendor_servers import AskedServer

OPENED = 1_763_735_400  # 2025-11-21 14:30 UTC
_SESSION = {"timezone": "EST", "start": OPENED, "end": OPENED + 23_400, "gmtoffset": -18_000}
_META: dict[str, Any] = {
    "currency": "USD",
    "exchangeName": "NMS",
    "instrumentType": "EQUITY",
    "firstTradeDate": 345_479_400,
    "regularMarketTime": OPENED + 120,
    "gmtoffset": -18_000,
    "timezone": "EST",
    "exchangeTimezoneName": "America/New_York",
    "regularMarketPrice": 271.49,
    "previousClose": 266.25,
    "priceHint": 2,
    "currentTradingPeriod": dict.fromkeys(("pre", "regular", "post"), _SESSION),
    "tradingPeriods": [[_SESSION]],
    "dataGranularity": "1m",
    "range": "1d",
    "validRanges": ["1d", "5d", "1mo", "max"],
}
_QUOTE = {  # as Yahoo writes them: 32-bit floats, and nothing where nobody traded
    "open": [265.8800048828125, None, 266.1000061035156],
    "high": [266.4200134277344, None, 266.5],
    "low": [265.5299987792969, None, 266.0299987792969],
    "close": [266.1099853515625, None, 266.4100036621094],
    "volume": [1234567, None, 45678],
}


class YahooServer(AskedServer):
    def rest(self) -> dict[str, Handler]:
        return {
            "/v1/test/getcrumb": self._crumb,
            "/v8/finance/chart/{symbol}": self._chart,
        }

    async def _crumb(self, _: web.Request) -> web.Response:
        return web.Response(text="a.crumb")

    async def _chart(self, request: web.Request) -> web.Response:
        symbol = request.match_info["symbol"]
        if symbol == "GONE":
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return self._answer({"chart": {"result": None, "error": error}})
        if symbol == "BUSY":
            return web.Response(status=429, text="Too Many Requests")
        body = {
            "meta": {**_META, "symbol": symbol},
            "timestamp": [OPENED, OPENED + 60, OPENED + 120],
            "indicators": {"quote": [_QUOTE], "adjclose": [{"adjclose": _QUOTE["close"]}]},
        }
        return self._answer({"chart": {"result": [body], "error": None}})
