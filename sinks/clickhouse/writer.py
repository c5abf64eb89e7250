"""Rows into ClickHouse, each exactly once, in large blocks.

What always holds:

- A table takes a block whole or not at all: one insert is one block, the tables are not
  partitioned, and the settings keep the server from splitting it, so it becomes one part.
- The rows of one record in one table are never spread over two blocks, and blocks go in the order
  of the log. So the largest offset that a table holds of a topic partition says where it stands.
- Where a table stands is asked of ClickHouse: at the start, and again whenever the answer to an
  insert was lost. (A deduplication token alone fails outside its window.)
- Duplicates in the log, as a restarted worker makes them, are dropped by their cause, which the
  tables hold too.

``sink_progress`` only saves reading: it says up to where all tables have taken everything.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from clickhouse_connect.driver.exceptions import ClickHouseError

from schemas.codec import Message
from sinks.clickhouse.errors import SinkError, explain, hide_password, is_permanent
from sinks.clickhouse.native import Column, block, numbers, texts
from sinks.clickhouse.rows import Rows, rows_of
from sinks.clickhouse.target import open_client
from streams.cause import Cause, Taken
from streams.log import LogRecord

TABLES = Path(__file__).parent / "tables"
_WHOLE = {
    "max_insert_block_size": 1 << 30,
    "min_insert_block_size_rows": 0,
    "min_insert_block_size_bytes": 0,
    "async_insert": 0,
}
_RETRY_S = 60.0


@dataclass(slots=True)
class _Table:
    """What waits for one table, and where it stands."""

    rows: int = 0
    waiting: dict[tuple[str, int], int] = field(default_factory=dict)  # largest offset in them
    columns: dict[str, list[Column]] = field(default_factory=dict)
    taken: dict[tuple[str, int], int] = field(default_factory=dict)  # largest offset
    causes: dict[tuple[str, int], Taken] = field(default_factory=dict)

    def add(self, rows: Rows, place: tuple[str, int], offset: int) -> None:
        self.rows += rows.count
        self.waiting[place] = offset
        for name, column in rows.columns.items():
            self.columns.setdefault(name, []).append(column)


class ClickHouseWriter:
    """``target``: ``embedded:DIR`` or a URL. Creates database and tables. Raises SinkError."""

    def __init__(
        self,
        target: str,
        database: str = "tickstream",
        block_rows: int = 200_000,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._where, self._database = hide_password(target), database
        self._block_rows, self._sleep = block_rows, sleep
        self.client = open_client(target)
        self._next: dict[tuple[str, int], int] = {}
        self._saved: dict[tuple[str, int], int] = {}
        self.rows = self.blocks = 0
        self._tables = self._create()
        self.ask_positions()

    def add(self, record: LogRecord, message: Message) -> None:
        """Keeps a record's rows for the next block. Raises ValueError where a value does not fit
        its column, with nothing kept."""
        place = (record.topic, record.partition)
        for rows in rows_of(record, message):
            table = self._tables[rows.table]
            if record.offset > table.taken.get(place, -1):
                table.taken[place] = record.offset
                if table.causes.setdefault(place, Taken()).is_new(record.cause):
                    table.add(rows, place, record.offset)
        self._next[place] = max(record.offset + 1, self._next.get(place, 0))
        if any(table.rows >= self._block_rows for table in self._tables.values()):
            self.flush()

    def skip(self, topic: str, partition: int, next_offset: int) -> None:
        """Says that what lies before an offset needs no rows."""
        place = (topic, partition)
        self._next[place] = max(next_offset, self._next.get(place, 0))

    def position(self, topic: str, partition: int) -> int:
        """The first offset to read from."""
        return self._saved.get((topic, partition), 0)

    @property
    def waiting(self) -> int:
        """Rows that no block holds yet."""
        return sum(table.rows for table in self._tables.values())

    def flush(self) -> None:
        """Inserts what waits. Raises SinkError; what was not inserted still waits then."""
        for name, table in self._tables.items():
            if table.rows:
                self._insert(name, table)
        changed = {k: v for k, v in self._next.items() if v != self._saved.get(k, 0)}
        if changed:
            self._save_progress(changed)

    def close(self) -> None:
        self.flush()
        self.client.close()

    def _insert(self, name: str, table: _Table) -> None:
        names = list(table.columns)
        data = block(names, list(table.columns.values()), table.rows)
        self._send(name, table, names, data)
        self.rows += table.rows
        self.blocks += 1
        table.rows, table.columns, table.waiting = 0, {}, {}

    def _send(self, name: str, table: _Table, names: list[str], data: bytes) -> None:
        """Tries until it is in, or it is clear that it will not be."""
        deadline, delay = time.monotonic() + _RETRY_S, 0.2
        while True:
            try:
                self.client.raw_insert(
                    f"{self._database}.{name}", names, data, fmt="Native", settings=_WHOLE
                )
                return
            except (ClickHouseError, OSError) as error:
                if is_permanent(error) or time.monotonic() > deadline:
                    raise explain(f"{self._where}, table {name}", error) from error
            self._sleep(delay)
            delay = min(delay * 2, 5.0)
            if self._is_in(name, table):
                return

    def _is_in(self, name: str, table: _Table) -> bool:
        """Whether a block whose answer was lost went in after all."""
        (topic, partition), offset = next(iter(table.waiting.items()))
        where = f"topic = '{topic}' AND partition = {partition} AND offset = {offset}"
        try:
            found = self._query(f"SELECT count() FROM {self._database}.{name} WHERE {where}")
        except (ClickHouseError, OSError):
            return False
        return bool(found[0][0])

    def _create(self) -> dict[str, _Table]:
        try:
            self.client.command(f"CREATE DATABASE IF NOT EXISTS {self._database}")
            tables = {}
            for path in sorted(TABLES.glob("*.sql")):
                sql = path.read_text().replace("EXISTS ", f"EXISTS {self._database}.", 1)
                self.client.command(sql)
                self._check_columns(path.stem, sql)
                if path.stem != "sink_progress":
                    tables[path.stem] = _Table()
            return tables
        except (ClickHouseError, OSError) as error:
            raise explain(self._where, error) from error

    def _check_columns(self, name: str, sql: str) -> None:
        """A table that exists from before must have every column."""
        described = self._query(f"DESCRIBE TABLE {self._database}.{name}")
        known = {row[0] for row in described}
        wanted = [line.split("`")[1] for line in sql.splitlines() if line.startswith("    `")]
        missing = [column for column in wanted if column not in known]
        if missing:
            raise SinkError(
                f"ClickHouse at {self._where}: table {self._database}.{name} lacks "
                f"{', '.join(missing)}; add them with ALTER TABLE, or rename the table away"
            )

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self.client.query(sql).result_rows
        return rows

    def ask_positions(self) -> None:
        """Asks ClickHouse where each table stands; what waits is forgotten, and read again."""
        try:
            for name, table in self._tables.items():
                self._read_table(name, table)
            progress = self._query(
                "SELECT topic, partition, max(next_offset) "
                f"FROM {self._database}.sink_progress GROUP BY topic, partition"
            )
        except (ClickHouseError, OSError) as error:
            raise explain(self._where, error) from error
        self._saved = {(topic, partition): offset for topic, partition, offset in progress}
        self._next = dict(self._saved)

    def _read_table(self, name: str, table: _Table) -> None:
        found = self._query(
            "SELECT topic, partition, writer, source, "
            "max(offset), max((cause_offset, cause_index)) "
            f"FROM {self._database}.{name} GROUP BY topic, partition, writer, source"
        )
        table.rows, table.columns, table.waiting = 0, {}, {}
        table.taken, table.causes = {}, {}
        for topic, partition, writer, source, offset, cause in found:
            place = (topic, partition)
            table.taken[place] = max(offset, table.taken.get(place, -1))
            if writer:
                taken = table.causes.setdefault(place, Taken())
                taken.is_new(Cause(writer, source, *cause))

    def _save_progress(self, changed: dict[tuple[str, int], int]) -> None:
        places = list(changed)
        columns = [
            [texts(topic for topic, _ in places)],
            [numbers("Int32", np.array([partition for _, partition in places], np.int32))],
            [numbers("Int64", np.array(list(changed.values()), np.int64))],
        ]
        names = ["topic", "partition", "next_offset"]
        try:
            self.client.raw_insert(
                f"{self._database}.sink_progress",
                names,
                block(names, columns, len(places)),
                fmt="Native",
            )
        except (ClickHouseError, OSError) as error:
            raise explain(f"{self._where}, table sink_progress", error) from error
        self._saved |= changed
