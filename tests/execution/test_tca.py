"""Costs after the fact, by examples that can be followed by hand."""

from dataclasses import replace
from decimal import Decimal
from math import isnan

import pytest

from schemas.enums import Liquidity, OrdStatus, Side
from schemas.execution import ApprovedOrder
from schemas.inbox import Mark
from schemas.ledger import Fill, OrderUpdate, Tca
from streams import canonical
from streams.operators.execution.tca import CostFold
from tests.execution.desk import NAME, T0, parent


def mark(bid: int, ask: int, last: int = 0, volume: int = 0, name: str = NAME) -> Mark:
    return Mark("a", name, T0, bid, ask, 2, 0, last, volume)


def order(name: str = "p", size: int = 10, of: str = "", instrument: str = NAME) -> ApprovedOrder:
    made = replace(parent("", size), signal_id=name, cl_ord_id="c" + name, parent=of)
    return replace(made, instrument=instrument)


def fill(name: str, price: int, size: int, fee: str = "0", instrument: str = NAME) -> Fill:
    names = ("a", "s", name, "c" + name, "e", instrument)
    money = (Decimal(fee), Liquidity.TAKER, Decimal(0))
    return Fill(*names, T0 + 1, Side.BUY, price, size, 2, 0, *money)


def over(name: str = "p", after: OrdStatus = OrdStatus.FILLED) -> OrderUpdate:
    names = ("a", "s", name, "c" + name, NAME)
    return OrderUpdate(*names, T0 + 9, OrdStatus.NEW, after, "", 0, 0, 0, "", "")


def costs(*messages: object) -> list[Tca]:
    fold = CostFold()
    return [tca for message in messages for tca in fold.apply(message)]


def test_an_order_that_is_filled_whole() -> None:
    (tca,) = costs(
        mark(9990, 10010),
        order(),
        fill("p", 10010, 4, "0.4"),
        mark(10000, 10040, last=10020, volume=30),
        fill("p", 10000, 6, "0.6"),
        mark(10000, 10040, last=10050, volume=10),
        over(),
    )
    assert (tca.account, tca.strategy, tca.signal_id, tca.venue) == ("a", "s", "p", "X")
    assert (tca.ts_arrival, tca.ts_event) == (T0, T0 + 9)
    assert (tca.size, tca.filled, tca.fees) == (10, 10, 1)
    assert (tca.arrival_price, tca.avg_price) == (100, Decimal("100.04"))
    assert tca.vwap == Decimal("100.275")
    assert tca.slippage_bps == pytest.approx(4)
    assert tca.vwap_bps == pytest.approx((100.04 - 100.275) / 100.275 * 1e4)
    assert tca.shortfall_bps == pytest.approx((0.4 + 1) / 1000 * 1e4)
    # 4 at the ask, then 6 at the bid
    assert tca.spread_capture == pytest.approx((-4 + 6) / 10)


def test_what_was_not_filled_counts_with_the_way_of_the_market() -> None:
    """Perold 1988: 10 wanted at 100, 4 bought at 101; at the end the market is at 103."""
    (tca,) = costs(
        mark(9990, 10010),
        order(),
        fill("p", 10100, 4),
        mark(10290, 10310),
        over(after=OrdStatus.CANCELED),
    )
    assert tca.shortfall_bps == pytest.approx((4 * 1 + 6 * 3) / 1000 * 1e4)
    assert tca.filled == 4
    assert tca.vwap == 0
    assert isnan(tca.vwap_bps)


def test_a_sale_costs_what_it_gets_too_little() -> None:
    sale = replace(order(), side=Side.SELL)
    sold = replace(fill("p", 9990, 10), side=Side.SELL)
    (tca,) = costs(mark(9990, 10010), sale, sold, over())
    assert tca.slippage_bps == pytest.approx(10)
    assert tca.spread_capture == pytest.approx(-1)


def test_an_order_without_a_fill_has_no_price() -> None:
    (tca,) = costs(mark(9990, 10010), order(), over(after=OrdStatus.EXPIRED))
    assert (tca.avg_price, tca.slippage_bps, tca.shortfall_bps) == (0, 0, 0)


def test_slices_count_for_their_parent() -> None:
    (tca,) = costs(
        mark(9990, 10010),
        order(size=6),
        order("p/0", 3, "p"),
        fill("p/0", 10010, 3),
        over("p/0"),
        mark(10000, 10020),
        order("p/1", 3, "p"),
        fill("p/1", 10020, 3),
        over("p/1"),
        over(),
    )
    assert (tca.signal_id, tca.filled, tca.avg_price) == ("p", 6, Decimal("100.15"))
    assert tca.slippage_bps == pytest.approx(15)


def test_an_order_over_several_venues_has_a_record_of_the_whole_and_one_a_venue() -> None:
    whole, first, second = costs(
        mark(9990, 10010, name="BASKET:B"),
        mark(9990, 10010, name="V:B"),
        mark(10010, 10030, name="W:B"),
        order(size=10, instrument="BASKET:B"),
        order("p/0", 4, "p", "W:B"),
        order("p/1", 6, "p", "V:B"),
        fill("p/0", 10030, 4, "1", "W:B"),
        fill("p/1", 10010, 6, "2", "V:B"),
        mark(9990, 10010, last=10000, volume=10, name="V:B"),
        mark(10010, 10030, last=10020, volume=30, name="W:B"),
        over(),
    )
    assert (whole.venue, whole.filled, whole.fees) == ("BASKET", 10, 3)
    assert whole.avg_price == Decimal("100.18")
    assert whole.vwap == Decimal("100.15")
    assert [(r.venue, r.size, r.fees) for r in (first, second)] == [("V", 6, 2), ("W", 4, 1)]
    assert second.arrival_price == Decimal("100.2")
    assert second.slippage_bps == pytest.approx(9.980039920159681)


def test_it_goes_on_after_a_restart_as_if_nothing_had_been() -> None:
    messages = [
        mark(9990, 10010),
        order(size=6),
        order("p/0", 3, "p"),
        fill("p/0", 10010, 3, "0.5"),
        mark(10000, 10020, 10010, 7),
        over(),
    ]
    for cut in range(len(messages)):
        first, second = CostFold(), CostFold()
        for message in messages[:cut]:
            first.apply(message)
        state = canonical.pack(first.pack())
        second.unpack(canonical.unpack(state))
        assert canonical.pack(second.pack()) == state
        found = [tca for message in messages[cut:] for tca in second.apply(message)]
        assert found == costs(*messages)


def test_strangers_are_passed_over_and_nothing_is_kept_of_what_is_over() -> None:
    fold = CostFold()
    fold.apply(order())
    fold.apply(order("p/0", 3, "p"))
    fold.apply(over())
    assert fold.apply(fill("z", 1, 1)) == fold.apply(over("z")) == []
    packed = fold.pack()
    assert (packed["orders"], packed["parents"]) == ({}, {})
