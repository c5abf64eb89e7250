"""Massive's (formerly Polygon.io) historical trades, quotes and aggregates (massive.com/docs, REST:
/v3/trades, /v3/quotes, /v2/aggs).

Tickers of other markets have a prefix: X:BTCUSD, C:EURUSD. An answer names the next page's address;
the key is sent to the vendor's own host only.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from connectors import history
from connectors.history import Bad, Page, Request, Vendor, Wanted
from connectors.ids import trade_number
from connectors.trading.credentials import Credentials

VENUE = "MASSIVE"
URL = "https://api.massive.com"
_FREE = 5  # requests a minute without a paid plan
_PAGE = "50000"
_SPANS = {"1s": "second", "1m": "minute", "1h": "hour", "1d": "day"}
_MS = 10**6


class MassiveHistory:
    """``budget``: requests a minute of your plan."""

    def __init__(self, credentials: Credentials, url: str = URL, budget: int = 0) -> None:
        self.vendor = Vendor(
            "massive",
            VENUE,
            url,
            ("trades", "quotes", "bars"),
            tuple(_SPANS),
            budget or _FREE,
            "Massive market data: individual plans are for personal use and do not allow passing "
            "it on (massive.com, Market Data terms)",
            headers={"Authorization": f"Bearer {credentials.key}"},
        )

    def first(self, wanted: Wanted) -> Request:
        if wanted.kind == "bars":
            span = f"1/{_SPANS[wanted.bar]}/{wanted.start // _MS}/{wanted.end // _MS - 1}"
            path = f"/v2/aggs/ticker/{wanted.symbol}/range/{span}"
            query = {"adjusted": "false", "sort": "asc", "limit": _PAGE}
            return Request(self.vendor.url + path, query)
        query = {
            "timestamp.gte": str(wanted.start),
            "timestamp.lt": str(wanted.end),
            "order": "asc",
            "sort": "timestamp",
            "limit": _PAGE,
        }
        return Request(f"{self.vendor.url}/v3/{wanted.kind}/{wanted.symbol}", query)

    def read(self, wanted: Wanted, request: Request, body: bytes) -> Page:
        answer = history.parse(body)
        try:
            page = _read(wanted, answer.get("results") or [])
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise Bad(f"Massive's {wanted.kind} cannot be read: {error!r}") from error
        following = answer.get("next_url")
        if not following:
            return page
        if not isinstance(following, str) or _host(following) != _host(self.vendor.url):
            raise Bad(f"the next page lies on another host: {following}")
        return replace(page, next=Request(following))

    def absent(self, wanted: Wanted, request: Request) -> bool:
        return False


def _host(url: str) -> tuple[str, ...]:
    try:
        return urlsplit(url)[:2]
    except ValueError:
        return ()


def _read(wanted: Wanted, found: list[dict[str, Any]]) -> Page:
    match wanted.kind:
        case "trades":
            return history.trades(
                [
                    (r["sip_timestamp"], _id(r), r["price"], r["size"], 0)
                    for r in map(_crypto, found)
                ]
            )
        case "quotes":
            return history.quotes([_quote(row) for row in map(_crypto, found)])
    return history.bars([_bar(row) for row in found], wanted.bar)


def _crypto(row: dict[str, Any]) -> dict[str, Any]:
    """Crypto and currencies have the participant's time alone."""
    return row if "sip_timestamp" in row else {**row, "sip_timestamp": row["participant_timestamp"]}


def _id(row: dict[str, Any]) -> int:
    return trade_number(str(row.get("id", "")))


def _quote(r: dict[str, Any]) -> tuple[int, int, Any, Any, Any, Any]:
    """A side that is not there is left out of the answer."""
    bid = (r.get("bid_price", 0), r.get("bid_size", 0))
    ask = (r.get("ask_price", 0), r.get("ask_size", 0))
    return (r["sip_timestamp"], r.get("sequence_number", 0), *bid, *ask)


def _bar(r: dict[str, Any]) -> tuple[int, Any, Any, Any, Any, Any, int, Any]:
    notional = Decimal(r.get("vw", 0)) * Decimal(r["v"])
    return (r["t"] * _MS, r["o"], r["h"], r["l"], r["c"], r["v"], r.get("n", 0), notional)
