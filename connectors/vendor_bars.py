"""Bars as vendors tell them → records. They never lie where ours do: ours are folded from trades
onto the tape, a vendor's are kept as it made them (``VendorBar``).
"""

from decimal import Decimal

from connectors.decimals import rounded
from connectors.events import Instrument
from schemas.records import VendorBar

_SECOND = 10**9
SPECS = {
    "1s": _SECOND,
    "1m": 60 * _SECOND,
    "5m": 300 * _SECOND,
    "15m": 900 * _SECOND,
    "30m": 1800 * _SECOND,
    "1h": 3600 * _SECOND,
    "1d": 86400 * _SECOND,
}
Number = Decimal | int | str


def vendor_bar(
    instrument: Instrument,
    at: int,
    spec: str,
    ts_open: int,
    prices: tuple[Number, Number, Number, Number],
    volume: Number = 0,
    vwap: Number = 0,
    trades: int = 0,
    final: bool = True,
    basis: str = "trades",
) -> VendorBar:
    """``prices``: open, high, low, close. What has more decimals than the instrument is rounded.
    A bar that ends is told as of its end, another as of ``at``. Raises ValueError and
    ArithmeticError on what is no bar."""
    name, price_scale, size_scale = instrument
    open_, high, low, close = (rounded(value, price_scale) for value in prices)
    if not 0 < low <= min(open_, close) <= max(open_, close) <= high:
        raise ValueError(f"open, high, low, close {[*map(str, prices)]} are no bar")
    ts_close = ts_open + SPECS[spec]
    return VendorBar(
        instrument=name,
        ts_event=min(ts_close, at) if final else at,
        ts_recv=at,
        spec=spec,
        basis=basis,
        ts_open=ts_open,
        ts_close=ts_close,
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=rounded(volume, size_scale),
        vwap=rounded(vwap, price_scale),
        trades=int(trades),
        final=final,
        price_scale=price_scale,
        size_scale=size_scale,
    )
