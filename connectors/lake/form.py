"""A lake read as a recording: every instrument's frames in the order in which they came.

A day of an instrument is in memory at a time. What was received after the next day had begun
is held back until then, so that the order is that of the source across midnight too.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TypeAlias

import numpy as np

from connectors.compressed import Tell, nobody
from connectors.lake.order import PLAYED, SPAN_NS, Arrived, Part, arrive, parts_of
from connectors.piece import Piece
from connectors.selection import EVERYTHING, Selection
from schemas.lake import files, layout
from schemas.lake.files import Manifest
from schemas.lake.layout import Place
from schemas.lake.rows import DAY_NS, Rows, concat, empty

_Days: TypeAlias = dict[int, list[tuple[Place, Manifest]]]
_NAMES = {"agg_trades", *(kind.name for kind in PLAYED.values())}


def recognise(path: Path) -> str | None:
    """What a lake is called; None when it is something else."""
    return "lake" if layout.is_one(path) else None


def pieces(
    path: Path, tell: Tell = nobody, wanted: Selection = EVERYTHING, span_ns: int = SPAN_NS
) -> Iterator[Piece]:
    """What is wanted of a lake; no frame holds more than ``span_ns``. Raises LakeError."""
    numbers = count(1)
    for part in heapq.merge(*_streams(path, wanted, span_ns), key=lambda part: part.at):
        yield Piece(next(numbers), part.at, [part.found])


def _streams(lake: Path, wanted: Selection, span_ns: int) -> list[Iterator[Part]]:
    found: dict[str, _Days] = defaultdict(lambda: defaultdict(list))
    for place in layout.places(lake):
        if place.kind in _NAMES and wanted.wants(place.instrument) and _meets(place.day, wanted):
            found[place.instrument][place.day].append((place, files.read_manifest(lake, place)))
    for days in found.values():
        for day, held in days.items():
            if any(place.kind == "trades" for place, _ in held):
                days[day] = [one for one in held if one[0].kind != "agg_trades"]
    return [_stream(lake, days, wanted, span_ns) for _, days in sorted(found.items())]


def _meets(day: int, wanted: Selection) -> bool:
    start, end = day * DAY_NS, (day + 1) * DAY_NS
    late = wanted.until_ns is not None and start >= wanted.until_ns
    return not late and (wanted.from_ns is None or end > wanted.from_ns)


def _stream(lake: Path, days: _Days, wanted: Selection, span_ns: int) -> Iterator[Part]:
    manifests = [manifest for held in days.values() for _, manifest in held]
    scales = (max(m.price_scale for m in manifests), max(m.size_scale for m in manifests))
    later = dict(zip(sorted(days), _first_after(days), strict=True))
    held: list[Rows] = []
    for day in sorted(days):
        coming = [_read(lake, place, scales, wanted) for place, _ in days[day]]
        rows = _by_kind([*held, *(rows for rows in coming if len(rows))])
        if not rows:
            continue
        came, held = _until(arrive(rows), later[day])
        if len(came.at):
            yield from parts_of(came, span_ns)


def _first_after(days: _Days) -> list[int | None]:
    """For each day the earliest receipt of any later one."""
    after: list[int | None] = []
    least: int | None = None
    for day in sorted(days, reverse=True):
        after.append(least)
        first = min(manifest.first_recv for _, manifest in days[day])
        least = first if least is None else min(least, first)
    return after[::-1]


def _until(came: Arrived, at: int | None) -> tuple[Arrived, list[Rows]]:
    return (came, []) if at is None else came.split(at)


def _read(lake: Path, place: Place, scales: tuple[int, int], wanted: Selection) -> Rows:
    rows, _ = files.read(lake, place)
    chosen = wanted.times(rows.columns["ts_event"])
    rows = rows if chosen.all() else rows.take(np.flatnonzero(chosen))
    return concat([empty(rows.kind, rows.instrument, *scales), rows])


def _by_kind(parts: list[Rows]) -> list[Rows]:
    kinds: dict[int, list[Rows]] = defaultdict(list)
    for part in parts:
        kinds[part.kind.code].append(part)
    return [concat(same) for same in kinds.values()]
