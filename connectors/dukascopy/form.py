"""Dukascopy's tick files: ``EURUSD/2024/00/15/13h_ticks.bi5``, an hour of quotes (UTC), the month
counted from 0; a file, a zip, or a folder of them.

LZMA; 20 bytes a tick, big-endian: ms since the hour, ask, bid (integers of the smallest step), ask
and bid volume (float32, in millions of the base currency). An hour without a tick is an empty file.
Pairs whose quote currency is JPY, HUF, CZK, RUB or THB, and metals, have 3 decimals, others 5.
"""

import lzma
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from connectors.compressed import Damaged, Tell, contents, names, nobody
from connectors.lake.pieces import pieces_or_rejected
from connectors.piece import Piece
from schemas.lake.kinds import KINDS
from schemas.lake.rows import Rows, of_columns

_NAME = re.compile(r"([A-Z]{6})[/\\](\d{4})[/\\](\d\d)[/\\](\d\d)[/\\](\d\d)h_ticks\.bi5$")
_HOURS = "*h_ticks.bi5"
_TICK = np.dtype([("ms", ">u4"), ("ask", ">u4"), ("bid", ">u4"), ("asks", ">f4"), ("bids", ">f4")])
_COARSE = ("JPY", "HUF", "CZK", "RUB", "THB")
_METALS = ("XAU", "XAG")
_MILLION = 10**6
_HOUR_MS = 3_600_000


def recognise(path: Path) -> str | None:
    """What such a file, or a folder of them, is called; None when it is something else."""
    first = next(path.rglob(_HOURS), None) if path.is_dir() else next(iter(_files(path)), None)
    found = next(filter(None, map(_NAME.search, names(first) if first else [])), None)
    return f"Dukascopy ticks of {found[1]}" if found else None


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.rglob(_HOURS))
    return [path] if path.suffix in (".bi5", ".zip") else []


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """The quotes; an hour that cannot be read is rejected, and the next follows."""
    number = 0
    for file in _files(path):
        for name, data in _hours(file):
            for piece in pieces_or_rejected(map(_rows, [name], [data]), name, number):
                number = piece.number
                yield piece


def _hours(file: Path) -> Iterator[tuple[str, bytes | Damaged]]:
    """(name, content), or what is wrong with the zip that it lies in."""
    try:
        yield from contents(file)
    except Damaged as error:
        yield str(file), error


def _rows(name: str, data: bytes | Damaged) -> Rows:
    if isinstance(data, Damaged):
        raise data
    match = _NAME.search(name)
    if match is None:
        raise ValueError("is not named PAIR/YEAR/MONTH/DAY/HOURh_ticks.bi5, as Dukascopy does")
    pair, (year, month, day, hour) = match[1], map(int, match.groups()[1:])
    start = int(datetime(year, month + 1, day, hour, tzinfo=UTC).timestamp()) * 10**9
    try:
        plain = lzma.decompress(data) if data else b""
    except lzma.LZMAError as error:
        raise ValueError(f"is no LZMA, or cut short: {error}") from error
    if len(plain) % _TICK.itemsize:
        raise ValueError(f"{len(plain)} bytes are no whole number of ticks")
    ticks = np.frombuffer(plain, _TICK)
    if len(ticks) and ticks["ms"].max() >= _HOUR_MS:
        raise ValueError("a tick lies outside of the hour")
    at = start + ticks["ms"].astype(np.int64) * 10**6
    columns = {"ts_event": at, "ts_recv": at, "seq": np.zeros(len(at), np.int64)}
    for side in ("bid", "ask"):
        columns[side] = ticks[side].astype(np.int64)
        volume = np.rint(ticks[f"{side}s"].astype(np.float64) * _MILLION)
        columns[f"{side}_size"] = volume.astype(np.int64)
    columns = {column: columns[column] for column in KINDS["quotes"].columns}
    return of_columns(KINDS["quotes"], f"DUKASCOPY:{pair}", (_decimals(pair), 0), columns, name)


def _decimals(pair: str) -> int:
    return 3 if pair[3:] in _COARSE or pair[:3] in _METALS else 5
