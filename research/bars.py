"""Bars of a recording, made by the builder itself, block after block: memory stays flat.

Prices, sizes and notional leave as exact decimals, times as ns since the epoch, UTC.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.compressed import Tell, nobody
from connectors.events import Rejected
from connectors.selection import EVERYTHING, Selection
from research import frames
from schemas.frames import TapeFrame
from streams.operator import Refused
from streams.operators.market.bars import BarSpec
from streams.operators.market.builder import Builder, BuilderConfig

_PRICES = ("open", "high", "low", "close")
_SIZES = ("volume", "buy_volume", "sell_volume")


def read(
    path: Path,
    specs: tuple[BarSpec, ...],
    tell: Tell = nobody,
    wanted: Selection = EVERYTHING,
) -> Iterator[dict[str, Any]]:
    """Every closed bar as a row, in the order in which they close. Raises OSError, UnknownForm."""
    builder = Builder(BuilderConfig(specs, 1, (), 10**9, 0))
    for part in frames.read(path, None, tell, wanted):
        if isinstance(part, Rejected):
            continue
        try:
            outputs = builder.apply(part)
        except Refused:
            continue
        for output in outputs:
            if isinstance(output.message, TapeFrame):
                yield from _rows(output.message)


def _rows(tape: TapeFrame) -> Iterator[dict[str, Any]]:
    columns = {name: column.tolist() for name, column in tape.bars._asdict().items()}
    price, size = Decimal(1).scaleb(-tape.price_scale), Decimal(1).scaleb(-tape.size_scale)
    for n in range(len(tape.bars.spec)):
        row = {name: values[n] for name, values in columns.items()}
        kind, _, spec = tape.specs[row.pop("spec")].partition(":")
        notional = (row.pop("notional_hi") << 64) + row.pop("notional_lo")
        row |= {name: row[name] * price for name in _PRICES}
        row |= {name: row[name] * size for name in _SIZES if name in row}
        row["notional"] = notional * price * size
        row["vwap"] = row["notional"] / row["volume"] if row["volume"] else None
        yield {"instrument": tape.instrument, "kind": kind, "spec": spec, **row}
