"""Members' vectors meet at bar times."""

import random

from streams import canonical
from streams.operators.strategies.groups.alignment import Aligned, Alignment, Row

STALE = 5


def row(ts: int, bid: int = 1) -> Row:
    return Row(ts, bid, bid + 1, 0, 0, [])


def fold(alignment: Alignment, told: list[tuple[int, int]]) -> list[Aligned]:
    found = [alignment.see(member, row(ts)) for member, ts in told]
    return [each for each in found if each]


def test_a_moment_is_complete_when_the_last_member_speaks() -> None:
    found = fold(Alignment(2, STALE), [(0, 1), (0, 2), (1, 1), (1, 2)])
    assert [(each.ts, each.silent) for each in found] == [(1, ()), (2, ())]
    assert [each.ts for each in found[0].rows] == [1, 1]


def test_it_does_not_matter_how_members_lie_between_each_other() -> None:
    rng = random.Random(3)
    for _ in range(50):
        waiting = [[(m, ts) for ts in range(1, 7)] for m in range(3)]
        told = []
        while any(waiting):
            told.append(rng.choice([each for each in waiting if each]).pop(0))
        found = fold(Alignment(3, 100), told)
        assert [each.ts for each in found] == [1, 2, 3, 4, 5, 6]


def test_a_bar_that_one_member_lacks_is_no_moment() -> None:
    found = fold(Alignment(2, STALE), [(0, 1), (1, 1), (0, 2), (0, 3), (1, 3)])
    assert [each.ts for each in found] == [1, 3]


def test_a_member_that_says_nothing_for_long_is_silent_until_it_speaks() -> None:
    told = [(0, 1), (1, 1), *((0, ts) for ts in range(2, 9)), (1, 9), (0, 9)]
    found = fold(Alignment(2, STALE), told)
    assert [(each.ts, each.silent) for each in found] == [
        *((1, ()), (7, (1,)), (8, (1,)), (9, ())),
    ]
    assert [each.ts for each in found[1].rows] == [7, 1]


def test_time_does_not_go_back() -> None:
    told = [(0, 1), (1, 1), (0, 3), (0, 7), (1, 3), (1, 7), (0, 5), (1, 8), (0, 8)]
    found = fold(Alignment(2, STALE), told)
    assert [each.ts for each in found] == [1, 7, 8], "3 came too late: 7 had been said without it"


def test_there_is_no_moment_before_all_were_heard() -> None:
    alignment = Alignment(2, STALE)
    assert not fold(alignment, [(0, ts) for ts in range(100)])
    assert len(alignment.waiting[0]) <= STALE + 1
    assert [each.ts for each in fold(alignment, [(1, 99)])] == [99]


def test_it_goes_on_from_a_snapshot() -> None:
    rng = random.Random(5)
    told = [(rng.randrange(3), ts // 2) for ts in range(2, 80)]
    whole = fold(Alignment(3, STALE), told)
    for at in range(0, len(told), 7):
        before, after = Alignment(3, STALE), Alignment(3, STALE)
        found = fold(before, told[:at])
        after.unpack(canonical.unpack(canonical.pack(before.pack())))
        assert after.pack() == before.pack()
        assert found + fold(after, told[at:]) == whole
    assert whole
