"""What the hosts count, for Prometheus, and the small server that shows it with the health page
and takes commands from those who have the token."""

import json
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, make_wsgi_app

from streams.web_commands import WebCommands

_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class HostMetrics:
    """Counters by chain; times in seconds."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str) -> Counter:
            return Counter(f"tickstream_{name}", text, ["chain"], registry=registry)

        self.records = counter("records", "Records folded")
        self.events = counter("events", "Events in the frames folded")
        self.outputs = counter("outputs", "Records sent")
        self.duplicates = counter("duplicates", "Records dropped because their cause was known")
        self.dead_letters = counter("dead_letters", "Records that could not be folded")
        self.seeks = counter("seeks", "Times that a hole in the offsets was read again")
        self.snapshots = counter("snapshots", "Snapshots saved")
        self.fold_seconds = Histogram(
            "tickstream_fold_seconds",
            "Time to fold a record",
            ["chain"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.age_seconds = Histogram(
            "tickstream_age_seconds",
            "Age of a record when it was folded, from its time in the log",
            ["chain"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.offset = Gauge(
            "tickstream_offset", "Next input offset", ["chain", "partition"], registry=registry
        )


class FoldMetrics:
    """Those of a chain on one partition, looked up once: a label costs as much as ten counts."""

    def __init__(self, of: HostMetrics, chain: str, partition: int) -> None:
        self.records = of.records.labels(chain)
        self.events = of.events.labels(chain)
        self.outputs = of.outputs.labels(chain)
        self.duplicates = of.duplicates.labels(chain)
        self.dead_letters = of.dead_letters.labels(chain)
        self.seeks = of.seeks.labels(chain)
        self.snapshots = of.snapshots.labels(chain)
        self.fold_seconds = of.fold_seconds.labels(chain)
        self.age_seconds = of.age_seconds.labels(chain)
        self.offset = of.offset.labels(chain, str(partition))


class _Server(ThreadingMixIn, WSGIServer):
    """A thread a request: somebody who connects and says nothing keeps nobody out."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 10  # seconds that a request may take to come

    def log_message(self, *_: Any) -> None:
        """Scrapes are not worth a line each."""


def serve(
    port: int,
    registry: CollectorRegistry,
    health: Callable[[], dict[str, Any]],
    commands: WebCommands | None = None,
) -> int:
    """Serves /metrics, /health (200 when ``ok``, else 503) and the commands from daemon threads;
    returns the port, which is a free one when asked for 0. Raises OSError when it is taken."""
    metrics = make_wsgi_app(registry)

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = commands.answer(environ) if commands else None
        if answer is None and environ["PATH_INFO"] == "/health":
            state = health()
            answer = "200 OK" if state.get("ok") else "503 Service Unavailable", state
        if answer is None and environ["PATH_INFO"] in ("/", "/metrics"):
            body: Iterable[bytes] = metrics(environ, start_response)
            return body
        status, facts = answer or ("404 Not Found", {"error": "there is no such page"})
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(facts).encode()]

    server = make_server("0.0.0.0", port, app, server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return int(server.server_port)
