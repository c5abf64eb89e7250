"""The report of ``tickstream compare``: a live session beside its replays."""

from decimal import Decimal
from html import escape
from importlib.metadata import version
from typing import Any

from console.report.charts import bar_chart, lines_chart, log_histogram, signed_chart
from console.report.parts import document, figure, table, tiles_of
from research.compare.causes import CAUSES

_COLUMNS = {
    "order": "order",
    "instrument": "instrument",
    "side": "side",
    "size": "size",
    "live_filled": "live filled",
    "paper_filled": "paper filled",
    "live_price": "live price",
    "paper_price": "paper price",
    "live_ack_ms": "live ack, ms",
    "paper_ack_ms": "paper ack, ms",
    "live_last_ms": "live last fill, ms",
    "paper_last_ms": "paper last fill, ms",
    "live_slippage_bps": "live slippage, bp",
    "paper_slippage_bps": "paper slippage, bp",
    "live_fee": "live fee",
    "paper_fee": "paper fee",
    "pnl_difference": "P&L, live less paper",
    "latency": "latency",
    "queue": "queue",
    "fee": "fee",
    "missing_data": "missing data",
    "remainder": "remainder",
    "cause": "cause",
    "why": "why",
}

_SIDES = ("live", "paper")
_OF_SIDES = (f"{side}_{what}" for side in _SIDES for what in ("filled", "price", "fee"))
_NUMBERS = ("size", "pnl_difference", *CAUSES, *_OF_SIDES)


def page(facts: dict[str, Any], series: dict[str, list[tuple[float, float]]]) -> str:
    """``facts`` as ``compare --json`` prints them; ``series``: P&L over time by replay."""
    about = (
        f"{facts['recording']} · account {facts['account']} · tickstream {version('tickstream')}"
    )
    footer = (
        "Differences are live less paper. P&L is after fees, at the last mark. Times of fills "
        "count from when the order was sent. What each cause means is said in "
        "docs/how-to/compare-live-with-replay.md."
    )
    sections = (_tiles(facts), _money(facts, series), _fit(facts), _orders(facts))
    return document("Live beside replay", facts["account"], about, sections, footer)


def _tiles(facts: dict[str, Any]) -> str:
    pnl, orders = facts["pnl"], facts["orders"]
    off = float(pnl["live"]) - float(pnl["paper"])
    return tiles_of(
        [
            ("orders", f"{orders['compared']:,}", ""),
            ("filled alike on paper", f"{orders['filled_alike']:,}", ""),
            ("filled alike when fitted", f"{orders['filled_alike_fitted']:,}", ""),
            ("P&L live", f"{float(pnl['live']):+,.2f}", ""),
            ("P&L on paper", f"{float(pnl['paper']):+,.2f}", ""),
            ("live less paper", f"{off:+,.2f}", "good" if off >= 0 else "bad"),
            ("a unit's fill is off by, s", f"{facts['closeness']['paper_s']:,.3f}", ""),
            ("… when fitted, s", f"{facts['closeness']['fitted_s']:,.3f}", ""),
        ]
    )


def _money(facts: dict[str, Any], series: dict[str, list[tuple[float, float]]]) -> str:
    causes = [(name.replace("_", " "), float(value)) for name, value in facts["causes"].items()]
    return (
        "<h2>Money</h2>"
        + figure("P&L after fees", lines_chart(list(series.items())))
        + figure("Live less paper, by cause", signed_chart(causes))
    )


def _fit(facts: dict[str, Any]) -> str:
    fit = facts["fit"]
    seen = [
        row["live_ack_ms"] / 1000 for row in facts["by_order"] if row["live_ack_ms"] is not None
    ]
    histogram = log_histogram(seen)
    distances = [(name, seconds) for name, seconds in fit["queue_distances_s"].items()]
    words = "".join(
        f"<p><b>{name}</b>: {escape(fit[name])}</p>" for name in ("latency", "queue", "fees")
    )
    block = f"<pre>{escape(facts['toml'])}</pre>" if facts["toml"] else "<p>Nothing is fitted.</p>"
    notes = "".join(f"<p>{escape(note)}</p>" for note in facts["notes"])
    every = max(1, len(histogram) // 12)
    return (
        f"<h2>The paper venue that comes nearest</h2>{words}{block}{notes}"
        + figure("Latency from order to acknowledgement, ms", bar_chart(histogram, "time", every))
        + figure(
            "Queue models: seconds by which a unit's fill differs from the live one",
            bar_chart(distances, "count"),
        )
    )


def _shown(name: str, value: Any) -> Any:
    """Numbers as numbers, so that they stand right."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return round(value, 2 if name.endswith("bps") else 1)
    return Decimal(value) if name in _NUMBERS else value


def _orders(facts: dict[str, Any]) -> str:
    rows = [tuple(_shown(name, row[name]) for name in _COLUMNS) for row in facts["by_order"]]
    return table("Orders", tuple(_COLUMNS.values()), rows, "There are none.")
