"""Bitfinex's reference data: GET /v2/conf/pub:list:pair:exchange, names alone.

A price has five significant digits, so there is no tick: it is given as 0. Codes of three letters
that other venues write differently are brought to the common ones.
"""

import orjson

from connectors.events import Instrument
from connectors.names import ALIASES, spot
from connectors.reference import Listing, listing

SCALES = (10, 8)
_ALIASES = {**ALIASES, "UST": "USDT", "UDC": "USDC", "DOG": "DOGE"}


def unlisted(symbol: str) -> Instrument:
    """The instrument of a symbol (tBTCUSD) in a recording."""
    pair = symbol.removeprefix("t")
    name = f"BITFINEX:{pair}" if _is_contract(pair) else spot("BITFINEX", *_split(pair), _ALIASES)
    return Instrument(name, *SCALES)


def listings(body: bytes) -> list[Listing]:
    """Raises ValueError on something else."""
    (pairs,) = orjson.loads(body)
    return [_listing(pair) for pair in pairs if not _is_contract(pair)]


def _listing(pair: str) -> Listing:
    base, quote = _split(pair)
    lot = f"1e-{SCALES[1]}"
    return listing("BITFINEX", f"t{pair}", base, quote, "0", lot, scales=SCALES, aliases=_ALIASES)


def _split(pair: str) -> tuple[str, str]:
    """A code has three letters, or there is a colon."""
    base, colon, quote = pair.partition(":")
    return (base, quote) if colon else (pair[:3], pair[3:])


def _is_contract(pair: str) -> bool:
    """BTCF0:USTF0, a perpetual."""
    return pair.endswith("F0")
