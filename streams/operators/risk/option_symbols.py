"""Options by their symbols: the two conventions that say strike, expiry and kind in the name.

- ``occ``: ``AAPL240119C00190000``, the Options Symbology Initiative's: root (up to six characters,
  padded with spaces or not), yymmdd, C or P, strike in thousandths. It expires at the close of the
  session on its day.
- ``deribit``: ``BTC-27DEC24-100000-C``, a decimal strike as ``0d625``. It expires at 08:00 UTC.

A symbol that does not read so is no option: the future or perpetual next to it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from streams.operators.market.bars_calendar import Calendar
from streams.operators.risk.option_terms import OptionTerms, Valuation

_HOUR_NS = 3600 * 10**9
_DAY_NS = 24 * _HOUR_NS
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NO_DAY = np.datetime64("NaT")


class Series(NamedTuple):
    """What a symbol says. ``date`` as it is written; ``day`` in days since the epoch."""

    root: str
    date: str
    day: int
    strike: Decimal
    call: bool


def occ(symbol: str) -> Series | None:
    """None where the symbol is no option's."""
    root, date, kind, strike = symbol[:-15].rstrip(), symbol[-15:-9], symbol[-9:-8], symbol[-8:]
    if len(symbol) < 16 or len(root) > 6 or not (_digits(date) and _digits(strike)):
        return None
    return _series(root, date, date, kind, Decimal(strike).scaleb(-3))


def deribit(symbol: str) -> Series | None:
    """None where the symbol is no option's."""
    root, date, strike, kind = (symbol.split("-") + [""] * 3)[:4]
    whole, point, part = strike.partition("d")
    day, month, year = date[:-5], date[-5:-2], date[-2:]
    if symbol.count("-") != 3 or month not in _MONTHS or not (_digits(day) and _digits(year)):
        return None
    if not _digits(whole) or (point and not _digits(part)) or len(day) > 2:
        return None
    number = f"{year}{_MONTHS.index(month) + 1:02}{int(day):02}"
    return _series(root, date, number, kind, Decimal(f"{whole}.{part or 0}"))


CONVENTIONS: dict[str, Callable[[str], Series | None]] = {"occ": occ, "deribit": deribit}


@dataclass(frozen=True, slots=True)
class OptionSymbols:
    """Options of one convention. In ``valuation.underlying``, ``{root}`` and ``{date}`` stand for
    those of the symbol."""

    convention: str
    valuation: Valuation

    def terms(self, symbol: str, hours: Calendar) -> OptionTerms | None:
        """None where the symbol is no option's."""
        series = CONVENTIONS[self.convention](symbol)
        if series is None:
            return None
        name = self.valuation.underlying.replace("{root}", series.root)
        name = name.replace("{date}", series.date)
        expiry = series.day * _DAY_NS + 8 * _HOUR_NS
        if self.convention == "occ":
            expiry = _close(hours, series.day)
        return OptionTerms(
            series.strike, expiry, series.call, replace(self.valuation, underlying=name)
        )


def _series(root: str, date: str, yymmdd: str, kind: str, strike: Decimal) -> Series | None:
    day = _day(f"20{yymmdd[:2]}-{yymmdd[2:4]}-{yymmdd[4:]}")
    if not root or kind not in ("C", "P") or strike <= 0 or np.isnat(day):
        return None
    return Series(
        root, date, int(day.astype("datetime64[D]").astype(np.int64)), strike, kind == "C"
    )


def _day(iso: str) -> np.datetime64:
    try:
        return np.datetime64(iso, "D")
    except ValueError:
        return _NO_DAY


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _close(hours: Calendar, day: int) -> int:
    """The last close up to the end of a day, of a holiday the day before's; the end of the day
    where the sessions do not reach."""
    end = (day + 1) * _DAY_NS
    before = int(hours.closes.searchsorted(end, side="right"))
    return int(hours.closes[before - 1]) if before and end <= hours.until_ns else end
