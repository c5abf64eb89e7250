"""Records into the lake, each exactly once.

What always holds:

- A file's rows and the causes they came from change together, by one rename. So a record that comes
  again, from a restarted worker or because the archive itself was killed, is known by its cause and
  dropped; nothing is written twice and nothing is left out.
- A file is read, merged and written again under the lake's lock.
- ``progress`` keeps how far the topics were when all was written; it only saves reading.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from schemas.codec import Message
from schemas.frames import MarketFrame, TapeFrame
from schemas.lake import files, layout
from schemas.lake.files import Manifest
from schemas.lake.layout import LakeError, Place
from schemas.lake.rows import Rows, ScaleError
from schemas.records import Status
from sinks.archive.merge import merge
from sinks.archive.rows import rows_of
from streams.cause import Cause, Taken
from streams.log import LogRecord

_Part: TypeAlias = tuple[Cause, Rows]
KEPT = {"ticks": (MarketFrame, Status), "tape": (TapeFrame,)}  # the tape repeats statuses


class LakeWriter:
    """Collects rows until ``block_rows`` wait, or ``flush``. ``licence`` is what the source allows,
    kept in each file that it fills. Raises LakeError."""

    def __init__(self, lake: Path, block_rows: int = 2_000_000, licence: str = "") -> None:
        layout.create(lake)
        self._lake, self._block_rows, self._licence = lake, block_rows, licence
        self._parts: dict[Place, list[_Part]] = {}
        self._next: dict[str, int] = {}
        self._saved: dict[str, int] = {}
        self.waiting = self.rows = self.blocks = 0
        self.ask_positions()

    def add(self, record: LogRecord, message: Message) -> None:
        """Keeps a record's rows for the next files. Raises LakeError."""
        place = f"{record.topic}/{record.partition}"
        self.take(record.topic, message, record.cause or Cause("log", place, record.offset, 0))
        self.skip(record.topic, record.partition, record.offset + 1)

    def take(self, topic: str, message: Message, cause: Cause) -> None:
        """Keeps the rows of a message of a topic for the next files. Raises LakeError."""
        if not isinstance(message, KEPT.get(topic, ())):
            return
        for rows in rows_of(message, cause):
            self.keep(rows, cause)
        if self.waiting >= self._block_rows:
            self.flush()

    def keep(self, rows: Rows, cause: Cause) -> None:
        """Keeps rows that one cause gave until ``flush``."""
        for day, part in rows.by_day():
            place = Place(rows.kind.name, rows.instrument, day)
            self._parts.setdefault(place, []).append((cause, part))
            self.waiting += len(part)

    def holds(self, place: Place, source: str) -> bool:
        """Whether a file has what this source gave for it. Raises LakeError."""
        if not place.path(self._lake).exists():
            return False
        return source in files.read_manifest(self._lake, place).taken

    def skip(self, topic: str, partition: int, next_offset: int) -> None:
        """Says that what lies before an offset needs no rows but those that wait."""
        place = f"{topic}-{partition}"
        self._next[place] = max(next_offset, self._next.get(place, 0))

    def position(self, topic: str, partition: int) -> int:
        """The first offset to read from."""
        return self._saved.get(f"{topic}-{partition}", 0)

    def ask_positions(self) -> None:
        """Where the topics were when all was written; what waits is forgotten, and read again."""
        self._parts, self._next, self.waiting = {}, {}, 0
        self._saved = {
            path.stem: int(json.loads(path.read_text())) for path in self._progress.glob("*.json")
        }

    def flush(self) -> None:
        """Writes what waits. Raises LakeError; what was not written still waits then."""
        for place, parts in list(self._parts.items()):
            self._store(place, parts)
            del self._parts[place]
            self.waiting -= sum(len(rows) for _, rows in parts)
        changed = {k: v for k, v in self._next.items() if v > self._saved.get(k, 0)}
        for name, offset in changed.items():
            self._save(name, offset)

    def close(self) -> None:
        self.flush()

    def _store(self, place: Place, parts: list[_Part]) -> None:
        try:
            with files.locked(self._lake):
                there, manifest = self._there(place)
                taken = Taken(manifest.taken if manifest else None)
                fresh = [rows for cause, rows in parts if taken.is_new(cause)]
                if fresh:
                    merged = merge(there, fresh)
                    licence = _both(manifest.licence if manifest else "", self._licence)
                    files.write(self._lake, place, merged, taken.as_map(), licence)
                    self.rows += len(merged) - (len(there) if there else 0)
                    self.blocks += 1
        except ScaleError as error:
            raise LakeError(f"{place.path(self._lake)}: {error}") from error
        except OSError as error:
            raise LakeError(f"{place.path(self._lake)}: cannot be written: {error}") from error

    def _there(self, place: Place) -> tuple[Rows | None, Manifest | None]:
        path = place.path(self._lake)
        if not path.exists():
            return None, None
        rows, manifest = files.read(self._lake, place)
        if files.checksum(rows) != manifest.sha256:
            raise LakeError(f"{path}: its rows are not those of its checksum; {files.ADVICE}")
        return rows, manifest

    @property
    def _progress(self) -> Path:
        return self._lake / "progress"

    def _save(self, name: str, offset: int) -> None:
        self._progress.mkdir(exist_ok=True)
        partial = self._progress / f"{name}.part"
        partial.write_text(str(offset))
        partial.rename(self._progress / f"{name}.json")
        self._saved[name] = offset


def _both(*licences: str) -> str:
    return "; ".join(_distinct(part for said in licences for part in said.split("; ") if part))


def _distinct(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
