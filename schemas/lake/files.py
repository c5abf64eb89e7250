"""A lake's file: rows and, in the same file, the manifest, so that one rename changes both.

Zstandard, row-group statistics, a CRC a page. The manifest's ``sha256`` is that of the rows'
values, whatever wrote them. A file is written beside its name, synced, and renamed.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from schemas.lake.kinds import KINDS, LEVELS, TEXT, Kind
from schemas.lake.layout import LakeError, Place
from schemas.lake.rows import Rows

_KEY = b"tickstream"
_GROUP = 1 << 17  # rows


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file holds. Times in ns; ``first_seq`` and ``last_seq`` are the least and the greatest
    sequence number. ``taken``: the last cause of each source that is in it; ``licence``: what its
    sources allow, where they said."""

    kind: str
    instrument: str
    date: str
    price_scale: int
    size_scale: int
    rows: int
    first_event: int
    last_event: int
    first_recv: int
    last_recv: int
    first_seq: int
    last_seq: int
    sha256: str
    sources: tuple[str, ...]
    taken: dict[str, list[int]]
    licence: str = ""


def write(
    lake: Path, place: Place, rows: Rows, taken: dict[str, list[int]], licence: str = ""
) -> Manifest:
    """The file of a place, whole or not at all; the lake must be ``locked``. ``rows`` as they shall
    stand. Raises OSError."""
    from pyarrow import parquet  # takes 0.3 s

    manifest = _describe(place, rows, taken, licence)
    table = _table(rows).replace_schema_metadata({_KEY: json.dumps(asdict(manifest)).encode()})
    texts = [name for name, kind in rows.kind.columns.items() if kind == TEXT]
    path = place.path(lake)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    try:
        with partial.open("wb") as file:
            parquet.write_table(
                table,
                file,
                row_group_size=_GROUP,
                compression="zstd",
                use_dictionary=[*texts, "source"],
                column_encoding={
                    name: "DELTA_BINARY_PACKED"
                    for name, dtype in rows.kind.every.items()
                    if dtype in ("<i8", "<i4") and not (rows.kind.has_levels and name in LEVELS)
                },
                write_statistics=True,
                write_page_checksum=True,
            )
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        _sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _sync(folder: Path) -> None:
    """Makes a rename last through a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_manifest(lake: Path, place: Place) -> Manifest:
    """Raises LakeError for a file that is none, or damaged."""
    from pyarrow import ArrowException, parquet

    path = place.path(lake)
    try:
        return _manifest(parquet.read_schema(path).metadata)
    except (OSError, ValueError, KeyError, TypeError, ArrowException) as error:
        raise LakeError(f"{path}: cannot be read: {_first_line(error)}; {ADVICE}") from error


def read(lake: Path, place: Place) -> tuple[Rows, Manifest]:
    """Raises LakeError for a file that is none, or damaged."""
    from pyarrow import ArrowException, parquet

    path = place.path(lake)
    try:
        table = parquet.read_table(path, page_checksum_verification=True, partitioning=None)
        manifest = _manifest(table.schema.metadata)
        return _rows(table, manifest), manifest
    except (OSError, ValueError, KeyError, TypeError, ArrowException) as error:
        raise LakeError(f"{path}: cannot be read: {_first_line(error)}; {ADVICE}") from error


ADVICE = (
    "move it away and import or download that day again; for what came from topics, delete the "
    "lake's folder progress, and the archive reads them from their start"
)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def checksum(rows: Rows) -> str:
    """SHA-256 over every column's values, in the order of the kind's columns."""
    digest = hashlib.sha256()
    for name, dtype in rows.kind.every.items():
        column = rows.columns[name]
        if dtype == TEXT:
            digest.update(json.dumps(column.tolist(), ensure_ascii=False).encode())
        else:
            digest.update(np.ascontiguousarray(column, dtype).data)
    return digest.hexdigest()


@contextmanager
def locked(lake: Path) -> Iterator[None]:
    """Holds the lake: whoever reads a file to write it again does so alone."""
    with (lake / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _describe(place: Place, rows: Rows, taken: dict[str, list[int]], licence: str) -> Manifest:
    def ends(name: str) -> tuple[int, int]:
        values = rows.columns[name] if name else np.zeros(1, np.int64)
        return int(values.min()), int(values.max())

    kind = rows.kind
    return Manifest(
        place.kind,
        place.instrument,
        str(place.date),
        rows.price_scale,
        rows.size_scale,
        len(rows),
        *ends(kind.event),
        *ends(kind.received),
        *ends(kind.seq),
        checksum(rows),
        rows.sources,
        taken,
        licence,
    )


def _manifest(metadata: dict[bytes, bytes] | None) -> Manifest:
    if not metadata or _KEY not in metadata:
        raise ValueError("it has no manifest, so no lake of ours wrote it")
    found = json.loads(metadata[_KEY])
    known = {field.name for field in fields(Manifest)}
    kept = {name: value for name, value in found.items() if name in known}
    return Manifest(**kept | {"sources": tuple(kept["sources"])})


def _table(rows: Rows) -> Any:
    import pyarrow as pa

    arrays = {}
    for name, dtype in rows.kind.every.items():
        column = rows.columns[name]
        if dtype == TEXT:
            arrays[name] = pa.array(column.tolist(), pa.string())
        elif rows.kind.has_levels and name in LEVELS:
            ends = np.concatenate(([0], np.cumsum(rows.counts))).astype(np.int32)
            arrays[name] = pa.ListArray.from_arrays(pa.array(ends), pa.array(column))
        else:
            arrays[name] = pa.array(np.ascontiguousarray(column, dtype))
    return pa.table(arrays)


def _rows(table: Any, manifest: Manifest) -> Rows:
    kind = KINDS[manifest.kind]
    columns = {name: _column(table, name, kind) for name in kind.every}
    rows = Rows(
        kind,
        manifest.instrument,
        manifest.price_scale,
        manifest.size_scale,
        manifest.sources,
        columns,
    )
    if len(rows) != manifest.rows:
        raise ValueError(f"it holds {len(rows)} rows, its manifest says {manifest.rows}")
    return rows


def _column(table: Any, name: str, kind: Kind) -> Any:
    column, dtype = table.column(name), kind.every[name]
    if dtype == TEXT:
        return np.array(column.to_pylist(), object)
    if kind.has_levels and name in LEVELS:
        column = column.combine_chunks()
        return np.asarray(column.flatten(), "<i8")
    return column.to_numpy().astype(dtype, copy=False)
