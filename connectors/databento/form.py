"""Databento's DBN files, block by block; ``databento-dbn`` reads the metadata (the symbols)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from connectors.compressed import Damaged, Tell, blocks, head, nobody
from connectors.databento.columns import to_frame
from connectors.databento.records import DTYPES
from connectors.events import Rejected
from connectors.extras import MissingExtra
from connectors.piece import Found, Piece

_MAGIC = b"DBN"
_PREFIX = 8  # magic, version, length of the metadata


def recognise(path: Path) -> str | None:
    """What such a file is called; None when it is something else."""
    if path.is_dir() or not head(path, 4).startswith(_MAGIC):
        return None
    return "Databento DBN file"


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """Frames of each block, one an instrument and kind of record."""
    reader = _Reader(path.name)
    try:
        for block in blocks(path, tell):
            yield from reader.read(block)
    except (Damaged, ValueError) as error:
        yield reader.problem(f"damaged after record {reader.records}: {error}")
        return
    yield from reader.finish()


class _Reader:
    """Whole records of what came so far; the rest waits for the next block."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._buffer = b""
        self._names: dict[int, str] | None = None
        self._venue = ""
        self.records = self._last = 0

    def read(self, block: bytes) -> Iterator[Piece]:
        self._buffer += block
        if self._names is None and not self._metadata():
            return
        while run := self._run():
            rtype, rows = run
            if rtype in DTYPES:
                yield self._piece(rtype, rows)

    def finish(self) -> Iterator[Piece]:
        if self._buffer:
            yield self.problem(f"{len(self._buffer)} bytes after record {self.records} are none")

    def problem(self, why: str) -> Piece:
        self.records += 1
        payload, self._buffer = self._buffer[:1024], b""
        return Piece(self.records, self._last, [Rejected(f"{self._file}: {why}", payload)])

    def _metadata(self) -> bool:
        """Takes the metadata off the buffer; False while it is not all there."""
        if len(self._buffer) < _PREFIX:
            return False
        end = _PREFIX + int.from_bytes(self._buffer[4:_PREFIX], "little")
        if len(self._buffer) < end:
            return False
        metadata = _decode(self._buffer[:end])
        self._buffer = self._buffer[end:]
        self._venue = metadata.dataset.partition(".")[0]
        self._names = {
            int(interval["symbol"]): symbol
            for symbol, intervals in metadata.mappings.items()
            for interval in intervals
            if str(interval["symbol"]).isdecimal()
        }
        return True

    def _run(self) -> tuple[int, Any] | None:
        """The records of one kind that come next; None when no whole one is left."""
        if len(self._buffer) < 2 or self._buffer[0] < 4:
            return None
        size, rtype = 4 * self._buffer[0], self._buffer[1]
        whole = len(self._buffer) // size
        dtype = DTYPES.get(rtype)
        if whole == 0:
            return None
        if dtype is None or dtype.itemsize != size:
            self._take(size, 1)
            return -1, None
        rows = np.frombuffer(self._buffer, dtype, whole)
        same = (rows["rtype"] == rtype) & (rows["length"] == size // 4)
        count = whole if same.all() else int(np.argmin(same))
        self._take(size, count)
        return rtype, rows[:count]

    def _take(self, size: int, count: int) -> None:
        self._buffer = self._buffer[size * count :]
        self.records += count

    def _piece(self, rtype: int, rows: Any) -> Piece:
        first, self._last = int(rows["ts_recv"][0]), int(rows["ts_recv"][-1])
        found: list[Found] = []
        ids, where = np.unique(rows["instrument_id"], return_index=True)
        for instrument in ids[np.argsort(where)].tolist():
            own = rows[rows["instrument_id"] == instrument]
            found.append(to_frame(self._name(instrument), rtype, own))
        return Piece(self.records, first, found)

    def _name(self, instrument: int) -> str:
        symbol = (self._names or {}).get(instrument, str(instrument))
        return f"{self._venue}:{symbol}"


def _decode(data: bytes) -> Any:
    """Raises ValueError, and MissingExtra."""
    try:
        import databento_dbn  # an extra
    except ImportError as error:
        raise MissingExtra("DBN files", "databento") from error
    try:
        return databento_dbn.Metadata.decode(data)
    except databento_dbn.DBNError as error:
        raise ValueError(f"the metadata cannot be read: {error}") from error
