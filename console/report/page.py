"""The report: one HTML file that needs nothing else, for light and dark."""

from datetime import UTC, datetime
from html import escape
from importlib.metadata import version

from console.report.charts import bar_chart, line_chart, log_histogram
from console.report.data import Instrument, ReportData
from console.report.heat_map import heat_map
from console.report.parts import document, figure, table, tiles_of


def page(data: ReportData) -> str:
    """The whole document."""
    run = data.run
    began = datetime.fromtimestamp(run.began, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    facts = f"{run.source} · {run.broker} · {began} · tickstream {version('tickstream')}"
    sections = [_tiles(data), *map(_price, data.instruments), _money(data), _speed(data)]
    sections.append(_tables(data))
    footer = (
        "Read from ClickHouse, database tickstream. Times are UTC; P&L is in quote currency, "
        "after fees."
    )
    return document("tickstream report", began, facts, sections, footer)


def _tiles(data: ReportData) -> str:
    stats, run = data.run.stats, data.run
    pnl = data.equity[-1][1] if data.equity else 0.0
    worst = min((value for _, value in data.drawdown), default=0.0)
    refused = sum(count for rule, count in stats.decisions.items() if rule != "approved")
    tiles = [
        ("events", f"{stats.events:,}", ""),
        ("events a second", f"{stats.events / max(run.seconds, 1e-9):,.0f}", ""),
        ("latency p50, p99", f"{_ms(stats.latency(0.5))}, {_ms(stats.latency(0.99))}", ""),
        ("orders approved", f"{stats.decisions['approved']:,}", ""),
        ("orders refused", f"{refused:,}", ""),
        ("fills", f"{data.counts['fills']:,}", ""),
        ("P&L after fees", f"{pnl:+,.2f}", "good" if pnl >= 0 else "bad"),
        ("largest drawdown", f"{worst:,.2f}", ""),
        ("gaps", f"{stats.gaps:,}", "bad" if stats.gaps else ""),
        ("dead letters", f"{stats.dead_letters:,}", "bad" if stats.dead_letters else ""),
        ("rows in ClickHouse", f"{sum(data.counts.values()):,}", ""),
        ("seconds", f"{run.seconds:,.1f}", ""),
    ]
    return tiles_of(tiles)


def _ms(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.1f} ms"


def _price(instrument: Instrument) -> str:
    marks = [
        (at, price, "buy" if side == "BUY" else "sell") for at, price, side in instrument.fills
    ]
    caption = f"Mid of the rebuilt book; {len(marks)} fills (▲ bought, ▼ sold)"
    chart = line_chart(instrument.prices, "price", marks)
    depth = figure(
        "Depth of the book, darker where more is displayed; the largest trades (▲ bought, ▼ sold)",
        heat_map(instrument.depth, instrument.trades),
    )
    return f"<h2>{escape(instrument.name)}</h2>{figure(caption, chart)}{depth}"


def _money(data: ReportData) -> str:
    gain = "gain" if data.equity and data.equity[-1][1] >= 0 else "loss"
    return (
        "<h2>Money</h2>"
        + figure("Equity: P&L after fees", line_chart(data.equity, gain, area=True))
        + figure("Drawdown", line_chart(data.drawdown, "loss", area=True))
    )


def _speed(data: ReportData) -> str:
    stats = data.run.stats
    histogram = log_histogram(list(stats.latencies_s))
    last = max(stats.per_second, default=0)
    rates = [(f"{n} s", float(stats.per_second[n])) for n in range(last + 1)]
    return (
        "<h2>Speed</h2>"
        + figure(
            "Latency from the venue's message to the log's reader, ms",
            bar_chart(histogram, "time", max(1, len(histogram) // 12)),
        )
        + figure("Events in each second", bar_chart(rates, "count", max(1, len(rates) // 12)))
    )


def _tables(data: ReportData) -> str:
    counts = [(name, count) for name, count in data.counts.items()]
    return "".join(
        (
            table(
                "Positions",
                ("instrument", "quantity", "average", "mark", "realised", "unrealised", "fees"),
                data.positions,
                "No position was taken.",
            ),
            table(
                "Last fills",
                ("time", "instrument", "side", "size", "price", "fee", "liquidity", "realised"),
                data.fills,
                "Nothing was filled.",
            ),
            table(
                "Last signals",
                ("time", "strategy", "instrument", "side", "target", "reason", "what it saw"),
                data.signals,
                "No strategy wanted anything.",
            ),
            table(
                "Refused by the risk gate",
                ("rule", "orders", "limit", "asked"),
                data.refusals,
                "The risk gate refused nothing.",
            ),
            table(
                "Dead letters",
                ("topic", "offset", "stage", "error"),
                data.letters,
                "There are none.",
            ),
            table("Rows in ClickHouse", ("table", "rows"), counts, ""),
        )
    )
