"""Alpaca's historical trades, quotes and bars of stocks and crypto (docs.alpaca.markets, Market
Data API: /v2/stocks, /v1beta3/crypto/us).

A symbol with a slash (BTC/USD) is crypto. Stocks come from the feed ``iex`` (free) or ``sip``. Bars
are raw: splits and dividends are the lake's own. Trades that were cancelled later are left out.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors import history
from connectors.alpaca.endpoints import REQUESTS_A_MINUTE, VENUE
from connectors.history import Bad, Page, Request, Vendor, Wanted
from connectors.timestamps import ns_rfc3339, rfc3339_ns
from connectors.trading.credentials import Credentials

URL = "https://data.alpaca.markets"
FEEDS = ("iex", "sip")
_PAGE = "10000"
_FRAMES = {"1m": "1Min", "5m": "5Min", "1h": "1Hour", "1d": "1Day"}
_SIDES = {"B": 1, "S": -1}
_GONE = ("canceled", "incorrect")


class AlpacaHistory:
    """``feed``: iex or sip, for stocks."""

    def __init__(
        self, credentials: Credentials, feed: str = "iex", url: str = URL, budget: int = 0
    ) -> None:
        if feed not in FEEDS:
            raise ValueError(f"Alpaca has no feed {feed!r}: choose iex (free) or sip")
        self._feed = feed
        self.vendor = Vendor(
            "alpaca",
            VENUE,
            url,
            ("trades", "quotes", "bars"),
            tuple(_FRAMES),
            budget or REQUESTS_A_MINUTE,
            "Alpaca market data: for your own use; passing it on needs the consent of Alpaca and "
            "the exchanges (alpaca.markets, Market Data terms)",
            headers={
                "APCA-API-KEY-ID": credentials.key,
                "APCA-API-SECRET-KEY": credentials.secret,
            },
        )

    def first(self, wanted: Wanted) -> Request:
        query = {
            "start": ns_rfc3339(wanted.start),
            "end": ns_rfc3339(wanted.end - 1),
            "limit": _PAGE,
            "sort": "asc",
        }
        if wanted.kind == "bars":
            query |= {"timeframe": _FRAMES[wanted.bar]}
        if "/" in wanted.symbol:
            path = f"/v1beta3/crypto/us/{wanted.kind}"
            return Request(self.vendor.url + path, {**query, "symbols": wanted.symbol})
        if wanted.kind == "bars":
            query |= {"adjustment": "raw"}
        path = f"/v2/stocks/{wanted.symbol}/{wanted.kind}"
        return Request(self.vendor.url + path, {**query, "feed": self._feed})

    def read(self, wanted: Wanted, request: Request, body: bytes) -> Page:
        answer = history.parse(body)
        found = answer.get(wanted.kind) or []
        if isinstance(found, dict):
            found = found.get(wanted.symbol) or []
        try:
            page = _read(wanted, found)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise Bad(f"Alpaca's {wanted.kind} cannot be read: {error!r}") from error
        token = answer.get("next_page_token")
        if not token:
            return page
        if not isinstance(token, str):
            raise Bad(f"Alpaca's next_page_token is no text: {token!r}")
        return replace(page, next=request._replace(query={**request.query, "page_token": token}))

    def absent(self, wanted: Wanted, request: Request) -> bool:
        return False


def _read(wanted: Wanted, found: Iterable[dict[str, Any]]) -> Page:
    match wanted.kind:
        case "trades":
            return history.trades(
                [
                    (rfc3339_ns(r["t"]), r["i"], r["p"], r["s"], _SIDES.get(r.get("tks", ""), 0))
                    for r in found
                    if r.get("u") not in _GONE
                ]
            )
        case "quotes":
            return history.quotes(
                [(rfc3339_ns(r["t"]), 0, r["bp"], r["bs"], r["ap"], r["as"]) for r in found]
            )
    return history.bars([_bar(row) for row in found], wanted.bar)


def _bar(r: dict[str, Any]) -> tuple[int, Any, Any, Any, Any, Any, int, Any]:
    notional = Decimal(r.get("vw", 0)) * Decimal(r["v"])
    return (rfc3339_ns(r["t"]), r["o"], r["h"], r["l"], r["c"], r["v"], r["n"], notional)
