"""``tickstream book``: the books of a recording at a moment."""

from collections import Counter
from pathlib import Path
from typing import Any

from rich.table import Table

from console.errors import Failure
from console.output import console
from console.reading import reading
from console.times import show_ns
from research import books
from research.books import BookAt
from streams.operators.market.book import ASK, BID
from streams.operators.market.queries import Level


def book(source: Path, until_ns: int | None, depth: int, instrument: str | None) -> dict[str, Any]:
    """What ``book --json`` prints. Raises Failure when the instrument is not in the recording."""
    with reading(source) as tell:
        found = books.at(source, until_ns, tell)
    if instrument is not None and instrument not in found:
        known = ", ".join(sorted(found)) or "none"
        raise Failure(f"{source}: no events of {instrument} up to then; there are: {known}")
    if not found:
        raise Failure(f"{source}: no event was received up to then")
    chosen = [instrument] if instrument else sorted(found)
    return {"source": str(source), "books": [_facts(found[name], depth) for name in chosen]}


def _facts(known: BookAt, depth: int) -> dict[str, Any]:
    orders = Counter((side, price) for _, side, price, _ in known.orders().tolist())
    return {
        "instrument": known.instrument,
        "ts_event": show_ns(known.ts_event),
        "ts_recv": show_ns(known.ts_recv),
        "events": known.events,
        "synced": known.synced,
        "bids": [_level(known, level, orders[1, level.price]) for level in known.side(BID, depth)],
        "asks": [_level(known, level, orders[-1, level.price]) for level in known.side(ASK, depth)],
    }


def _level(known: BookAt, level: Level, orders: int) -> dict[str, Any]:
    """``orders`` only where the venue shows them."""
    row: dict[str, Any] = {
        "price": decimal(level.price, known.price_scale),
        "size": decimal(level.size, known.size_scale),
    }
    return row | ({"orders": orders} if orders else {})


def decimal(value: int, scale: int) -> str:
    """A scaled integer as people write it, without trailing zeros."""
    digits = f"{abs(value):0{scale + 1}d}"
    text = f"{digits[:-scale]}.{digits[-scale:]}".rstrip("0").rstrip(".") if scale else digits
    return f"-{text}" if value < 0 else text


def _padded(rows: list[dict[str, Any]], name: str) -> None:
    """Gives a column's numbers the same number of decimals."""
    places = max((len(row[name].partition(".")[2]) for row in rows), default=0)
    for row in rows:
        whole, _, fraction = row[name].partition(".")
        row[name] = f"{whole}.{fraction.ljust(places, '0')}" if places else whole


def show(facts: dict[str, Any]) -> None:
    """A ladder for one instrument, a line each for many."""
    if len(facts["books"]) == 1:
        console.print(_ladder(facts["books"][0]))
    else:
        console.print(_tops(facts["books"]))


def _ladder(found: dict[str, Any]) -> Table:
    title = f"{found['instrument']} at {found['ts_recv']} UTC"
    if not found["synced"]:
        title += " (no book yet: no snapshot came)"
    both = [*found["bids"], *found["asks"]]
    _padded(both, "price")
    _padded(both, "size")
    with_orders = any("orders" in level for level in both)
    names = ("orders", "size", "price") if with_orders else ("size", "price")
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2))
    for name in (*names, *reversed(names)):
        style = {"price": "bold"}.get(name, "")
        table.add_column(name, justify="right", style=style)
    bids, asks = ([_cells(level, names) for level in found[side]] for side in ("bids", "asks"))
    blank = [""] * len(names)
    for n in range(max(len(bids), len(asks))):
        bid = bids[n] if n < len(bids) else blank
        ask = asks[n] if n < len(asks) else blank
        table.add_row(*bid, *reversed(ask))
    return table


def _cells(level: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    return [str(level.get(name, "")) for name in names]


def _tops(found: list[dict[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 1))
    for name in ("instrument", "bid size", "bid", "ask", "ask size", "received"):
        table.add_column(name, justify="left" if name == "instrument" else "right", no_wrap=True)
    for one in found:
        bid, ask = ((one[side] or [{"price": "", "size": ""}])[0] for side in ("bids", "asks"))
        cells = [bid["size"], bid["price"], ask["price"], ask["size"], one["ts_recv"][11:23]]
        table.add_row(one["instrument"], *cells)
    return table
