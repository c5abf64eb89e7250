"""Alpaca's reference data: GET /v2/assets and /v2/calendar of the trading API."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson

from connectors.alpaca.codec import CRYPTO_SCALES, SCALES
from connectors.reference import SHARE, SPOT, Listing, TradingDay, listing

HOURS = "America/New_York 09:30-16:00, 04:00-20:00 extended"
# SEC rule 612: no quotes in parts of a cent from a dollar on
_TICKS = ((Decimal(0), Decimal("0.0001")), (Decimal(1), Decimal("0.01")))
_FRACTION = "0.000000001"  # of a share that can be traded
_TRAITS = ("fractionable", "shortable", "easy_to_borrow", "marginable")


def shares(body: bytes) -> list[Listing]:
    """Raises ValueError and KeyError on something else."""
    return [share(row["symbol"], row) for row in orjson.loads(body) if row["class"] == "us_equity"]


def share(symbol: str, row: dict[str, Any]) -> Listing:
    traits = tuple(name for name in _TRAITS if row.get(name)) + tuple(row.get("attributes") or ())
    made = listing(
        "ALPACA",
        symbol,
        symbol,
        "USD",
        "0.0001",
        _FRACTION if row.get("fractionable") else "1",
        "TRADING" if row.get("tradable") else "HALTED",
        SHARE,
        scales=SCALES,
        aliases={},
        hours=HOURS,
    )
    return _with(made, _TICKS, traits)


def coins(body: bytes) -> list[Listing]:
    """Raises ValueError and KeyError on something else."""
    return [_coin(row) for row in orjson.loads(body) if row["class"] == "crypto"]


def _coin(row: dict[str, Any]) -> Listing:
    base, _, quote = row["symbol"].partition("/")
    made = listing(
        "ALPACA",
        row["symbol"],
        base,
        quote,
        row["price_increment"],
        row["min_trade_increment"],
        "TRADING" if row["tradable"] else "HALTED",
        SPOT,
        scales=CRYPTO_SCALES,
    )
    return _with(made, (), tuple(name for name in _TRAITS if row.get(name)))


def _with(
    made: Listing, ticks: tuple[tuple[Decimal, Decimal], ...], traits: tuple[str, ...]
) -> Listing:
    return replace(made, ticks=ticks, traits=traits)


def test_share(symbol: str) -> Listing | None:
    """What the test stream has; it is not among the assets."""
    return share(TEST_SYMBOL, {"tradable": True}) if symbol.upper() == TEST_SYMBOL else None


TEST_SYMBOL = "FAKEPACA"


def days(body: bytes) -> list[TradingDay]:
    """Raises ValueError and KeyError on something else."""
    return [TradingDay(row["date"], row["open"], row["close"]) for row in orjson.loads(body)]
