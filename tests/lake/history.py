"""Recorded market data for tests: the beginnings of real captures, and what a file says, flat."""

import gzip
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from config.settings import load
from connectors.events import Rejected
from connectors.selection import EVERYTHING, Selection
from console.commands import data_import
from research import frames
from schemas.frames import MarketFrame
from schemas.records import Status

SECTIONS = ("trades", "quotes", "orders", "checksums")


def head(source: Path, target: Path, lines: int, start: int = 0) -> Path:
    """Some lines of a capture, in a file of their own."""
    with gzip.open(source, "rb") as given, gzip.open(target, "wb") as kept:
        kept.writelines(islice(given, start, start + lines))
    return target


def put(lake: Path, *sources: Path, wanted: Selection = EVERYTHING) -> dict[str, Any]:
    return data_import.run(load(environment={}), list(sources), lake, wanted)


def flat(path: Path, wanted: Selection = EVERYTHING) -> dict[str, list[Any]]:
    """Every event of each instrument, in order, however it was framed, with its scales."""
    said: dict[str, list[Any]] = defaultdict(list)
    for part in frames.read(path, wanted=wanted):
        match part:
            case MarketFrame():
                said[part.instrument] += events_of(part)
            case Status():
                said[part.instrument].append(part)
            case Rejected():
                pass
    return said


def events_of(frame: MarketFrame) -> Iterator[Any]:
    scales = (frame.price_scale, frame.size_scale)
    rows = {
        name: zip(*(c.tolist() for c in getattr(frame, name)), strict=True) for name in SECTIONS
    }
    depth = _depth(frame)
    names = {1: "trades", 2: "quotes", 4: "orders", 5: "checksums"}
    for kind in frame.kinds.tolist():
        yield scales, kind, next(depth if kind == 3 else rows[names[kind]])


def _depth(frame: MarketFrame) -> Iterator[Any]:
    depth = frame.depth
    ends = np.cumsum(depth.bids.astype(np.int64) + depth.asks).tolist()
    heads = zip(*(column.tolist() for column in depth[:7]), strict=True)
    levels = list(zip(depth.price.tolist(), depth.size.tolist(), strict=True))
    for said, start, end in zip(heads, [0, *ends], ends, strict=False):
        yield said, levels[start:end]
