"""The split over venues, against all splits there are."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.operators.execution.routing import PPB, Route, Split, Venue, penalty, split

levels = st.dictionaries(st.integers(95, 105), st.integers(1, 3), max_size=2)
venues = st.lists(
    st.tuples(levels, st.integers(0, PPB // 50), st.integers(0, 8), st.integers(0, 3)),
    min_size=1,
    max_size=3,
)


def made(drawn: list[tuple[dict[int, int], int, int, int]], side: int) -> list[Venue]:
    return [
        Venue(f"V{n}", sorted(shown.items(), key=lambda lv: side * lv[0]), fee, fixed * PPB, least)
        for n, (shown, fee, fixed, least) in enumerate(drawn)
    ]


def price_of(venue: Venue, size: int, side: int, limit: int | None) -> int | None:
    """What ``size`` units cost there, one unit after the other; None where it cannot be had."""
    units = [price for price, there in venue.levels for _ in range(there)]
    if limit is not None:
        units = [price for price in units if side * price <= side * limit]
    if size > len(units) or 0 < size < venue.least:
        return None
    paid = sum(price * (side * PPB + venue.penalty) for price in units[:size])
    return paid + (venue.fixed if size else 0)


def brute(of: list[Venue], side: int, size: int, limit: int | None) -> tuple[int, int]:
    """(most filled, least cost of it) over all splits."""
    best = (0, 0)
    for sizes in product(range(size + 1), repeat=len(of)):
        costs = [price_of(v, n, side, limit) for v, n in zip(of, sizes, strict=True)]
        if sum(sizes) > size or None in costs:
            continue
        found = sum(sizes), sum(cost for cost in costs if cost is not None)
        if (-found[0], found[1]) < (-best[0], best[1]):
            best = found
    return best


@settings(max_examples=300)
@given(venues, st.sampled_from([1, -1]), st.integers(1, 8), st.none() | st.integers(95, 105))
def test_no_other_split_fills_more_or_costs_less(
    drawn: list[tuple[dict[int, int], int, int, int]], side: int, size: int, limit: int | None
) -> None:
    of = made(drawn, side)
    found = split(of, side, size, limit)
    assert (found.filled, found.cost) == brute(of, side, size, limit)
    assert sum(route.size for route in found.routes) == found.filled
    by_name = {venue.name: venue for venue in of}
    paid = [price_of(by_name[r.venue], r.size, side, limit) for r in found.routes]
    assert sum(cost for cost in paid if cost is not None) == found.cost
    assert all(limit is None or side * r.worst <= side * limit for r in found.routes)


NEAR = Venue("NEAR", [(100, 5), (102, 5)], 0)
FAR = Venue("FAR", [(101, 5)], 0)


def test_a_better_price_elsewhere_is_worth_a_second_order_unless_orders_cost() -> None:
    assert split([NEAR, FAR], 1, 10).routes == (Route("NEAR", 5, 100), Route("FAR", 5, 101))
    dear = FAR._replace(fixed=6 * PPB)
    assert split([NEAR, dear], 1, 10).routes == (Route("NEAR", 10, 102),)


def test_a_fee_can_outweigh_a_better_price() -> None:
    dear = NEAR._replace(penalty=penalty(0.02, 0, 0, 0, 1))
    assert split([dear, FAR], 1, 5).routes == (Route("FAR", 5, 101),)


def test_latency_and_missed_fills_are_money() -> None:
    assert penalty(0.001, 0.01, 0.1, 0.002, 0.5) == 3_000_000  # 0.001 + 0.001 + 0.001 of the price


def test_without_anything_to_trade_with_there_is_no_route() -> None:
    assert split([NEAR], 1, 5, 99) == Split((), 0, 0)
    assert split([], 1, 5) == Split((), 0, 0)
