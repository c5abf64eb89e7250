"""What a tape tells about each bar, as anybody would add it up: lists of books and trades."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from schemas.frames import BAR, BOOK, PRINT, TapeFrame
from schemas.records import Status
from streams.operators.features import columns
from streams.operators.features.indicators.indicator import COLUMNS, LEVELS, OF_TRADES

Level = tuple[int, int]  # price, size


class Book:
    def __init__(self, ts: int, bids: list[Level], asks: list[Level]) -> None:
        self.ts, self.bids, self.asks = ts, bids, asks

    @property
    def sides(self) -> bool:
        return bool(self.bids[0][1] and self.asks[0][1])

    @property
    def mid(self) -> Fraction:
        return Fraction(self.bids[0][0] + self.asks[0][0], 2)


def events(messages: list[Any], spec: int) -> Iterator[tuple[str, Any]]:
    """("book", Book), ("trade", (ts, price, size, side)), ("bar", its columns), ("lost", None)."""
    for message in messages:
        if isinstance(message, Status):
            yield "lost", None
        if not isinstance(message, TapeFrame):
            continue
        at = {BOOK: 0, BAR: 0, PRINT: 0}
        for kind in message.kinds.tolist():
            row = at[kind]
            at[kind] += 1
            if kind == BOOK:
                yield "book", _book(message, row)
            elif kind == PRINT:
                yield "trade", tuple(int(c[row]) for c in message.prints)
            elif message.bars.spec[row] == spec and message.bars.revision[row] == 0:
                yield "bar", message.bars._make(int(c[row]) for c in message.bars)


def _book(tape: TapeFrame, row: int) -> Book:
    n = tape.levels
    bid, bid_size, ask, ask_size = (c[row * n : (row + 1) * n].tolist() for c in tape.books[3:])
    return Book(
        int(tape.books.ts_event[row]),
        list(zip(bid, bid_size, strict=True)),
        list(zip(ask, ask_size, strict=True)),
    )


def by_hand(messages: list[Any], spec: int, scales: tuple[int, int]) -> list[dict[str, float]]:
    """A dictionary a bar."""
    price, size = 10.0 ** scales[0], 10.0 ** scales[1]
    rows, book, last, signs, sides = [], None, None, [0], []
    weighed = 0
    during: dict[str, list[Any]] = _nothing()
    for kind, what in events(messages, spec):
        if kind in ("book", "bar"):
            now = what.ts if kind == "book" else what.ts_close
            if book and book.sides and now > weighed:
                during["held"].append((now - weighed, book))
            weighed = max(weighed, now)
        match kind:
            case "lost":
                book = None
            case "book":
                if book:
                    during["steps"].append((book, what))
                book = what
            case "trade":
                signs.append(_tick(what[1], last, signs[-1]))
                last = what[1]
                lee = _lee_ready(what[1], book, signs[-1])
                side = what[3] or lee
                sides.append((what[0], side))
                during["trades"].append((what, signs[-1], lee, side, book))
            case "bar":
                made = {"sold": what.sell_volume / size}
                made |= _of_book(during, book, price, size) | _of_trades(during, price, size)
                made |= _bursts(sides, what.ts_close)
                rows.append(made)
                during = _nothing()
    return rows


def _nothing() -> dict[str, list[Any]]:
    return {"held": [], "steps": [], "trades": []}


def _tick(price: int, last: int | None, sign: int) -> int:
    if last is None or price == last:
        return sign
    return 1 if price > last else -1


def _lee_ready(price: int, book: Book | None, tick: int) -> int:
    if book is None or not book.sides or price == book.mid:
        return tick
    return 1 if price > book.mid else -1


def _of_book(during: Any, book: Book | None, price: float, size: float) -> dict[str, float]:
    made: dict[str, float] = {}
    held = during["held"] or ([(1, book)] if book and book.sides else [])
    if book and book.sides:
        weight = sum(ns for ns, _ in held)
        for name, value in (("spread", _spread), ("imbalance", _imbalance), ("depth", _depth)):
            made[name] = float(sum(ns * value(b) for ns, b in held) / weight)
        made["depth"] /= size
    made["book_seconds"] = sum(ns for ns, _ in during["held"]) / 1e9
    made["book_changes"] = len(during["steps"])
    levels = len(during["steps"][0][0].bids) if during["steps"] else 0
    moved = {"bid": [0, 0], "ask": [0, 0]}
    for n in range(min(levels, LEVELS)):
        flow = 0
        for before, after in during["steps"]:
            bid = _moved(before.bids[n], after.bids[n], 1)
            ask = _moved(before.asks[n], after.asks[n], -1)
            flow += bid[0] - bid[1] - ask[0] + ask[1]
            if n == 0:
                for side, parts in (("bid", bid), ("ask", ask)):
                    moved[side] = [a + b for a, b in zip(moved[side], parts, strict=True)]
        made[f"ofi_{n + 1}"] = flow / size
    for side, (added, removed) in moved.items():
        made[f"{side}_added"], made[f"{side}_removed"] = added / size, removed / size
    if book:
        for side, both in (("bid", book.bids), ("ask", book.asks)):
            for n, (p, s) in enumerate(both[:LEVELS]):
                made[f"{side}_{n + 1}"] = p / price if s else math.nan
                made[f"{side}_size_{n + 1}"] = s / size
    return made


def _spread(book: Book) -> Fraction:
    return 10_000 * (book.asks[0][0] - book.bids[0][0]) / book.mid


def _imbalance(book: Book) -> Fraction:
    bid, ask = book.bids[0][1], book.asks[0][1]
    return Fraction(bid - ask, bid + ask)


def _depth(book: Book) -> Fraction:
    return Fraction(book.bids[0][1] + book.asks[0][1], 2)


def _moved(before: Level, after: Level, better: int) -> tuple[int, int]:
    """(added, removed) of a level."""
    if before[1] and after[1] and before[0] == after[0]:
        return max(after[1] - before[1], 0), max(before[1] - after[1], 0)
    if not before[1] or (after[1] and better * (after[0] - before[0]) > 0):
        return after[1], 0
    return 0, before[1]


def _of_trades(during: Any, price: float, size: float) -> dict[str, float]:
    trades = during["trades"]
    met = [(t[1], t[2], q, b.mid) for t, _, _, q, b in trades if b and b.sides]
    return {
        "tick_rule": sum(tick * t[2] for t, tick, _, _, _ in trades) / size,
        "lee_ready": sum(lee * t[2] for t, _, lee, _, _ in trades) / size,
        "signed": sum(q * s for _, s, q, _ in met) / size,
        "signed_mid": float(sum(q * s * m for _, s, q, m in met)) / price / size,
        "traded_mid": float(sum(s * m for _, s, _, m in met)) / price / size,
        "cost": float(sum(q * s * (p - m) for p, s, q, m in met)) / price / size,
    }


def _bursts(sides: list[tuple[int, int]], now: int) -> dict[str, float]:
    made = {"last_trade": max((ts for ts, _ in sides), default=math.nan) / 1e9}
    latest = max((ts for ts, _ in sides), default=0)
    now = max(now, latest)
    for name, wanted in (("buys", 1), ("sells", -1)):
        for decay, ns in (("100ms", 1e8), ("1s", 1e9), ("10s", 1e10)):
            ages = [now - ts for ts, side in sides if side == wanted]
            made[f"{name}_{decay}"] = sum(math.exp(-age / ns) for age in ages)
    return made


def folded(messages: list[Any], spec: int) -> tuple[Any, columns.State]:
    """The same by the kernel: an array of ``COLUMNS``, and the state behind."""
    state, found = columns.empty_state(), [np.empty((len(COLUMNS), 0))]
    for message in messages:
        if isinstance(message, Status):
            columns.blank(state)
        elif isinstance(message, TapeFrame):
            found.append(columns.of_tape(message, spec, state, OF_TRADES))
    return np.concatenate(found, axis=1), state
