"""The end of a demonstration: the report, and the numbers in brief."""

from typing import Any

from config.tree import Settings
from console.commands.demo import Demo
from console.report.data import Run, read
from console.report.page import page
from console.stats import Stats
from sinks.clickhouse.errors import hide_password
from sinks.clickhouse.target import open_client


def summary(asked: Demo, stats: Stats, kind: str, settings: Settings) -> dict[str, Any]:
    """Writes the report beside the run's logs; returns what the command prints."""
    client = open_client(asked.target)
    ran = stats.finished - stats.started
    data = read(client, Run(asked.source, kind, asked.began, ran, stats, settings))
    report = asked.folder / "report.html"
    report.write_text(page(data))
    client.close()
    return {
        "source": asked.source,
        "broker": kind,
        "seconds": round(ran, 1),
        "events": stats.events,
        "events_per_second": round(stats.events / ran, 1),
        "latency_ms": {"p50": _ms(stats, 0.5), "p99": _ms(stats, 0.99)},
        "decisions": dict(stats.decisions),
        "fills": stats.fills,
        "first_fill_seconds": _since(stats, asked.began),
        "pnl_after_fees": str(round(stats.pnl(), 2)),
        "gaps": stats.gaps,
        "dead_letters": stats.dead_letters,
        "rows": data.counts,
        "clickhouse": hide_password(asked.target),
        "report": str(report.resolve()),
    }


def _ms(stats: Stats, quantile: float) -> float | None:
    latency = stats.latency(quantile)
    return None if latency is None else round(latency * 1000, 2)


def _since(stats: Stats, began: float) -> float | None:
    """From the start of the command to the first fill."""
    if stats.first_fill_s is None:
        return None
    return round(stats.started - began + stats.first_fill_s, 1)
