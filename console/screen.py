"""The live view: Stats → what the terminal shows."""

from decimal import Decimal

from rich import box
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from console.stats import BookView, Stats, scaled

_LEVELS = 5
_BAR = 14


def screen(stats: Stats, now: float, seconds: float, broker: str, height: int) -> RenderableType:
    """The whole view, for a terminal of ``height`` lines."""
    feed = max(height - 24, 3)
    return Group(
        _header(stats, now, seconds, broker),
        Columns([_topics(stats, now), _books(stats)], padding=(0, 1)),
        Columns([_positions(stats), _decisions(stats)], padding=(0, 1)),
        _feed(stats, feed),
    )


def line(stats: Stats, now: float) -> str:
    """The view of somebody without a terminal."""
    rate = stats.rates(now).get("events", 0.0)
    return (
        f"{now - stats.started:6.1f}s  {stats.events:>10,} events  {rate:>9,.0f}/s  "
        f"p50 {_ms(stats.latency(0.5))}  p99 {_ms(stats.latency(0.99))}  "
        f"decisions {sum(stats.decisions.values())}  fills {stats.fills}  "
        f"P&L {money(stats.pnl())}  dead letters {stats.dead_letters}"
    )


def money(value: Decimal) -> str:
    return f"{value:+,.2f}"


def _ms(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.1f} ms"


def _header(stats: Stats, now: float, seconds: float, broker: str) -> RenderableType:
    elapsed = min(now - stats.started, seconds)
    done = int(30 * elapsed / seconds)
    text = Text()
    text.append(" tickstream ", "bold reverse")
    text.append(f"  {broker}   ")
    text.append("━" * done, "green")
    text.append("━" * (30 - done), "dim")
    text.append(f"  {elapsed:.0f} of {seconds:.0f} s   ", "dim")
    text.append(f"p50 {_ms(stats.latency(0.5))}  p99 {_ms(stats.latency(0.99))}")
    return text


def _topics(stats: Stats, now: float) -> RenderableType:
    table = _table("topics", "topic", "records", "a second")
    rates = stats.rates(now)
    for topic in ("ticks", "tape", "features", "orders", "execution", "ledger", "dead-letters"):
        style = "red" if topic == "dead-letters" and stats.dead_letters else ""
        table.add_row(
            topic, f"{stats.records[topic]:,}", f"{rates.get(topic, 0):,.0f}", style=style
        )
    table.add_row("events", f"{stats.events:,}", f"{rates.get('events', 0):,.0f}", style="bold")
    return table


def _books(stats: Stats) -> RenderableType:
    if not stats.books:
        return Panel(Text("no book yet", "dim"), box=box.ROUNDED, width=46)
    name = sorted(stats.books)[0]
    return _ladder(name, stats.books[name])


def _ladder(name: str, book: BookView) -> RenderableType:
    table = _table(f"book {name}", "size", "price", "")
    shown = book.bids[:_LEVELS] + book.asks[:_LEVELS]
    largest = max((size for _, size in shown), default=1)
    for price, size in reversed(book.asks[:_LEVELS]):
        table.add_row(*_level(book, price, size, largest), style="red")
    for price, size in book.bids[:_LEVELS]:
        table.add_row(*_level(book, price, size, largest), style="green")
    return table


def _level(book: BookView, price: int, size: int, largest: int) -> tuple[str, str, str]:
    bar = "█" * max(1, round(_BAR * size / largest))
    return scaled(size, book.size_scale), scaled(price, book.price_scale), f"{bar:<{_BAR}}"


def _positions(stats: Stats) -> RenderableType:
    table = _table("positions", "instrument", "quantity", "average", "P&L after fees")
    for name, p in sorted(stats.positions.items()):
        pnl = p.realised_pnl + p.unrealised_pnl - p.fees
        table.add_row(
            name,
            scaled(p.quantity, p.size_scale),
            f"{p.avg_price:,.2f}",
            Text(money(pnl), "green" if pnl >= 0 else "red"),
        )
    table.add_row("all", "", "", Text(money(stats.pnl()), "bold"))
    return table


def _decisions(stats: Stats) -> RenderableType:
    table = _table("risk gate", "decision", "count")
    for rule, count in stats.decisions.most_common(6):
        table.add_row(rule, f"{count:,}", style="green" if rule == "approved" else "yellow")
    table.add_row("fills", f"{stats.fills:,}", style="bold")
    return table


def _feed(stats: Stats, lines: int) -> RenderableType:
    recent = list(stats.lines)[-lines:]
    text = Text("\n".join(recent) or "waiting for the first signal", "dim", no_wrap=True)
    return Panel(text, title="decisions and fills", title_align="left", box=box.ROUNDED)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.ROUNDED)
    for n, column in enumerate(columns):
        right = n > 0 or column == "size"
        table.add_column(column, justify="right" if right and column else "left", no_wrap=True)
    return table
