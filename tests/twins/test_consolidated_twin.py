"""The best bid and offer over venues against a dictionary of what each venue shows."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import Codec
from schemas.enums import StatusKind
from schemas.frames import BAR, BOOK, Bars, Books, ConsolidatedFrame, TapeFrame, cut_consolidated
from schemas.records import Clock, Status
from streams.operator import Operator, Refused
from streams.operators.market.consolidated import Consolidated, ConsolidatedConfig

SCALES = {"A:X": (0, 1), "B:X": (2, 0), "C:X": (1, 2)}
MEMBERS = tuple(SCALES)
LEVELS, TAPE_LEVELS, STALE_NS = 2, 3, 20
CONFIG = ConsolidatedConfig({"X": MEMBERS}, LEVELS, STALE_NS)
LOSES = ("GAP", "DISCONNECTED", "CHECKSUM", "CROSSED", "AUCTION", "HALTED", "CLOSED")
NO_BARS = Bars._make(np.empty(0, np.int64) for _ in Bars._fields)

Level = tuple[int, int]


@dataclass(frozen=True)
class Row:
    """A book row, unscaled: best first, fewer levels than the tape has are padded."""

    venue: str
    ts: int
    bids: list[Level]
    asks: list[Level]


def tape(rows: list[Row], scales: tuple[int, int] | None = None) -> TapeFrame:
    price, size = (10**scale for scale in scales or SCALES[rows[0].venue])
    columns: list[list[int]] = [[], [], [], []]
    for row in rows:
        for n, levels in enumerate((row.bids, row.asks)):
            filled = (levels + [(0, 0)] * TAPE_LEVELS)[:TAPE_LEVELS]
            columns[2 * n] += [p * price for p, _ in filled]
            columns[2 * n + 1] += [s * size for _, s in filled]
    times = np.array([row.ts for row in rows], np.int64)
    return TapeFrame(
        rows[0].venue,
        *(scales or SCALES[rows[0].venue]),
        TAPE_LEVELS,
        (),
        np.full(len(rows), BOOK, np.uint8),
        Books(times, times + 1, times, *(np.array(c, np.int64) for c in columns)),
        NO_BARS,
    )


class Naive:
    """What anybody would write. ``take`` gives the row for an event, if there is one."""

    def __init__(self, members: tuple[str, ...] = MEMBERS, stale_ns: int = STALE_NS) -> None:
        self.members, self.stale_ns = members, stale_ns
        self.shown: dict[str, tuple[list[Level], list[Level]]] = {}
        self.since: dict[tuple[str, int], int] = {}
        self.heard: dict[str, int] = {}
        self.now = 0
        self.last: Any = ((), ())

    def take(self, event: Any) -> tuple[Any, ...] | None:
        match event:
            case Row():
                self._show(event)
            case Status() if event.kind in LOSES:
                self.shown.pop(event.instrument, None)
        ts = event.ts if isinstance(event, Row) else event.ts_event
        self.now = max(self.now, ts)
        for name in list(self.shown):
            if self.now - self.heard[name] > self.stale_ns:
                del self.shown[name]
        best = self.best(0), self.best(1)
        if best == self.last:
            return None
        self.last = best
        shape = 0
        if all(best):
            bid, ask = best[0][0], best[1][0]
            shape = 1 if bid == ask else 2 if bid > ask else 0
        counts = [sum(bool(sides[side]) for sides in self.shown.values()) for side in (0, 1)]
        return ts, shape, *best, *counts, self.merged(0), self.merged(1)

    def _show(self, row: Row) -> None:
        before = self.shown.get(row.venue, ([], []))
        for side, (old, new) in enumerate(zip(before, (row.bids, row.asks), strict=True)):
            if new and (not old or old[0][0] != new[0][0]):
                self.since[row.venue, side] = row.ts
        self.shown[row.venue] = row.bids, row.asks
        self.heard[row.venue] = max(self.heard.get(row.venue, 0), row.ts)

    def best(self, side: int) -> tuple[Any, ...]:
        """(price, size, first venue, number of venues), () when nobody shows the side."""
        tops = {name: sides[side][0] for name, sides in self.shown.items() if sides[side]}
        if not tops:
            return ()
        price = (min if side else max)(p for p, _ in tops.values())
        at = [name for name in self.members if name in tops and tops[name][0] == price]
        first = min(at, key=lambda name: self.since[name, side])
        return price, sum(tops[name][1] for name in at), first, len(at)

    def merged(self, side: int) -> list[tuple[int, int, int]]:
        levels: dict[int, list[int]] = {}
        for sides in self.shown.values():
            for price, size in sides[side][:LEVELS]:
                levels.setdefault(price, []).append(size)
        ordered = sorted(levels.items(), reverse=not side)
        return [(price, sum(sizes), len(sizes)) for price, sizes in ordered[:LEVELS]]


def rows_of(frame: ConsolidatedFrame) -> list[tuple[Any, ...]]:
    """As ``Naive.take`` gives them."""
    q, rows = frame.nbbo, []
    bids = levels_of(frame, q.bid_price, q.bid_size, q.bid_venues)
    asks = levels_of(frame, q.ask_price, q.ask_size, q.ask_venues)
    for i in range(len(frame)):
        best = best_of(frame, bids[i], q.bid_first[i]), best_of(frame, asks[i], q.ask_first[i])
        counts = int(q.bidding[i]), int(q.asking[i])
        rows.append((int(q.ts_event[i]), int(q.state[i]), *best, *counts, bids[i], asks[i]))
    return rows


def levels_of(frame: ConsolidatedFrame, prices: Any, sizes: Any, venues: Any) -> list[Any]:
    """Of each row its levels, as fractions."""
    n, rows = frame.levels, []
    price, size = 10**frame.price_scale, 10**frame.size_scale
    flat = list(zip(prices.tolist(), sizes.tolist(), venues.tolist(), strict=True))
    for i in range(0, len(flat), n):
        shown = [level for level in flat[i : i + n] if level[1]]
        rows.append([(Fraction(p, price), Fraction(s, size), v) for p, s, v in shown])
    return rows


def best_of(frame: ConsolidatedFrame, levels: list[Any], first: int) -> tuple[Any, ...]:
    if first < 0:
        assert levels == []
        return ()
    price, size, venues = levels[0]
    return price, size, frame.instruments[first], venues


def fold(operator: Operator, messages: list[Any]) -> list[tuple[Any, ...]]:
    outputs = [output for message in messages for output in operator.apply(message)]
    return [row for output in outputs for row in rows_of(output.message)]  # type: ignore[arg-type]


@st.composite
def side(draw: st.DrawFn, sign: int) -> list[Level]:
    """Levels best first; few prices, so that venues meet."""
    prices = draw(st.lists(st.integers(96, 104), max_size=TAPE_LEVELS, unique=True))
    ordered = sorted(prices, reverse=sign > 0)
    return [(price, draw(st.integers(1, 3))) for price in ordered]


times = st.integers(0, 60)
venues = st.sampled_from(MEMBERS)
book_rows = st.builds(Row, venues, times, side(1), side(-1))
statuses = st.builds(
    lambda name, ts, kind: Status(name, ts, ts, kind, ""),
    venues,
    times,
    st.sampled_from(StatusKind),
)
events = st.lists(
    st.one_of(book_rows, book_rows, book_rows, statuses, st.builds(Clock, st.just("X"), times)),
    max_size=40,
)


def framed(made: list[Any], most: int) -> list[Any]:
    """Messages: rows of one venue that follow one another share a frame of at most so many."""
    messages: list[Any] = []
    for venue, group in groupby(made, lambda e: e.venue if isinstance(e, Row) else None):
        items = list(group)
        if venue is None:
            messages += items
            continue
        messages += [tape(items[n : n + most]) for n in range(0, len(items), most)]
    return messages


@settings(max_examples=300)
@given(events)
def test_the_best_bid_and_offer_are_those_of_a_dictionary(made: list[Any]) -> None:
    naive = Naive()
    expected = [row for row in map(naive.take, made) if row]
    assert fold(Consolidated(CONFIG), framed(made, 1)) == expected


@settings(max_examples=100)
@given(st.lists(book_rows, min_size=1, max_size=40), st.integers(2, 9), st.data())
def test_framing_and_restarts_change_nothing(
    made: list[Row], most: int, data: st.DataObject
) -> None:
    made = sorted(made, key=lambda row: row.ts // 20)
    expected = fold(Consolidated(CONFIG), framed(made, 1))
    messages = framed(made, most)
    at = data.draw(st.integers(0, len(messages)))
    before, after = Consolidated(CONFIG), Consolidated(CONFIG)
    found = fold(before, messages[:at])
    after.restore(before.snapshot())
    assert found + fold(after, messages[at:]) == expected


def test_outputs_say_which_rows_they_came_from_and_survive_the_wire(codec: Codec) -> None:
    made = [Row("A:X", ts, [(bid, 1)], []) for ts, bid in ((1, 90), (2, 90), (3, 91), (4, 92))]
    (output,) = Consolidated(CONFIG).apply(tape(made))
    assert output.rows is not None
    assert (output.rows.tolist(), output.event) == ([0, 2, 3], 3)
    frame = codec.decode(codec.encode(output.message))
    assert isinstance(frame, ConsolidatedFrame)
    assert (frame.basket, frame.instruments) == ("X", MEMBERS)
    parts = cut_consolidated(frame, 0, 1), cut_consolidated(frame, 1, 3)
    assert [row for part in parts for row in rows_of(part)] == rows_of(frame)
    assert [row[0] for row in rows_of(frame)] == [1, 3, 4]


def test_rows_are_found_among_bars(codec: Codec) -> None:
    books = tape([Row("A:X", 1, [(90, 1)], []), Row("A:X", 2, [(91, 1)], [])])
    bar = Bars._make(np.zeros(1, c.dtype) for c in NO_BARS)
    kinds = np.array([BOOK, BAR, BOOK], np.uint8)
    (output,) = Consolidated(CONFIG).apply(replace(books, kinds=kinds, bars=bar))
    assert output.rows is not None
    assert output.rows.tolist() == [0, 2]


def test_who_stood_there_first_stays_first_until_it_moves() -> None:
    operator = Consolidated(CONFIG)
    steps = [
        Row("B:X", 1, [(90, 5)], []),
        Row("A:X", 2, [(90, 1)], []),
        Row("B:X", 3, [(90, 2)], []),
        Row("B:X", 4, [(89, 2)], []),
        Row("B:X", 5, [(90, 2)], []),
    ]
    firsts = [row[2][2] for row in fold(operator, framed(steps, 1))]
    assert firsts == ["B:X", "B:X", "B:X", "A:X", "A:X"]


def test_the_scale_grows_with_a_member_and_rows_go_on_from_there() -> None:
    operator = Consolidated(CONFIG)
    first = operator.apply(tape([Row("A:X", 1, [(90, 5)], [])]))[0].message
    second = operator.apply(tape([Row("C:X", 2, [(91, 5)], [])]))[0].message
    assert isinstance(first, ConsolidatedFrame)
    assert isinstance(second, ConsolidatedFrame)
    assert (first.price_scale, first.size_scale) == (0, 1)
    assert (second.price_scale, second.size_scale) == (1, 2)
    assert operator.apply(tape([Row("A:X", 3, [(90, 5)], [])])) == []


def refuses(operator: Consolidated, frame: TapeFrame, why: str) -> None:
    before = operator.snapshot()
    with pytest.raises(Refused, match=why):
        operator.apply(frame)
    assert operator.snapshot() == before


def test_what_does_not_fit_64_bits_at_the_common_scale_is_refused() -> None:
    operator = Consolidated(CONFIG)
    operator.apply(tape([Row("A:X", 1, [(10**6, 10**6)], [])], (0, 0)))
    refuses(operator, tape([Row("B:X", 1, [(1, 1)], [])], (13, 0)), "price .* 13 decimals")
    refuses(operator, tape([Row("B:X", 1, [(1, 1)], [])], (0, 13)), "size .* 13 decimals")
    operator.apply(tape([Row("B:X", 1, [(1, 1)], [])], (12, 0)))
    refuses(operator, tape([Row("A:X", 1, [(10**7, 1)], [])], (0, 0)), "price .* 12 decimals")


def test_the_sum_over_all_venues_fits_too() -> None:
    operator, most = Consolidated(CONFIG), (2**63 - 1) // 3
    for name in MEMBERS:
        size = most // 10**12
        operator.apply(tape([Row(name, 1, [(1, size)], [])], (0, 0)))
    operator.apply(tape([Row("A:X", 2, [(1, 10**5)], [])], (0, 12)))
    rows = fold(operator, [tape([Row("A:X", 3, [(1, size)], [])], (0, 0))])
    assert rows[-1][2][1] == 3 * size
    refuses(operator, tape([Row("A:X", 4, [(1, size + 1)], [])], (0, 0)), "size .* 12 decimals")


@pytest.mark.parametrize("column", ["ts_event", "bid_size", "ask_size"])
def test_rows_that_cannot_be_are_refused(column: str) -> None:
    frame = tape([Row("A:X", 1, [(90, 5)], [(91, 5)])])
    values = getattr(frame.books, column).copy()
    values[0] = -5
    bad = replace(frame, books=frame.books._replace(**{column: values}))
    refuses(Consolidated(CONFIG), bad, "negative")
    refuses(Consolidated(CONFIG), replace(frame, kinds=frame.kinds + 1), "refused whole")
    refuses(Consolidated(CONFIG), replace(frame, price_scale=19), "scales")


def test_strangers_are_ignored_and_leave_nothing() -> None:
    operator = Consolidated(CONFIG)
    empty = operator.snapshot()
    strange = tape([Row("D:X", 1, [(90, 5)], [])], (0, 0))
    gap = Status("D:X", 1, 1, StatusKind.GAP, "")
    assert [operator.apply(m) for m in (strange, gap, Clock("Y", 5))] == [[], [], []]
    assert operator.snapshot() == empty


def test_a_basket_with_other_members_than_before_starts_empty() -> None:
    before = Consolidated(CONFIG)
    before.apply(tape([Row("A:X", 1, [(90, 5)], [])]))
    fewer = Consolidated(replace(CONFIG, baskets={"X": MEMBERS[:2]}))
    deeper = Consolidated(replace(CONFIG, levels=LEVELS + 1))
    for after in (fewer, deeper):
        empty = after.snapshot()
        after.restore(before.snapshot())
        assert after.snapshot() == empty
