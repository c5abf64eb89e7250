"""Where ClickHouse is: ``embedded:DIR`` (the engine in this process) or a server's URL.

The same client and the same SQL either way. The embedded engine is one a process and one a
folder, and needs the extra ``embedded`` (chDB).
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError

from sinks.clickhouse.errors import SinkError, explain, hide_password


def open_client(target: str) -> Any:
    """Raises SinkError when the target cannot be opened."""
    try:
        if target.startswith("embedded:"):
            folder = Path(target.removeprefix("embedded:"))
            folder.mkdir(parents=True, exist_ok=True)
            return clickhouse_connect.get_client(interface="chdb", path=str(folder))
        return _server(target)
    except ImportError as error:
        raise SinkError(
            "the embedded ClickHouse is not installed: pip install 'tickstream[embedded]'"
        ) from error
    except (ClickHouseError, OSError, RuntimeError) as error:
        raise explain(hide_password(target), error) from error


def _server(target: str) -> Any:
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SinkError(
            f"{hide_password(target)!r} is no ClickHouse: write embedded:DIR or "
            "http://user:password@host:8123"
        )
    return clickhouse_connect.get_client(
        host=parts.hostname,
        port=parts.port or (8443 if parts.scheme == "https" else 8123),
        secure=parts.scheme == "https",
        username=parts.username or "default",
        password=parts.password or "",
        connect_timeout=5,
        send_receive_timeout=60,
    )
