"""Gaps are found by sequence, calendar and silence; damage is found at all."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.settings import load
from connectors.batch import Batch
from connectors.events import DepthEvent, Instrument, MarketEvent, TradeEvent
from connectors.selection import EVERYTHING
from console.commands import data_check
from schemas.lake import files, layout
from schemas.lake.rows import DAY_NS
from sinks.archive.writer import LakeWriter
from streams.cause import Cause

MINUTE = 60 * 10**9


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def store(lake: Path, *events: MarketEvent, source: str = "test") -> None:
    writer = LakeWriter(lake)
    for n, event in enumerate(events):
        batch = Batch(event.instrument)
        batch.add(event)
        writer.take("ticks", batch.frame(), Cause("test", source, n, 0))
    writer.close()


def trade(name: str, at: int, number: int) -> TradeEvent:
    return TradeEvent(Instrument(name, 2, 0), at, at, number, 10_000, 1, 0)


def check(lake: Path, silence_ns: int = 10 * MINUTE) -> dict[str, Any]:
    return data_check.run(load(environment={}), lake, EVERYTHING, silence_ns)


def every_minute(name: str, open_: str, close: str, first_id: int = 0) -> list[TradeEvent]:
    times = range(ns(open_), ns(close), MINUTE)
    return [trade(name, at, first_id and first_id + n) for n, at in enumerate(times)]


def test_a_half_day_a_holiday_and_a_weekend_are_no_gaps_but_a_missing_session_is(
    tmp_path: Path,
) -> None:
    days = [
        ("2023-11-21T14:30", "2023-11-21T21:00"),
        # the 22nd is missing; the 23rd was Thanksgiving; the 24th closed at 13:00 New York
        ("2023-11-24T14:30", "2023-11-24T18:00"),
        ("2023-11-27T14:30", "2023-11-27T21:00"),
    ]
    store(tmp_path / "lake", *(t for day in days for t in every_minute("ALPACA:AAPL", *day)))
    found = check(tmp_path / "lake")
    by_calendar = [gap for gap in found["gaps"] if gap["by"] == "calendar"]
    assert [(g["from"][:16], g["to"][:16], g["missing"]) for g in by_calendar] == [
        ("2023-11-22 14:30", "2023-11-22 21:00", 1)
    ]
    silent = [gap for gap in found["gaps"] if gap["by"] == "silence"]
    assert [gap["missing"] // 60 for gap in silent] == [6 * 60 + 30 + 1]
    assert found["ok"]


def test_around_the_clock_a_missing_day_and_a_quiet_hour_are_gaps(tmp_path: Path) -> None:
    spans = [
        ("2024-03-09T00:00", "2024-03-09T12:00"),
        ("2024-03-09T13:00", "2024-03-10T00:00"),
        ("2024-03-11T00:00", "2024-03-12T00:00"),
    ]
    store(tmp_path / "lake", *(t for span in spans for t in every_minute("BINANCE:BTCUSDT", *span)))
    gaps = [(g["by"], g["from"][:13], g["missing"]) for g in check(tmp_path / "lake")["gaps"]]
    assert ("calendar", "2024-03-10 00", 1) in gaps
    assert ("silence", "2024-03-09 11", 61 * 60) in gaps


def test_trade_ids_that_are_left_out_are_a_gap_also_over_midnight(tmp_path: Path) -> None:
    start = ns("2024-03-09T23:00")
    ids = [n for n in range(100, 220) if n not in (130, 131, 160)]
    store(
        tmp_path / "lake",
        *(trade("BINANCE:X", start + (n - 100) * MINUTE, n) for n in ids),
    )
    gaps = [g for g in check(tmp_path / "lake")["gaps"] if g["by"] == "sequence"]
    assert [(gap["missing"], gap["from"][:10], gap["to"][:10]) for gap in gaps] == [
        (2, "2024-03-09", "2024-03-09"),
        (1, "2024-03-09", "2024-03-10"),
    ]


def test_a_depth_message_that_follows_one_that_never_came_is_a_gap(tmp_path: Path) -> None:
    instrument, start = Instrument("BINANCE:X", 2, 0), ns("2024-03-09T10:00")

    def depth(n: int, seq: int, prev: int, snapshot: bool = False) -> DepthEvent:
        at = start + n * 10**9
        return DepthEvent(instrument, at, at, seq, prev, snapshot, [(100, n + 1)], [])

    messages = [depth(0, 10, 0, True), depth(1, 12, 9), depth(2, 15, 12), depth(3, 19, 17)]
    store(tmp_path / "lake", *messages)
    (gap,) = check(tmp_path / "lake")["gaps"]
    assert (gap["by"], gap["missing"], gap["from"][11:19]) == ("sequence", 2, "10:00:02")


def test_sources_that_agree_are_merged_by_trade_id_and_those_that_differ_overlap(
    tmp_path: Path,
) -> None:
    trades = every_minute("BINANCE:X", "2024-03-09T10:00", "2024-03-09T11:00", 1)
    store(tmp_path / "lake", *trades[:40], source="a")
    in_us = [t._replace(ts_event=t.ts_event + 123_000) for t in trades[20:]]
    store(tmp_path / "lake", *in_us, source="b")
    assert not check(tmp_path / "lake")["overlaps"]
    (place,) = layout.places(tmp_path / "lake")
    rows, _ = files.read(tmp_path / "lake", place)
    assert rows.columns["trade_id"].tolist() == list(range(1, 61))
    store(tmp_path / "lake", trades[10]._replace(price=9_999), source="c")
    (overlap,) = check(tmp_path / "lake")["overlaps"]
    assert overlap["sources"] == ("test@a", "test@c")


def test_rows_that_say_the_same_twice_in_one_source_stay(tmp_path: Path) -> None:
    at = ns("2024-03-09T10:00")
    for source in ("a", "b"):
        store(tmp_path / "lake", *[trade("X:Y", at, 0)] * 3, source=source)
    (place,) = layout.places(tmp_path / "lake")
    assert files.read_manifest(tmp_path / "lake", place).rows == 3


def test_every_way_a_file_can_be_wrong_is_named(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    store(lake, *every_minute("X:Y", "2024-03-09T10:00", "2024-03-09T11:00", 1))
    (place,) = layout.places(lake)
    rows, manifest = files.read(lake, place)
    backwards = rows.take(np.arange(len(rows))[::-1])
    files.write(lake, place._replace(day=place.day + 1), backwards, manifest.taken)
    place._replace(day=place.day + 2).path(lake).parent.mkdir()
    place._replace(day=place.day + 2).path(lake).write_bytes(b"PAR1 no more")
    found = check(lake)
    assert not found["ok"]
    assert [
        (p["file"].split("date=")[1][:10], p["what"].split(":")[0]) for p in found["problems"]
    ] == [
        ("2024-03-10", "holds rows of another day"),
        ("2024-03-10", "its rows are not sorted by event time and sequence number"),
        ("2024-03-11", "cannot be read"),
    ]
    json.dumps(found)


@pytest.mark.parametrize("days", [1, 3])
def test_a_day_is_that_of_the_event_in_utc(tmp_path: Path, days: int) -> None:
    midnight = ns("2024-03-10T00:00")
    times = [midnight - 1, midnight, midnight + (days - 1) * DAY_NS]
    store(tmp_path / "lake", *(trade("X:Y", at, n) for n, at in enumerate(times, 1)))
    found = [str(place.date) for place in layout.places(tmp_path / "lake")]
    assert found[:2] == ["2024-03-09", "2024-03-10"]
    assert len(found) == (2 if days == 1 else 3)
