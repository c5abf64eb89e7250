"""Binance's public data: a zip a day with a CSV, and its SHA-256 in a file beside it
(data.binance.vision; github.com/binance/binance-public-data).

Spot and USD-M futures; trades, aggregated trades and klines. Files of futures have a header line,
those of spot none; times are in milliseconds, of spot from 2025 on in microseconds.
"""

import io
import zipfile
from hashlib import sha256
from typing import Any

import numpy as np

from connectors import csv_columns
from connectors.binance.markets import SPOT, USDM, Market
from connectors.history import BARS, Bad, Page, Request, Vendor, Wanted

URL = "https://data.binance.vision"
_REQUESTS = 600  # a minute; no limit is published
_FOLDERS = {SPOT.venue: "spot", USDM.venue: "futures/um"}
_FILES = {"trades": "trades", "agg_trades": "aggTrades", "bars": "klines"}
_TRADES = ["id", "price", "size", "quote", "time", "buyer_maker"]
_AGGREGATED = ["id", "price", "size", "first", "last", "time", "buyer_maker"]
_KLINES = [
    *("open_time", "open", "high", "low", "close", "volume", "close_time", "quote"),
    *("trades", "buy_volume", "buy_quote", "ignore"),
]
_MILLISECONDS_END = 10**14  # larger times are in microseconds


class BinanceHistory:
    """Of ``market``: SPOT or USDM."""

    def __init__(self, market: Market, url: str = URL, budget: int = 0) -> None:
        self._folder = _FOLDERS[market.venue]
        self._spot = market.venue == SPOT.venue
        self.vendor = Vendor(
            market.venue.lower(),
            market.venue,
            url,
            tuple(_FILES),
            tuple(BARS) if self._spot else ("1m", "5m", "1h", "1d"),
            budget or _REQUESTS,
            "Binance public data: free to download; Binance's terms of use hold for what is done "
            "with it (binance.com)",
            keys=False,
        )

    def first(self, wanted: Wanted) -> Request:
        """The checksum, which tells whether there is a file at all."""
        date = np.datetime64(wanted.day, "D")
        what = _FILES[wanted.kind]
        middle = f"{wanted.symbol}/{wanted.bar}" if wanted.bar else wanted.symbol
        name = f"{wanted.symbol}-{wanted.bar or what}-{date}.zip"
        path = f"/data/{self._folder}/daily/{what}/{middle}/{name}"
        return Request(f"{self.vendor.url}{path}.CHECKSUM")

    def read(self, wanted: Wanted, request: Request, body: bytes) -> Page:
        if request.url.endswith(".CHECKSUM"):
            stated = body.decode(errors="replace").split()
            if not stated or len(stated[0]) != 64:
                raise Bad("the CHECKSUM file holds no SHA-256")
            return Page({}, next=Request(request.url.removesuffix(".CHECKSUM"), {}, stated[0]))
        if sha256(body).hexdigest() != request.sha256.lower():
            raise Bad("the file is not that of its CHECKSUM: it was cut short, or changed")
        try:
            return table(wanted.kind, wanted.bar, _unzipped(body))
        except (ValueError, KeyError, zipfile.BadZipFile) as error:
            raise Bad(f"{request.url.rpartition('/')[2]}: {error}") from error

    def absent(self, wanted: Wanted, request: Request) -> bool:
        return request.url.endswith(".CHECKSUM")


def table(kind: str, bar: str, data: bytes) -> Page:
    """A file of trades, agg_trades or bars. Raises ValueError."""
    names = {"bars": _KLINES, "trades": _TRADES}.get(kind, _AGGREGATED)
    first, _, rest = data.partition(b"\n")
    if not first[:1].isdigit():
        data, first = rest, rest.partition(b"\n")[0]
    more = [f"more{n}" for n in range(first.count(b",") + 1 - len(names))]
    found = csv_columns.read(data, [*names, *more])
    if kind == "bars":
        return _bars(found, bar)
    (price,), price_scale = csv_columns.decimals([found["price"]])
    (size,), size_scale = csv_columns.decimals([found["size"]])
    maker = found["buyer_maker"].to_numpy().astype(str)
    times = _ns(found["time"])
    columns = {
        "ts_event": times,
        "ts_recv": times,
        "trade_id": csv_columns.integers(found["id"]),
        "price": price,
        "size": size,
        "side": np.where(np.char.lower(maker) == "true", -1, 1).astype(np.int8),
    }
    return Page(columns, price_scale, size_scale)


def _bars(table: Any, spec: str) -> Page:
    prices, price_scale = csv_columns.decimals([table[n] for n in ("open", "high", "low", "close")])
    (volume, bought), size_scale = csv_columns.decimals([table["volume"], table["buy_volume"]])
    (quote,), quote_scale = csv_columns.decimals([table["quote"]])
    wide = [v * 10**price_scale * 10**size_scale // 10**quote_scale for v in quote.tolist()]
    opens, count = _ns(table["open_time"]), table.num_rows
    columns = {
        "spec": np.array([f"time:{spec}"] * count, object),
        "ts_open": opens,
        "ts_close": opens + BARS[spec],
        **dict(zip(("open", "high", "low", "close"), prices, strict=True)),
        "volume": volume,
        "buy_volume": bought,
        "sell_volume": volume - bought,
        "notional_hi": np.array([value >> 64 for value in wide], np.int64),
        "notional_lo": np.array([value & (2**64 - 1) for value in wide], np.uint64),
        "trades": csv_columns.integers(table["trades"]),
        "revision": np.zeros(count, np.int32),
        "late": np.zeros(count, np.int64),
    }
    return Page(columns, price_scale, size_scale)


def _ns(column: Any) -> Any:
    times = csv_columns.integers(column)
    return np.where(times < _MILLISECONDS_END, times * 10**6, times * 10**3)


def _unzipped(body: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return archive.read(archive.namelist()[0])
