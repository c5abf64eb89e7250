"""Rows into the embedded ClickHouse: ours, native blocks from columns, beside clickhouse-connect's
own insert of Python rows. In a process of its own, as chDB allows one engine a process."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from typing import Any

from connectors.sim.venue import SimConfig, SimVenue
from schemas.codec import Message
from schemas.frames import MarketFrame
from sinks.clickhouse.writer import ClickHouseWriter
from streams.cause import Cause
from streams.log import LogRecord

ROUNDS = 5


def run() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.sink"], capture_output=True, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def messages() -> list[tuple[LogRecord, Message]]:
    config = SimConfig(rate=200_000, frame_ns=10**9, max_events=1000)
    frames = [frame for _, frame in SimVenue(config).advance(config.start_ns + 2 * 10**9)]
    return [
        (LogRecord("ticks", 0, n, f.instrument, b"", Cause("b", "b", n, 0)), f)
        for n, f in enumerate(frames)
    ]


def ours(writer: ClickHouseWriter, made: list[tuple[LogRecord, Message]], shift: int) -> float:
    before, started = writer.rows, time.perf_counter()
    for record, message in made:
        offset = record.offset + shift
        moved = record._replace(offset=offset, cause=Cause("b", "b", offset, 0))
        writer.add(moved, message)
    writer.flush()
    return (writer.rows - before) / (time.perf_counter() - started)


def theirs(writer: ClickHouseWriter, frame: MarketFrame) -> float:
    columns = ["instrument", "bid", "bid_size", "ask", "ask_size", "seq"]
    q = frame.quotes
    lists = [column.tolist() for column in (q.bid, q.bid_size, q.ask, q.ask_size, q.seq)]
    rows = [
        [frame.instrument, *(Decimal(v).scaleb(-2) for v in values[:4]), values[4]]
        for values in zip(*lists, strict=True)
    ] * 50
    started = time.perf_counter()
    writer.client.insert("tickstream.quotes", rows, columns)
    return len(rows) / (time.perf_counter() - started)


def main() -> None:
    made = messages()
    with tempfile.TemporaryDirectory() as folder:
        writer = ClickHouseWriter(f"embedded:{folder}")
        ours(writer, made, 0)
        rates = [ours(writer, made, (n + 1) * 10**6) for n in range(ROUNDS)]
        frame = next(m for _, m in made if isinstance(m, MarketFrame) and len(m.quotes.bid) > 100)
        plain = [theirs(writer, frame) for _ in range(3)]
    result = {
        "unit": "rows a second into the embedded ClickHouse",
        "tickstream": round(statistics.median(rates)),
        "clickhouse_connect_python_rows": round(statistics.median(plain)),
        "ratio": round(statistics.median(rates) / statistics.median(plain), 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
