"""A strategy over several instruments as a small function.

    @group_strategy("my-pair", history=60)
    def my_pair(params: MyParams, view: GroupView) -> Iterable[Hold]:
        a, b = view.mids().T
        …
        yield view.hold([1, -hedge], "the spread is wide")

A ``group_strategy`` is called once for each bar time at which every member has a vector. A
``book_strategy`` is called for each change of a member's book: it looks at prices that can be
traded with now, and wants limit orders that are filled at once or not at all.
"""

from collections.abc import Callable
from typing import Any

from streams.operators.strategies.kind import Function, Kind, Needs, NoState, strategy

GROUP, BOOKS = "group", "books"
_MOST = 100


def group_strategy(
    name: str,
    *,
    needs: Needs | Callable[[Any], Needs] | None = None,
    may_lack: tuple[str, ...] = (),
    state: type = NoState,
    history: int | Callable[[Any], int] = 0,
    members: tuple[int, int] = (2, _MOST),
    fails: str = "",
    source: str = "",
) -> Callable[[Function], Kind]:
    """See ``streams.operators.strategies.kind.Kind``; ``needs`` are had of every member."""
    return strategy(
        name,
        needs=needs,
        may_lack=may_lack,
        state=state,
        history=history,
        fails=fails,
        source=source,
        of=GROUP,
        members=members,
    )


def book_strategy(
    name: str,
    *,
    state: type = NoState,
    members: tuple[int, int] = (2, _MOST),
    fails: str = "",
    source: str = "",
) -> Callable[[Function], Kind]:
    """It is always told what becomes of its orders."""
    return strategy(
        name, state=state, hears=True, fails=fails, source=source, of=BOOKS, members=members
    )
