"""``tickstream worker``: the Faust agents, until it is stopped."""

import tempfile
from pathlib import Path

import faust
from prometheus_client import REGISTRY

from console import context, kill_file
from console.garbage import keep_what_is_loaded
from console.output import say
from console.processes import READY
from console.web_desk import web_desk
from streams.faust_host import FaustConfig, FaustHost
from streams.kafka import KafkaWriter
from streams.metrics import HostMetrics, serve
from streams.warm_up import warm_up


def run(config: Path | None, broker: str | None, port: int | None, log_level: str) -> None:
    """Creates missing topics, compiles the kernels, then folds until SIGTERM or SIGINT."""
    made = context.make(config)
    settings = made.settings
    bootstrap = broker or settings.broker.bootstrap
    context.ensure_topics(settings, bootstrap)
    say("worker: loading kernels (compiled on the first start)")
    warm_up(made.configs)
    metrics = HostMetrics(REGISTRY)
    host = FaustHost(
        FaustConfig(
            bootstrap,
            Path(tempfile.mkdtemp(prefix="tickstream-worker-")),
            settings.worker.snapshot_interval / 1e9,
            settings.worker.fused,
        ),
        made.configs,
        made.codec,
        KafkaWriter(bootstrap, linger_ms=0),
        metrics,
    )
    kill_file.watch(settings, bootstrap, made.codec)
    at = serve(
        settings.worker.port if port is None else port,
        REGISTRY,
        host.health,
        web_desk(config, broker),
    )
    say(f"{READY} on {bootstrap}; metrics and health on port {at}")
    keep_what_is_loaded()
    worker = faust.Worker(host.app, loglevel=log_level, redirect_stdouts=False)
    worker.execute_from_commandline()
