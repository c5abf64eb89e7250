"""Whatever comes of the slices, a parent is never exceeded, and it ends with one report."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.enums import OrdStatus, StatusKind
from schemas.inbox import Signal
from streams.operators.execution.algos import Algos
from tests.execution.desk import ALGORITHMS, CONFIG, NAME, T0, Desk, S, bar, book, cancel_of, parent

SIZE, LIMIT = 97, 10105
orders = st.builds(
    lambda algo, limit, remainder, least, cap: replace(
        parent(algo, SIZE, LIMIT if limit else 0, remainder=remainder, min_slice=least, retry="1s"),
        params={
            "remainder": remainder,
            "min_slice": str(least),
            "max_participation": str(cap),
            "retry": "1s",
        },
    ),
    st.sampled_from(sorted(ALGORITHMS)),
    st.booleans(),
    st.sampled_from(["cancel", "take"]),
    st.sampled_from([0, 4]),
    st.sampled_from([0.0, 0.7]),
)
WHAT = ["tick", "tick", "tick", "book", "volume", "fill", "part", "end", "reject", "refuse"]
steps = st.lists(
    st.tuples(
        st.sampled_from([*WHAT, "stale", "cancel", "halt", "go", "restart"]), st.integers(0, 12)
    ),
    max_size=60,
)


def play(order: Any, script: list[tuple[str, int]]) -> Desk:
    desk = Desk()
    desk.tell(book([(9900, 30)], [(10100, 30)]), order)
    seconds = 0.0
    for what, n in script:
        names = list(desk.open)
        name = names[n % len(names)] if names else None
        match what:
            case "tick":
                seconds += n / 10
                desk.tick(seconds)
            case "book":
                desk.tell(book([(9900 + n, 9)], [(10100 + n, 9 + n)], desk.now))
            case "volume":
                desk.tell(bar(10 * n, desk.now))
            case "fill" if name:
                desk.fill(name)
            case "part" if name and desk.open[name].signal.size - desk.open[name].cum > 1:
                desk.fill(name, 1)
            case "end" if name:
                desk.end(name)
            case "reject" if name:
                desk.end(name, OrdStatus.REJECTED)
            case "refuse" if name and not desk.open[name].cum:
                desk.refuse(name)
            case "stale" if name:
                late = replace(desk.open[name], cum=0)
                desk.tell(desk._update(late, OrdStatus.PENDING_CANCEL, OrdStatus.NEW))
            case "cancel":
                desk.tell(cancel_of(order, desk.now))
            case "halt":
                desk.halt(StatusKind.GAP if n % 2 else StatusKind.HALTED)
            case "go":
                desk.halt(StatusKind.TRADING)
            case "restart":
                restarted = Algos(CONFIG)
                restarted.restore(desk.operator.snapshot())
                assert restarted.snapshot() == desk.operator.snapshot()
                desk.operator = restarted
        held(desk)
    return desk


def held(desk: Desk) -> None:
    """What is filled and what may still be filled is never more than was asked for."""
    leaves = sum(sent.signal.size - sent.cum for sent in desk.open.values())
    assert desk.filled + leaves <= SIZE


@settings(max_examples=300)
@given(orders, steps)
def test_no_parent_is_exceeded_and_each_ends_once(
    order: Any, script: list[tuple[str, int]]
) -> None:
    desk = play(order, script)
    for second in range(20, 26):
        desk.settle()
        desk.tick(second)
        held(desk)
    assert desk.end_report
    assert desk.end_report.cum_size == desk.filled
    assert desk.open == {}
    assert len({child.signal_id for child in desk.children}) == len(desk.children)
    for child in desk.children:
        assert child.size > 0
        if order.price:
            assert child.price <= LIMIT


@settings(max_examples=100)
@given(orders, steps, st.integers(0, 60))
def test_a_restart_changes_nothing(order: Any, script: list[tuple[str, int]], where: int) -> None:
    plain = [step for step in script if step[0] != "restart"]
    cut = [*plain[:where], ("restart", 0), *plain[where:]]
    assert play(order, plain).log == play(order, cut).log


listens = st.lists(
    st.one_of(
        st.tuples(st.just("book"), st.integers(0, 9)), st.tuples(st.just("fill"), st.integers(0, 9))
    ),
    max_size=8,
)


@given(st.sampled_from(sorted(ALGORITHMS)), listens)
def test_between_two_clocks_it_does_not_matter_what_came_first(
    algo: str, came: list[tuple[str, int]]
) -> None:
    """Market and orders may be interleaved in any way, as frames are cut in any way."""

    def said(market_first: bool) -> list[Any]:
        desk = Desk()
        desk.tell(book([(9900, 50)], [(10100, 50)]), bar(200, T0), parent(algo))
        desk.tick(1)
        ordered = sorted(came, key=lambda item: (item[0] == "book") != market_first)
        for what, n in ordered:
            if what == "book":
                assert not desk.tell(book([(9900 + n, 9)], [(10100 + n, 9)], T0), bar(n, T0 + S))
            elif desk.open:
                desk.fill(next(iter(desk.open)))
        return [m for m in desk.tick(2) if isinstance(m, Signal)]

    assert said(True) == said(False)


def test_what_a_stranger_did_is_passed_over() -> None:
    desk = Desk()
    desk.tell(book([(9900, 50)], [(10100, 50)]), parent("twap", SIZE))
    before = desk.operator.snapshot()
    other = replace(parent("twap"), instrument=NAME, algo="")
    assert desk.tell(other, cancel_of(replace(other, cl_ord_id="z"), T0)) == []
    assert desk.operator.snapshot() == before
