"""OKX's reference data: GET /api/v5/public/instruments, a kind of instrument an answer."""

from decimal import Decimal
from typing import Any

import orjson

from connectors.reference import FUTURE, PERPETUAL, SPOT, Listing, listing

_KINDS = {"SPOT": SPOT, "SWAP": PERPETUAL, "FUTURES": FUTURE}
_STATUSES = {"live": "TRADING", "suspend": "HALTED", "preopen": "CLOSED"}


def listings(body: bytes) -> list[Listing]:
    """Raises ValueError where OKX tells of an error, and KeyError."""
    message = orjson.loads(body)
    if message["code"] != "0":
        raise ValueError(f"OKX answers {message['code']}: {message.get('msg')}")
    return [_listing(row) for row in message["data"] if row["tickSz"]]


def _listing(row: dict[str, Any]) -> Listing:
    """A contract names what it is of in ``uly``; ``ctVal × ctMult`` is what one is worth."""
    base, _, quote = row.get("uly", "").partition("-")
    return listing(
        "OKX",
        row["instId"],
        row["baseCcy"] or base,
        row["quoteCcy"] or quote,
        row["tickSz"],
        row["lotSz"],
        _STATUSES.get(row["state"], "CLOSED"),
        _KINDS[row["instType"]],
        row.get("settleCcy", ""),
        _product(row.get("ctVal", ""), row.get("ctMult", "")),
    )


def _product(value: str, multiplier: str) -> str:
    return str(Decimal(value or 1) * Decimal(multiplier or 1))
