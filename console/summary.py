"""The end of a demonstration: the report, and the numbers in brief."""

from pathlib import Path
from typing import Any

from config.settings import Settings
from console.report.data import Run, read
from console.report.page import page
from console.stats import Stats
from sinks.clickhouse.errors import hide_password
from sinks.clickhouse.target import open_client


def summary(
    stats: Stats,
    source: str,
    kind: str,
    folder: Path,
    target: str,
    began: float,
    settings: Settings,
) -> dict[str, Any]:
    client = open_client(target)
    ran = stats.finished - stats.started
    run = Run(source, kind, began, ran, stats, settings)
    data = read(client, run)
    report = folder / "report.html"
    report.write_text(page(data))
    client.close()
    return {
        "source": source,
        "broker": kind,
        "seconds": round(ran, 1),
        "events": stats.events,
        "events_per_second": round(stats.events / ran, 1),
        "latency_ms": {"p50": _ms(stats, 0.5), "p99": _ms(stats, 0.99)},
        "decisions": dict(stats.decisions),
        "fills": stats.fills,
        "first_fill_seconds": _since(stats, began),
        "pnl_after_fees": str(round(stats.pnl(), 2)),
        "gaps": stats.gaps,
        "dead_letters": stats.dead_letters,
        "rows": data.counts,
        "clickhouse": hide_password(target),
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
