"""Alpaca's positions and account → what the venue says that we hold."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from connectors.alpaca.endpoints import VENUE
from connectors.decimals import decimals_of, scaled
from schemas.inbox import VenueBalance, VenuePosition

_QUOTES = ("USDT", "USDC", "USD", "BTC")


def instrument_of(symbol: str, asset_class: str) -> str:
    """Positions name a coin ``BTCUSD``, orders ``BTC/USD``: ``ALPACA:BTC-USD`` both."""
    if asset_class == "crypto" and "/" not in symbol:
        quote = next((q for q in _QUOTES if symbol.endswith(q) and symbol != q), "")
        symbol = f"{symbol.removesuffix(quote)}/{quote}" if quote else symbol
    return f"{VENUE}:{symbol.replace('/', '-')}"


def position(
    row: dict[str, Any], account: str, scale_of: Callable[[str], int], at: int
) -> VenuePosition:
    """``qty`` is signed at Alpaca; ``side`` says it as well, and wins."""
    instrument = instrument_of(row["symbol"], row["asset_class"])
    size = row["qty"].removeprefix("-")
    scale = max(scale_of(instrument), decimals_of(size))
    sign = -1 if row["side"] == "short" else 1
    return VenuePosition(
        account=account,
        instrument=instrument,
        ts_event=at,
        quantity=sign * scaled(size, scale),
        size_scale=scale,
        avg_price=Decimal(row["avg_entry_price"]),
        batch="",
    )


def balance(row: dict[str, Any], account: str, at: int) -> VenueBalance:
    return VenueBalance(
        account=account,
        ts_event=at,
        venue=VENUE,
        currency=row["currency"],
        total=Decimal(row["cash"]),
        available=Decimal(row["buying_power"]),
        batch="",
    )
