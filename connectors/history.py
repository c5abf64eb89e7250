"""What a vendor's history is: requests and answers, without a socket.

A pager is pure: it says what to ask for first, and makes of each answer columns and the next
request. ``connectors/download.py`` is the only loop that sends them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

import numpy as np

from connectors.decimals import LIMIT
from schemas.lake.kinds import KINDS
from schemas.lake.rows import DAY_NS

BARS = {"1s": 10**9, "1m": 60 * 10**9, "5m": 300 * 10**9, "1h": 3600 * 10**9, "1d": DAY_NS}


class Bad(ValueError):
    """An answer that is not what the vendor's documentation says; asked again, it may be."""


class Request(NamedTuple):
    """A GET. ``sha256``: what the answer must be."""

    url: str
    query: Mapping[str, str] = {}
    sha256: str = ""


class Wanted(NamedTuple):
    """A day (since 1970, UTC) of a symbol; ``bar`` only for bars: ``1m``."""

    symbol: str
    kind: str
    day: int
    bar: str = ""

    @property
    def start(self) -> int:
        return self.day * DAY_NS

    @property
    def end(self) -> int:
        return self.start + DAY_NS


@dataclass(frozen=True, slots=True)
class Page:
    """``columns`` as the kind has them, at these scales; ``next`` is None at the end."""

    columns: dict[str, Any]
    price_scale: int = 0
    size_scale: int = 0
    next: Request | None = None


@dataclass(frozen=True, slots=True)
class Vendor:
    """What is the same for all requests. ``budget``: requests a minute; ``licence``: what the
    vendor allows to do with its data, in short; ``keys``: whether it asks for an account."""

    name: str
    venue: str
    url: str
    kinds: tuple[str, ...]
    bars: tuple[str, ...]
    budget: int
    licence: str
    keys: bool = True
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Pager(Protocol):
    """One vendor's requests and answers."""

    vendor: Vendor

    def instrument(self, symbol: str) -> str:
        """The name that the venue's live feed has for it."""
        ...

    def first(self, wanted: Wanted) -> Request: ...

    def read(self, wanted: Wanted, request: Request, body: bytes) -> Page:
        """Raises Bad."""
        ...

    def absent(self, wanted: Wanted, request: Request) -> bool:
        """Whether a 404 says that there is nothing of that day."""
        ...


def parse(body: bytes) -> dict[str, Any]:
    """A JSON object whose decimals stay exact. Raises Bad."""
    try:
        found = json.loads(body, parse_float=Decimal)
    except ValueError as error:
        raise Bad(f"the answer is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise Bad("the answer is no JSON object")
    return found


def scaled(values: Sequence[Decimal | int], least: int = 0) -> tuple[list[int], int]:
    """Exact integers at one scale, that of the value with the most decimals. Raises Bad beyond 64
    bits."""
    exact = [Decimal(value).normalize() for value in values]
    if not all(value.is_finite() for value in exact):
        raise Bad("a price or size is not a number")
    scale = max([least, *(-int(value.as_tuple().exponent) for value in exact)])
    found = [int(value.scaleb(scale)) for value in exact]
    if any(not -LIMIT <= value < LIMIT for value in found):
        raise Bad(f"a price or size is beyond 64 bits at {scale} decimals")
    return found, scale


def trades(rows: list[tuple[int, int, Any, Any, int]]) -> Page:
    """(ts, id, price, size, side) of each."""
    times, ids, prices, sizes, sides = _columns(rows, 5)
    (price, price_scale), (size, size_scale) = scaled(prices, 2), scaled(sizes)
    named = {"ts_event": times, "ts_recv": times, "trade_id": ids}
    return _page(
        "trades", {**named, "price": price, "size": size, "side": sides}, price_scale, size_scale
    )


def quotes(rows: list[tuple[int, int, Any, Any, Any, Any]]) -> Page:
    """(ts, seq, bid, bid size, ask, ask size) of each."""
    times, seqs, bids, bid_sizes, asks, ask_sizes = _columns(rows, 6)
    count = len(rows)
    price, price_scale = scaled([*bids, *asks], 2)
    size, size_scale = scaled([*bid_sizes, *ask_sizes])
    columns = {
        "ts_event": times,
        "ts_recv": times,
        "seq": seqs,
        "bid": price[:count],
        "bid_size": size[:count],
        "ask": price[count:],
        "ask_size": size[count:],
    }
    return _page("quotes", columns, price_scale, size_scale)


def bars(rows: list[tuple[int, Any, Any, Any, Any, Any, int, Any]], spec: str) -> Page:
    """(ts, open, high, low, close, volume, trades, notional) of each; who bought is not known."""
    times, *prices, volumes, counts, notionals = _columns(rows, 8)
    n = len(rows)
    price, price_scale = scaled([value for column in prices for value in column], 2)
    volume, size_scale = scaled(volumes)
    wide = [round(Decimal(value).scaleb(price_scale + size_scale)) for value in notionals]
    ohlc = [price[start : start + n] for start in range(0, 4 * n, n)] if n else [[]] * 4
    columns = {
        "spec": np.array([f"time:{spec}"] * n, object),
        "ts_open": times,
        "ts_close": [at + BARS[spec] for at in times],
        **dict(zip(("open", "high", "low", "close"), ohlc, strict=True)),
        "volume": volume,
        "buy_volume": [0] * n,
        "sell_volume": [0] * n,
        "notional_hi": [value >> 64 for value in wide],
        "notional_lo": [value & (2**64 - 1) for value in wide],
        "trades": counts,
        "revision": [0] * n,
        "late": [0] * n,
    }
    return _page("bars", columns, price_scale, size_scale)


def _columns(rows: list[Any], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * width


def _page(kind: str, columns: dict[str, Any], price_scale: int, size_scale: int) -> Page:
    dtypes = KINDS[kind].columns
    try:
        arrays = {
            name: column if name == "spec" else np.array(column, dtypes[name])
            for name, column in columns.items()
        }
    except (OverflowError, TypeError, ValueError) as error:
        raise Bad(f"a field is not a whole number of 64 bits: {error}") from error
    return Page(arrays, price_scale, size_scale)
