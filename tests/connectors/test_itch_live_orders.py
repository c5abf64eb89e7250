"""The table of live orders against a dict."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.itch import live_orders as lo

STEPS = st.lists(
    st.tuples(st.booleans(), st.integers(-9, 40), st.integers(1, 5), st.integers(1, 9)),
    max_size=200,
)


def entries(live: lo.LiveOrders) -> dict[int, tuple[int, int, int]]:
    rows = live.rows[live.rows[:, lo.LEFT] != 0]
    return {row[lo.ID]: (row[lo.PRICE], row[lo.SIDE], row[lo.LEFT]) for row in rows.tolist()}


@settings(max_examples=300)
@given(STEPS, st.sampled_from((1, 2**40, 0x9E3779B97F4A7C15 % 2**55)))
def test_the_table_is_a_dict(steps: list[tuple[bool, int, int, int]], stride: int) -> None:
    live = lo.no_orders(2)
    naive: dict[int, tuple[int, int, int]] = {}
    for adds, key, price, size in steps:
        order_id = key * stride
        if adds:
            live = lo.with_room(live, 1)
            live.count[0] += lo.enter(live.rows, order_id, price, 1, size)
            naive[order_id] = (price, 1, size)
        else:
            *taken, fewer = lo.take(live.rows, order_id, size)
            live.count[0] -= fewer
            assert tuple(taken) == take(naive, order_id, size)
        assert live.count[0] == len(naive)
    assert entries(live) == naive
    assert all(lo.take(live.rows, id_, lo.ALL)[2] == left for id_, (_, _, left) in naive.items())
    assert not np.any(live.rows[:, lo.LEFT])


def take(naive: dict[int, tuple[int, int, int]], order_id: int, size: int) -> tuple[int, int, int]:
    if order_id not in naive:
        return 0, 0, 0
    price, side, left = naive.pop(order_id)
    if left > size:
        naive[order_id] = (price, side, left - size)
    return side, price, min(left, size)
