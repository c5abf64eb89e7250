"""``tickstream data import``: recorded files of every known form into the lake.

The file's frames carry their place in it as their cause, as in ``connect``: so an import that was
killed is taken up by running it again, and a file that is in the lake already adds nothing.
"""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from config.tree import Settings
from connectors import forms
from connectors.binance import public_form as binance_public
from connectors.compressed import Damaged
from connectors.mapped import mapping
from connectors.mapped.mapping import MappingError
from connectors.mapped.tables import rows_of as mapped_rows
from connectors.publish import Publisher
from connectors.selection import Selection
from console import recording
from console.errors import Failure
from console.reading import reading
from schemas.codec import Codec
from schemas.lake.rows import Rows
from schemas.records import DeadLetter
from sinks.archive.rows import name_of
from sinks.archive.writer import KEPT, LakeWriter
from streams.cause import Cause

_FRAME_EVENTS = 20_000
_FRAME_NS = 60 * 10**9


def run(settings: Settings, sources: list[Path], lake: Path, wanted: Selection) -> dict[str, Any]:
    """What ``import --json`` prints. Raises Failure, UnknownForm and LakeError."""
    missing = [str(source) for source in sources if not source.exists()]
    if missing:
        raise Failure(f"{', '.join(missing)}: there is no such file or folder")
    writer = LakeWriter(lake, settings.archive.block_rows)
    imported = [_import(source, writer, wanted) for source in sources]
    return {"lake": str(lake), "rows": writer.rows, "files": writer.blocks, "imported": imported}


def _import(source: Path, writer: LakeWriter, wanted: Selection) -> dict[str, Any]:
    before, started = writer.rows, time.perf_counter()
    to_lake = ToLake(writer)
    if recording.is_one(source):
        form = "recording"
        _recording(source, to_lake)
    elif tables := _tables(source):
        form, rows = tables
        _whole(source, rows, writer, wanted)
    else:
        form = _file(source, to_lake, wanted)
    writer.flush()
    return {
        "source": str(source),
        "form": form,
        "rows": writer.rows - before,
        "rejected": to_lake.rejected,
        "first_problem": to_lake.problem,
        "seconds": round(time.perf_counter() - started, 3),
    }


def _file(source: Path, to_lake: "ToLake", wanted: Selection) -> str:
    with reading(source) as tell:
        form, pieces = forms.recognise(source, tell, wanted)
        name = f"file/{source.name}#{_digest(source)}"
        publisher = Publisher(to_lake, to_lake.codec, "import", name, _FRAME_EVENTS, _FRAME_NS)
        for piece in pieces:
            for found in piece.found:
                publisher.take(found, piece.at, piece.number)
        publisher.flush()
    return form


def _tables(source: Path) -> tuple[str, Iterator[Rows]] | None:
    """What is columns already goes in as it is, with kinds that no frame carries."""
    if mapping.is_one(source):
        chosen = mapping.load(source)
        return mapping.describe(chosen), mapped_rows(chosen)
    if name := binance_public.recognise(source):
        return name, binance_public.rows_of(source)
    return None


def _whole(source: Path, tables: Iterator[Rows], writer: LakeWriter, wanted: Selection) -> None:
    files = mapping.load(source).tables() if mapping.is_one(source) else [source]
    digest = hashlib.sha256("".join(map(_digest, files)).encode()).hexdigest()[:16]
    try:
        for number, rows in enumerate(tables):
            if wanted.wants(rows.instrument):
                cause = Cause("connector.import", f"file/{source.name}#{digest}", number, 0)
                rows = rows.take(np.flatnonzero(wanted.times(rows.columns[rows.kind.event])))
                writer.keep(rows.given_by(name_of(cause), number), cause)
    except MappingError:
        raise
    except (ValueError, Damaged) as error:
        raise Failure(f"{source}: {error}") from error


def _recording(source: Path, to_lake: "ToLake") -> None:
    recording.read_manifest(source)
    for topic in KEPT:
        for item in recording.read_topic(source, topic):
            record = item.record
            place = Cause("log", f"{topic}/{record.partition}", record.offset, 0)
            to_lake.send(topic, record.key, record.value, record.cause or place)


def _digest(source: Path) -> str:
    """Of the content, so that a file is known again under any name and in any place."""
    files = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as data:
            digest.update(hashlib.file_digest(data, "sha256").digest())
    return digest.hexdigest()[:16]


class ToLake:
    """A ``Writer`` whose log is the lake; what could not be read is counted."""

    def __init__(self, writer: LakeWriter) -> None:
        self._writer = writer
        self.codec = Codec()
        self.rejected = 0
        self.problem = ""

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        message = self.codec.decode(value)
        if isinstance(message, DeadLetter):
            self.rejected += 1
            self.problem = self.problem or message.error
        else:
            self._writer.take(topic, message, cause)

    def flush(self) -> None:
        """Nothing waits."""
