"""A local server that gives history as Alpaca, Massive and Binance do, page by page, and misbehaves
on demand: ``misbehave`` holds what to do with the next requests: a status, ``cut`` (the line
breaks), ``garbage`` (an answer that is none), ``hang`` (no answer until the server is closed).
"""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.timestamps import ns_rfc3339, rfc3339_ns

KEY, SECRET = "a-test-key", "a-test-secret"
HOUR = 3600 * 10**9
PAGE = 4


class Vendors:
    """``trades``: (ns, id, price, size) of everything, as JSON writes it."""

    def __init__(self) -> None:
        self.trades: list[tuple[int, int, float, int]] = []
        self.archives: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.misbehave: list[Any] = []
        self.closing = threading.Event()
        self.url = ""

    def between(self, start: int, end: int) -> list[tuple[int, int, float, int]]:
        return [trade for trade in self.trades if start <= trade[0] <= end]

    def zip(self, path: str, text: str) -> None:
        """A file as Binance gives it, with its CHECKSUM."""
        name = path.rpartition("/")[2]
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr(name.replace(".zip", ".csv"), text)
        self.archives[path] = made.getvalue()
        digest = hashlib.sha256(made.getvalue()).hexdigest()
        self.archives[f"{path}.CHECKSUM"] = f"{digest}  {name}\n".encode()

    def answer(self, path: str, query: dict[str, str], headers: Any) -> tuple[int, bytes]:
        if path.startswith("/data/"):
            return (200, self.archives[path]) if path in self.archives else (404, b"NoSuchKey")
        if path.startswith("/v2/stocks/"):
            if headers["APCA-API-KEY-ID"] != KEY or headers["APCA-API-SECRET-KEY"] != SECRET:
                return 403, b'{"message": "forbidden."}'
            return 200, json.dumps(self._alpaca(path, query)).encode()
        if headers["Authorization"] != f"Bearer {KEY}":
            return 401, b'{"error": "Unknown API Key"}'
        return 200, json.dumps(self._massive(path, query)).encode()

    def _alpaca(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        found = self.between(rfc3339_ns(query["start"]), rfc3339_ns(query["end"]))
        start = int(query.get("page_token", 0))
        kind = path.rpartition("/")[2]
        rows = [_ALPACA[kind](*trade) for trade in found[start : start + PAGE]]
        more = start + PAGE < len(found)
        token = str(start + PAGE) if more else None
        return {kind: rows or None, "symbol": "AAPL", "next_page_token": token}

    def _massive(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        if "cursor" in query:
            start, first, end = map(int, query["cursor"].split("-"))
        elif "timestamp.gte" in query:
            start, first, end = 0, int(query["timestamp.gte"]), int(query["timestamp.lt"]) - 1
        else:
            low, high = path.split("/")[-2:]
            start, first, end = 0, int(low) * 10**6, int(high) * 10**6
        found = self.between(first, end)
        kind = "bars" if "/aggs/" in path else path.split("/")[2]
        answer: dict[str, Any] = {"status": "OK"}
        answer["results"] = [_MASSIVE[kind](*trade) for trade in found[start : start + PAGE]]
        if start + PAGE < len(found):
            answer["next_url"] = f"{self.url}{path}?cursor={start + PAGE}-{first}-{end}"
        return answer


_ALPACA = {
    "trades": lambda ts, n, p, s: {
        "t": ns_rfc3339(ts),
        "x": "V",
        "p": p,
        "s": s,
        "c": ["@"],
        "i": n,
        "z": "C",
    },
    "quotes": lambda ts, n, p, s: {
        "t": ns_rfc3339(ts),
        "ax": "Q",
        "ap": p,
        "as": s,
        "bx": "N",
        "bp": p,
        "bs": s + 1,
        "c": ["R"],
    },
    "bars": lambda ts, n, p, s: {
        "t": ns_rfc3339(ts),
        "o": p,
        "h": p,
        "l": p,
        "c": p,
        "v": s,
        "n": n,
        "vw": p,
    },
}
_MASSIVE = {
    "trades": lambda ts, n, p, s: {
        "sip_timestamp": ts,
        "participant_timestamp": ts - 5,
        "id": str(n),
        "price": p,
        "size": s,
    },
    "quotes": lambda ts, n, p, s: {
        "sip_timestamp": ts,
        "sequence_number": n,
        "bid_price": p,
        "bid_size": s,
        "ask_price": p,
    },
    "bars": lambda ts, n, p, s: {
        "t": ts // 10**6,
        "o": p,
        "h": p,
        "l": p,
        "c": p,
        "v": s,
        "n": n,
        "vw": p,
    },
}


@contextmanager
def serving() -> Iterator[Vendors]:
    vendors = Vendors()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            vendors.asked.append(self.path)
            told = vendors.misbehave.pop(0) if vendors.misbehave else None
            if told == "hang":
                vendors.closing.wait(30)
            if told in ("cut", "hang"):
                self.close_connection = True
                return
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, body = vendors.answer(parts.path, query, self.headers)
            if told == "garbage":
                body = body[: len(body) // 2]
            elif told:
                status, body = told, b"not now"
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    vendors.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield vendors
    finally:
        vendors.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
