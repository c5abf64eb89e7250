"""Zips of Binance's public data as they were downloaded, of a day or a month:
``BTCUSDT-trades-2024-01-02.zip``. Spot's rows have one column more than those of USD-M futures.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from connectors.binance import history
from connectors.binance.markets import SPOT, USDM
from connectors.compressed import Tell, contents, nobody
from connectors.lake.pieces import pieces_or_rejected
from connectors.piece import Piece
from schemas.lake.kinds import KINDS
from schemas.lake.rows import Rows, of_columns

_NAME = re.compile(r"([A-Z0-9_]+)-(trades|aggTrades)-\d{4}-\d\d(?:-\d\d)?\.zip")
_OF = {"trades": ("trades", 7), "aggTrades": ("agg_trades", 8)}  # kind, columns of spot


def recognise(path: Path) -> str | None:
    """What such a file is called; None when it is something else."""
    match = _NAME.fullmatch(path.name)
    return f"Binance public data, {match[2]} of {match[1]}" if match and path.is_file() else None


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """The trades; what cannot be read is rejected."""
    return pieces_or_rejected(rows_of(path), path.name)


def rows_of(path: Path) -> Iterator[Rows]:
    """As the lake keeps them: aggregated trades are a kind of their own. Raises ValueError and
    Damaged."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise ValueError(f"{path}: is not named as Binance names its files")
    symbol, (kind, columns) = match[1], _OF[match[2]]
    for name, data in contents(path):
        spot = data.partition(b"\n")[0].count(b",") + 1 == columns
        page = history.table(kind, "", data)
        instrument = f"{(SPOT if spot else USDM).venue}:{symbol}"
        scales = (page.price_scale, page.size_scale)
        yield of_columns(KINDS[kind], instrument, scales, page.columns, name)
