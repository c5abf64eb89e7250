"""Every row of every table of an embedded ClickHouse as JSON: chDB allows one engine a process, so
tests ask this script.

    python tables.py FOLDER            the rows that are there
    python tables.py FOLDER BOOTSTRAP  first writes the topics' records, as they are in the log
"""

import json
import sys

from schemas.codec import Codec
from sinks.clickhouse.writer import TABLES, ClickHouseWriter
from streams import kafka
from streams.topology import TOPICS


def main() -> None:
    writer = ClickHouseWriter(f"embedded:{sys.argv[1]}")
    if len(sys.argv) > 2:
        _write(writer, sys.argv[2])
        writer.flush()
    tables = {}
    for path in sorted(TABLES.glob("*.sql")):
        if path.stem == "sink_progress":
            continue
        rows = writer.client.query(
            f"SELECT * FROM tickstream.{path.stem} ORDER BY topic, partition, offset, row_index"
        ).result_rows
        tables[path.stem] = [list(map(str, row)) for row in rows]
    writer.close()
    print(json.dumps(tables))


def _write(writer: ClickHouseWriter, bootstrap: str) -> None:
    codec = Codec()
    for topic in TOPICS:
        for partition in range(kafka.partition_counts(bootstrap)[topic]):
            for record, _ in kafka.read_partition(bootstrap, topic, partition):
                writer.add(record, codec.decode(record.value))


if __name__ == "__main__":
    main()
