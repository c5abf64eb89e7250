"""Mercado Bitcoin's reference data: GET /api/v4/symbols, an object of parallel arrays."""

from decimal import Decimal
from typing import Any

import orjson

from connectors.decimals import text_of
from connectors.events import Instrument
from connectors.mercadobitcoin.endpoints import VENUE
from connectors.names import QUOTES, spot
from connectors.reference import Listing, listing

_SCALES = (8, 8)


def listings(body: bytes) -> list[Listing]:
    """What is traded on the exchange. Raises ValueError, KeyError and ArithmeticError on something
    else."""
    table = orjson.loads(body)
    count = len(table["symbol"])
    rows = [{key: values[n] for key, values in table.items() if values} for n in range(count)]
    return [_listing(row) for row in rows if row.get("exchange-listed", True)]


def _listing(row: dict[str, Any]) -> Listing:
    """A stream is named by quote and base; sizes have eight decimals, whatever the least order."""
    base, quote = row["base-currency"], row["currency"]
    tick = Decimal(str(row["minmovement"])) / Decimal(str(row["pricescale"]))
    return listing(
        VENUE,
        f"{quote}{base}",
        base,
        quote,
        f"{tick:f}",
        text_of(1, _SCALES[1]),
        "TRADING" if row.get("exchange-traded", True) else "HALTED",
        scales=(None, _SCALES[1]),
        aliases={},
    )


def pair_of(instrument: Instrument) -> str:
    """``MERCADOBITCOIN:BTC-BRL`` → ``BTC-BRL``, which is what REST calls it."""
    return instrument.name.partition(":")[2]


def unlisted(id_: str) -> Instrument:
    """``BRLBTC`` without reference data, as in an old recording. Raises ValueError."""
    quote = next((q for q in QUOTES if id_.startswith(q) and id_ != q), "")
    if not quote:
        raise ValueError(f"stream {id_!r} is no quote and base currency")
    return Instrument(spot(VENUE, id_.removeprefix(quote), quote, {}), *_SCALES)
