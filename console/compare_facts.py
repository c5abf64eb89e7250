"""A comparison as ``compare --json`` prints it, and as people read it."""

from collections.abc import Iterable
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from console.output import console, result
from research.compare.causes import CAUSES, Replayed
from research.compare.comparison import Compared, Comparison
from research.compare.session import LiveSession
from streams.operators.risk.money import ZERO, plain

_SHOWN = 20  # orders on the terminal
_WIDE = 160  # where no terminal says how wide it is
_MS = 10**6


def facts(folder: Path, session: LiveSession, found: Comparison) -> dict[str, Any]:
    fit, orders = found.fit, found.orders
    rows = sorted(orders, key=lambda c: abs(c.live.worth.pnl - c.paper.worth.pnl), reverse=True)
    return {
        "recording": str(folder),
        "account": session.account,
        "orders": {
            "compared": len(orders),
            "filled_alike": found.before.same,
            "filled_alike_fitted": found.after.same,
        },
        "pnl": {
            "live": _sum(c.live for c in orders),
            "paper": _sum(c.paper for c in orders),
            "fitted": _sum(c.fitted for c in orders),
        },
        "causes": {name: plain(getattr(found.causes, name)) for name in CAUSES},
        "closeness": {"paper_s": found.before.seconds, "fitted_s": found.after.seconds},
        "fit": {
            "latency": fit.latency.verdict,
            "latency_seen": fit.latency.seen,
            "latency_impossible": fit.latency.impossible,
            "queue": fit.queue.verdict,
            "queue_orders": fit.queue.orders,
            "queue_distances_s": fit.queue.distances,
            "fees": fit.fees.verdict,
            "fee_spread": plain(fit.fees.spread),
        },
        "toml": fit.toml(),
        "notes": found.notes,
        "by_order": [_row(compared) for compared in rows],
    }


def _sum(replays: Iterable[Replayed]) -> str:
    return plain(sum((replay.worth.pnl for replay in replays), ZERO))


def _row(compared: Compared) -> dict[str, Any]:
    order, explained = compared.asked.order, compared.explained
    row: dict[str, Any] = {
        "order": order.cl_ord_id,
        "strategy": order.strategy,
        "instrument": order.instrument,
        "side": str(order.side),
        "type": f"{order.ord_type} {order.time_in_force}",
        "size": plain(Decimal(order.size).scaleb(-order.size_scale)),
        "sent_ns": order.ts_event,
        "live_ack_ms": _ms(compared.live_delay_ns),
        "paper_ack_ms": _ms(compared.paper_delay_ns),
    }
    for name, replay in (
        ("live", compared.live),
        ("paper", compared.paper),
        ("fitted", compared.fitted),
    ):
        row |= {f"{name}_{key}": value for key, value in _told(replay, order.ts_event).items()}
    parts = {name: plain(getattr(explained.pnl, name)) for name in CAUSES}
    sizes = {f"{name}_filled": plain(getattr(explained.filled, name)) for name in CAUSES}
    return row | {
        "pnl_difference": plain(compared.live.worth.pnl - compared.paper.worth.pnl),
        **parts,
        **sizes,
        "nearest_queue": explained.nearest,
        "cause": explained.main.replace("_", " "),
        "why": explained.why_missing or _words(compared),
    }


def _told(replay: Replayed, sent_ns: int) -> dict[str, Any]:
    outcome, worth = replay.outcome, replay.worth
    times = sorted(trade.ts_event for trade in outcome.trades.values())
    costs = worth.costs
    return {
        "state": str(outcome.status),
        "text": outcome.text,
        "filled": plain(worth.filled),
        "price": plain(round(costs.avg_price, 12)) if costs and worth.filled else None,
        "first_ms": _ms(times[0] - sent_ns) if times else None,
        "last_ms": _ms(times[-1] - sent_ns) if times else None,
        "fee": plain(worth.fees),
        "slippage_bps": _finite(costs.slippage_bps) if costs and worth.filled else None,
        "pnl": plain(worth.pnl),
    }


def _words(compared: Compared) -> str:
    """What the eye would look for first."""
    live, paper, explained = compared.live, compared.paper, compared.explained
    if explained.main == "latency":
        live_ms, paper_ms = (_tenth(_ms(ns)) for ns in _delays(compared))
        return f"{live_ms} ms to the venue, on paper {paper_ms} ms"
    if explained.main == "queue":
        return f"queue model {explained.nearest} comes nearest"
    if paper.outcome.text and paper.outcome.status != live.outcome.status:
        return f"paper: {paper.outcome.status}, {paper.outcome.text}"
    if live.outcome.text and paper.outcome.status != live.outcome.status:
        return f"live: {live.outcome.status}, {live.outcome.text}"
    return ""


def _delays(compared: Compared) -> tuple[int | None, int]:
    return compared.live_delay_ns, compared.paper_delay_ns


def _ms(ns: int | None) -> float | None:
    return None if ns is None else ns / _MS


def _finite(value: float) -> float | None:
    return round(value, 4) if isfinite(value) else None


def show(facts: dict[str, Any]) -> None:
    """The orders that differ most, the sums, and what was fitted."""
    table = Table(box=None, padding=(0, 1))
    for name in ("order", "side", "filled", "of", "ack ms", "P&L", *CAUSES, "cause"):
        left = name in ("order", "side", "cause")
        justify: Literal["left", "right"] = "left" if left else "right"
        table.add_column(name.replace("_", " "), justify=justify, overflow="fold")
    for row in facts["by_order"][:_SHOWN]:
        parts = [_short(row[name]) for name in ("pnl_difference", *CAUSES)]
        table.add_row(
            row["order"],
            row["side"],
            f"{row['live_filled']} | {row['paper_filled']}",
            row["size"],
            f"{_tenth(row['live_ack_ms'])} | {_tenth(row['paper_ack_ms'])}",
            *parts,
            row["cause"],
        )
    console.print("live | paper, and live less paper", style="dim", markup=False)
    wide = console if console.is_terminal else Console(highlight=False, width=_WIDE)
    wide.print(table)
    hidden = len(facts["by_order"]) - _SHOWN
    if hidden > 0:
        console.print(f"… and {hidden} more in the report", style="dim")
    console.print()
    result(
        {name: value for name, value in facts.items() if name not in ("by_order", "toml")}, False
    )
    console.print()
    console.print(facts["toml"] or "Nothing is fitted.", markup=False)


def _tenth(ms: float | None) -> str:
    return "–" if ms is None else f"{ms:.1f}"


def _short(number: str) -> str:
    """Four digits that count."""
    return f"{float(number):.4g}"
