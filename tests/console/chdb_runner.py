"""Run SQL on the embedded ClickHouse engine and say what came of it, as JSON on both ends.

A program of its own, because there is one engine to a process and other tests have theirs open.
Reads {"setup": [sql], "queries": {name: sql}}; writes {name: {"rows": n} or {"error": text}}.
"""

import json
import sys

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError


def main() -> None:
    work = json.load(sys.stdin)
    client = clickhouse_connect.get_client(interface="chdb")
    client.command("CREATE DATABASE tickstream")
    client.command("USE tickstream")
    for statement in work["setup"]:
        client.command(statement)
    json.dump({name: outcome(client, sql) for name, sql in work["queries"].items()}, sys.stdout)


def outcome(client: object, sql: str) -> dict[str, object]:
    try:
        return {"rows": client.query(sql).row_count}  # type: ignore[attr-defined]
    except ClickHouseError as error:
        return {"error": str(error)}


if __name__ == "__main__":
    main()
