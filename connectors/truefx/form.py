"""TrueFX's ticks, a CSV a pair and month, mostly zipped: ``EUR/USD,20120102 00:00:00.123,1.2935,
1.29355`` (pair, GMT, bid, ask; no header, no sizes)."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from connectors import csv_columns
from connectors.compressed import Tell, contents, head, nobody
from connectors.lake.pieces import pieces_or_rejected
from connectors.piece import Piece
from connectors.times_column import times
from schemas.lake.kinds import KINDS
from schemas.lake.rows import Rows, of_columns

_LINE = re.compile(rb"[A-Z]{3}/[A-Z]{3},\d{8} \d\d:\d\d:\d\d\.\d{3},[\d.]+,[\d.]+\s*")
_NAMES = ["pair", "time", "bid", "ask"]


def recognise(path: Path) -> str | None:
    """What such a file is called; None when it is something else."""
    if path.is_dir():
        return None
    line = head(path, 1 << 10).partition(b"\n")[0]
    return f"TrueFX ticks of {line[:7].decode()}" if _LINE.fullmatch(line) else None


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """The quotes; what cannot be read is rejected."""
    tables = (rows for name, data in contents(path) for rows in _rows(name, data))
    yield from pieces_or_rejected(tables, path.name)


def _rows(name: str, data: bytes) -> Iterator[Rows]:
    table = csv_columns.read(data, _NAMES)
    at = times(table["time"], "%Y%m%d %H:%M:%S")
    (bid, ask), scale = csv_columns.decimals([table["bid"], table["ask"]])
    pairs, none = table["pair"].to_numpy().astype(str), np.zeros(len(at), np.int64)
    columns = {"ts_event": at, "ts_recv": at, "seq": none, "bid": bid, "bid_size": none}
    columns |= {"ask": ask, "ask_size": none}
    for pair in np.unique(pairs).tolist():
        own = {column: values[pairs == pair] for column, values in columns.items()}
        yield of_columns(KINDS["quotes"], f"TRUEFX:{pair}", (scale, 0), own, name)
