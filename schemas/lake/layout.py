"""Where a lake's files lie, so that Arrow, DuckDB, Polars and Spark find instrument and date too:

LAKE/lake.json
LAKE/trades/instrument=BINANCE%3ABTCUSDT/date=2024-08-08/data.parquet
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from schemas.lake.kinds import KINDS

MARK = "lake.json"
_VERSION = 1
_FILE = "data.parquet"
_EPOCH = date(1970, 1, 1)


class LakeError(Exception):
    """A lake, or a file in it, that cannot be used: which, why, and what to do."""


class Place(NamedTuple):
    """A file of a lake. ``day`` counts from 1970-01-01, UTC."""

    kind: str
    instrument: str
    day: int

    @property
    def date(self) -> date:
        return _EPOCH + timedelta(days=self.day)

    def path(self, lake: Path) -> Path:
        name = f"instrument={quote(self.instrument, safe='')}"
        return lake / self.kind / name / f"date={self.date}" / _FILE


def day_of(when: date) -> int:
    return (when - _EPOCH).days


def is_one(path: Path) -> bool:
    return (path / MARK).is_file()


def create(lake: Path) -> None:
    """Makes the folder a lake unless it is one. Raises LakeError for one of a later version, and
    for a folder that holds something else."""
    if is_one(lake):
        check(lake)
        return
    if lake.is_dir() and any(lake.iterdir()):
        raise LakeError(f"{lake}: holds something that is no lake; choose another folder")
    lake.mkdir(parents=True, exist_ok=True)
    partial = lake / f"{MARK}.part"
    partial.write_text(json.dumps({"format": "tickstream lake", "version": _VERSION}))
    partial.rename(lake / MARK)


def check(lake: Path) -> None:
    """Raises LakeError for what is no lake of this version."""
    try:
        version = json.loads((lake / MARK).read_text())["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LakeError(f"{lake}: is no lake; tickstream data import makes one") from error
    if version != _VERSION:
        raise LakeError(f"{lake}: is a lake of version {version}; this program reads {_VERSION}")


def places(lake: Path) -> Iterator[Place]:
    """Every file of the lake, by kind, instrument and day. Raises LakeError."""
    check(lake)
    for kind in KINDS:
        for folder in sorted((lake / kind).glob("instrument=*")):
            instrument = unquote(folder.name.partition("=")[2])
            for file in sorted(folder.glob(f"date=*/{_FILE}")):
                yield Place(kind, instrument, _day(file))


def _day(file: Path) -> int:
    text = file.parent.name.partition("=")[2]
    try:
        return day_of(date.fromisoformat(text))
    except ValueError as error:
        raise LakeError(f"{file}: {text!r} is no date; the folder is not the lake's own") from error
