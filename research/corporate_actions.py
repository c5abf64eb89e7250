"""Splits and dividends: prices and sizes as they were (raw), or as they compare with today's
(adjusted). The lake keeps raw rows; the adjusted ones are a view.

The actions stand in ``LAKE/corporate_actions.csv`` (or ``.parquet``):

    instrument,ex_date,kind,value,close
    ALPACA:AAPL,2020-08-31,split,4,
    ALPACA:AAPL,2020-08-07,dividend,0.82,455.61

``value`` is the new shares for an old one, or the cash a share; ``close`` the official close before
a dividend's ex-date: left out, the lake's last price before it.

The method is that of the Center for Research in Security Prices (CRSP) as Yahoo describes it for
its adjusted close ("What is the adjusted close?"): what came before an ex-date is multiplied by
1 / split, and by 1 - dividend / close; sizes are multiplied by the split. All actions after a row
count, so the last prices are the raw ones. The ex-date begins at midnight where the exchange is.
"""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from schemas.lake import files, layout
from schemas.lake.layout import LakeError
from schemas.lake.rows import Rows, concat, empty

NAME = "corporate_actions"
ADJUSTMENTS = ("none", "splits", "all")
_COLUMNS = ("instrument", "ex_date", "kind", "value")
_SCALE = 8  # decimals that adjusted prices have at least
_SIZE_SCALE = 4
_KINDS = ("trades", "agg_trades", "quotes", "bars")


class Action(NamedTuple):
    """``kind``: split or dividend."""

    instrument: str
    ex_date: date
    kind: str
    value: Decimal
    close: Decimal | None = None


class Step(NamedTuple):
    """What rows before ``until_ns`` are multiplied by."""

    until_ns: int
    price: Fraction
    size: Fraction


def load(lake: Path) -> list[Action]:
    """All of a lake's actions, none where it has no table. Raises LakeError."""
    for path, read in (
        (lake / f"{NAME}.csv", _csv_rows),
        (lake / f"{NAME}.parquet", _parquet_rows),
    ):
        if path.is_file():
            return [_action(path, n, row) for n, row in enumerate(read(path), 1)]
    return []


def _csv_rows(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _parquet_rows(path: Path) -> list[dict[str, Any]]:
    from pyarrow import parquet  # takes 0.3 s

    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return rows


def _action(path: Path, number: int, row: dict[str, Any]) -> Action:
    try:
        instrument, ex_date, kind, value = (str(row[name]).strip() for name in _COLUMNS)
        close = str(row.get("close") or "").strip()
        found = Action(
            instrument,
            date.fromisoformat(ex_date),
            kind,
            Decimal(value),
            Decimal(close) if close else None,
        )
    except KeyError as error:
        raise LakeError(f"{path}: lacks the column {error}; it needs {_COLUMNS}") from error
    except (ValueError, InvalidOperation) as error:
        raise LakeError(f"{path}: row {number}: {error!s}: dates are YYYY-MM-DD") from error
    if kind not in ("split", "dividend") or not found.value > 0:
        raise LakeError(f"{path}: row {number}: must be a split or dividend of a positive value")
    return found


def steps(
    actions: list[Action],
    ex_ns: Callable[[date], int],
    close_before: Callable[[int], Decimal | None],
) -> list[Step]:
    """Of one instrument, by time; each holds all actions from its own on. Raises LakeError when the
    price before a dividend is not known."""
    found: list[Step] = []
    price = size = Fraction(1)
    for action in sorted(actions, key=lambda action: action.ex_date, reverse=True):
        until = ex_ns(action.ex_date)
        if action.kind == "split":
            price, size = price / Fraction(action.value), size * Fraction(action.value)
        else:
            price *= _left(action, action.close or close_before(until))
        found.append(Step(until, price, size))
    return found[::-1]


def _left(action: Action, close: Decimal | None) -> Fraction:
    """The part of the price that a dividend leaves."""
    what = f"{action.instrument}: the dividend of {action.ex_date}"
    if close is None:
        raise LakeError(f"{what}: no price before it in the lake; give its close in {NAME}.csv")
    if action.value >= close:
        raise LakeError(f"{what}: {action.value} is not less than the close before, {close}")
    return 1 - Fraction(action.value) / Fraction(close)


def adjust(rows: Rows, by: list[Step]) -> Rows:
    """The adjusted view, to eight decimals at least, halves to even."""
    if rows.kind.name not in _KINDS:
        raise LakeError(f"{rows.kind.name} have no adjusted view; only {', '.join(_KINDS)} have")
    scales = (max(rows.price_scale, _SCALE), max(rows.size_scale, _SIZE_SCALE))
    rows = concat([empty(rows.kind, rows.instrument, *scales), rows])
    columns = {name: column.copy() for name, column in rows.columns.items()}
    untils = np.array([step.until_ns for step in by], np.int64)
    step = np.searchsorted(untils, rows.columns[rows.kind.event], "right")
    for number, one in enumerate(by):
        at = np.flatnonzero(step == number)
        for name in rows.kind.prices:
            columns[name][at] = _times(columns[name][at], one.price)
        for name in rows.kind.sizes:
            columns[name][at] = _times(columns[name][at], one.size)
        if "notional_hi" in columns:
            _notional(columns, at, one.price * one.size)
    return replace(rows, columns=columns)


def _times(values: Any, factor: Fraction) -> Any:
    try:
        return np.array([round(value * factor) for value in values.tolist()], np.int64)
    except OverflowError as error:
        raise LakeError(f"adjusted by {float(factor):g}, a value exceeds 64 bits") from error


def _notional(columns: dict[str, Any], at: Any, factor: Fraction) -> None:
    both = zip(
        columns["notional_hi"][at].tolist(), columns["notional_lo"][at].tolist(), strict=True
    )
    wide = [round(((hi << 64) + lo) * factor) for hi, lo in both]
    columns["notional_hi"][at] = [value >> 64 for value in wide]
    columns["notional_lo"][at] = np.array([value & (2**64 - 1) for value in wide], np.uint64)


def close_before(lake: Path, instrument: str, at: int) -> Decimal | None:
    """The last price before a time: of a bar, else of a trade."""
    places = [p for p in layout.places(lake) if p.instrument == instrument]
    for kind, price, ends in (("bars", "close", "ts_close"), ("trades", "price", "ts_event")):
        for place in sorted((p for p in places if p.kind == kind), reverse=True):
            rows, _ = files.read(lake, place)
            before = np.flatnonzero(rows.columns[ends] <= at)
            if len(before):
                last = rows.take(before[[np.argmax(rows.columns[ends][before])]])
                return Decimal(last.columns[price].tolist()[0]).scaleb(-rows.price_scale)
    return None
