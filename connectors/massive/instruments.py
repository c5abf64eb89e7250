"""Massive's reference data: GET /v3/reference/tickers, a page at a time."""

from dataclasses import replace
from typing import Any

import orjson

from connectors.decimals import text_of
from connectors.massive.codec import CRYPTO, FOREX, STOCKS, VENUE, Cluster
from connectors.names import ALIASES
from connectors.reference import SESSIONS, SHARE, SPOT, Listing, listing

_TYPES = {"CS": "common stock", "ADRC": "depositary receipt", "ETF": "fund"}


def stocks(body: bytes) -> list[Listing]:
    """Raises ValueError and KeyError on something else."""
    return [_stock(row) for row in orjson.loads(body)["results"]]


def _stock(row: dict[str, Any]) -> Listing:
    status = "TRADING" if row.get("active", True) else "CLOSED"
    made = _listing(STOCKS, row["ticker"], row["ticker"], "USD", status, SHARE, SESSIONS, "1")
    kind = _TYPES.get(row.get("type", ""))
    return replace(made, traits=(kind,)) if kind else made


def pairs(cluster: Cluster, body: bytes) -> list[Listing]:
    """Crypto (``X:BTCUSD``) and forex (``C:EURUSD``)."""
    return [_pair(cluster, row) for row in orjson.loads(body)["results"]]


def _pair(cluster: Cluster, row: dict[str, Any]) -> Listing:
    base, quote = row["base_currency_symbol"], row["currency_symbol"]
    hours = SESSIONS if cluster is FOREX else "24/7"
    least = text_of(1, cluster.scales[1])
    return _listing(cluster, f"{base}-{quote}", base, quote, "TRADING", SPOT, hours, least)


def _listing(
    cluster: Cluster,
    symbol: str,
    base: str,
    quote: str,
    status: str,
    kind: str,
    hours: str,
    lot: str,
) -> Listing:
    tick = "0.0001" if cluster is STOCKS else text_of(1, cluster.scales[0])
    aliases = ALIASES if cluster is CRYPTO else {}
    return listing(
        *(VENUE, symbol, base, quote, tick, lot, status, kind),
        scales=cluster.scales,
        aliases=aliases,
        hours=hours,
    )


def next_page(body: bytes) -> str:
    """The address of the rest; empty on the last page."""
    return str(orjson.loads(body).get("next_url") or "")
