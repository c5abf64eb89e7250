"""A CSV file of what others did → disclosures.

Its columns: ``known`` (when it became known), ``who``, ``instrument``; ``traded`` (when it was
done; ``known`` where it is empty), ``side`` (buy or sell), ``price``; and one of

- ``action``: new, increased, reduced or sold; ``side`` is the position's, buy if empty,
- ``size``: a fill, ``side`` is what was done,
- ``holds``: units held now, as filings tell them; below 0 short. Rows that change nothing are left
  out,
- ``code``: a transaction that an insider reports (SEC Form 4), with ``role`` and ``shares``, and
  ``owned`` after it where that is known. Only P and S, bought and sold in the market, are taken:
  other codes (grants, exercises, gifts, taxes) say nothing of what the insider expects, and are
  left out.

``weight`` (0 … 1 of the portfolio) may stand beside any.
"""

import csv
import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from console.errors import Failure
from console.times import parse_ns
from schemas.enums import DisclosedAction, Side
from schemas.records import Disclosure
from streams.operators.strategies.disclosed import action

Row = dict[str, str]
Word = TypeVar("Word", DisclosedAction, Side)
_NEEDED = ("known", "who", "instrument")
_TELLS = ("action", "size", "holds", "code")
_INSIDERS = ("role", "shares", "owned")
_COLUMNS = (*_NEEDED, *_TELLS, "traded", "side", "price", "weight", *_INSIDERS)
_BOUGHT, _SOLD = "P", "S"
_CODES = "PSVADFIMCEHOXGLWZJKU"  # all that the form knows


def read(file: Path) -> Iterator[tuple[int, Disclosure]]:
    """(line, disclosure), oldest first. Raises Failure, which names file and line."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            rows = csv.DictReader(opened, strict=True)
            tells = _columns(file, list(rows.fieldnames or ()))
            yield from _read(file, rows, tells)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Failure(f"{file}: cannot be read as CSV: {error}") from error


def _columns(file: Path, names: list[str]) -> str:
    unknown = [name for name in names if name not in _COLUMNS]
    missing = [name for name in _NEEDED if name not in names]
    tells = [name for name in _TELLS if name in names]
    if unknown or missing:
        wrong = f"unknown {', '.join(unknown)}" if unknown else f"no {', '.join(missing)}"
        raise Failure(f"{file}: columns: {wrong}; there may be {', '.join(_COLUMNS)}")
    if len(tells) != 1:
        raise Failure(f"{file}: columns: exactly one of {', '.join(_TELLS)} must be there")
    if tells == ["code"]:
        lacking = [name for name in ("role", "shares") if name not in names]
    else:
        lacking = ["code"] if any(name in names for name in _INSIDERS) else []
    if lacking:
        raise Failure(f"{file}: columns: no {', '.join(lacking)}, which an insider's must have")
    return tells[0]


def _read(file: Path, rows: "csv.DictReader[str]", tells: str) -> Iterator[tuple[int, Disclosure]]:
    held: dict[tuple[str, str], Decimal] = {}
    before = 0
    for row in rows:
        try:
            made = _disclosure(row, tells, held)
            known = _time(row, "known")
            if known < before:
                raise ValueError("known lies before that of the line above: sort the file")
        except ValueError as error:
            raise Failure(f"{file}:{rows.line_num}: {error}") from error
        before = known
        if made:
            yield rows.line_num, made


def _disclosure(row: Row, tells: str, held: dict[tuple[str, str], Decimal]) -> Disclosure | None:
    who, instrument, known = _text(row, "who"), _text(row, "instrument"), _time(row, "known")
    traded = _time(row, "traded") if row.get("traded") else known
    if traded > known:
        raise ValueError("traded lies after known: nobody knows of a trade before it was done")
    venue, colon, symbol = instrument.partition(":")
    if not (venue and colon and symbol):
        raise ValueError(f"instrument {instrument!r}: write VENUE:SYMBOL")
    if tells == "code":
        return _insider(row, Disclosure(instrument, who, known, traded, *_UNTOLD))
    if tells == "action":
        what, side = _word(row, "action", DisclosedAction), _word(row, "side", Side, Side.BUY)
    else:
        key = (who, instrument)
        old, new = held.get(key, Decimal(0)), _held(row, tells, held.get(key, Decimal(0)))
        held[key] = new
        if old == new:
            return None
        what, side = action(old, new), Side.BUY if (new or old) > 0 else Side.SELL
    weight, price = _number(row, "weight"), _number(row, "price")
    return Disclosure(instrument, who, known, traded, what, side, weight, price)


_UNTOLD = (DisclosedAction.NEW, Side.BUY, math.nan, math.nan)


def _insider(row: Row, of: Disclosure) -> Disclosure | None:
    """A purchase or a sale in the market; None for anything else."""
    code, role = _text(row, "code").upper(), _text(row, "role")
    if len(code) != 1 or code not in _CODES:
        raise ValueError(f"code {row['code']!r}: a transaction code of Form 4, such as P or S")
    shares = _number(row, "shares")
    owned = _number(row, "owned")
    if not shares > 0:
        raise ValueError(f"shares {row.get('shares')!r}: how many it was, above 0")
    if code == _BOUGHT:
        what = DisclosedAction.NEW if owned == shares else DisclosedAction.INCREASED
    elif code == _SOLD:
        what = DisclosedAction.SOLD if owned == 0 else DisclosedAction.REDUCED
    else:
        return None
    weight, price = _number(row, "weight"), _number(row, "price")
    return replace(of, action=what, weight=weight, price=price, role=role, shares=shares)


def _held(row: Row, tells: str, before: Decimal) -> Decimal:
    try:
        units = Decimal(_text(row, tells))
    except InvalidOperation:
        raise ValueError(f"{tells} {row[tells]!r} is no number") from None
    if not units.is_finite():
        raise ValueError(f"{tells} {row[tells]!r} is no number")
    if tells == "holds":
        return units
    if units <= 0:
        raise ValueError(f"size {units}: above 0; the side says in which direction")
    return before + units if _word(row, "side", Side) is Side.BUY else before - units


def _text(row: Row, name: str) -> str:
    value = (row.get(name) or "").strip()
    if not value:
        raise ValueError(f"{name} is empty")
    return value


def _time(row: Row, name: str) -> int:
    return parse_ns(_text(row, name))


def _word(row: Row, name: str, words: type[Word], default: Word | None = None) -> Word:
    if default is not None and not row.get(name):
        return default
    try:
        return words(_text(row, name).upper())
    except ValueError:
        known = ", ".join(word.lower() for word in words)
        raise ValueError(f"{name} {row.get(name)!r}: one of {known}") from None


def _number(row: Row, name: str) -> float:
    text = (row.get(name) or "").strip()
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{name} {text!r} is no number") from None
    most = 1.0 if name == "weight" else math.inf
    if not 0 <= value <= most or math.isinf(value) or (name == "price" and not value):
        raise ValueError(f"{name} {text}: {'0 … 1' if name == 'weight' else 'above 0'}")
    return value
