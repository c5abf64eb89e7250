"""Arbitrage on made books, with fees: exact prices and sizes, and what becomes of a leg alone."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from research.strategies.group_sample import SECOND, START, book
from schemas.codec import Message
from schemas.enums import Liquidity, OrdType, StatusKind, TimeInForce
from schemas.frames import TapeFrame
from schemas.inbox import Signal
from schemas.ledger import Fill
from schemas.records import Clock, Status
from streams.operators.strategies.groups import triangular
from streams.operators.strategies.groups.config import GroupConfig
from tests.strategies.groups.made import configured, heard, say, stage

TWO = ("A:BTC-USD", "B:BTC-USD")
Levels = Sequence[tuple[float, float]]
FEES = """
[execution.routing.venues.A]
taker_fee = "0.001"
order_cost = "0"
latency = "0ms"
least_size = "0"
[execution.routing.venues.B]
taker_fee = "0.002"
order_cost = "0.5"
latency = "0ms"
least_size = "0.01"
"""


def at(group: GroupConfig, member: int, bids: Levels, asks: Levels, second: float = 0) -> TapeFrame:
    levels = max(len(bids), len(asks))
    sides = [np.array([[*side, *[(0.0, 0.0)] * (levels - len(side))]]) for side in (bids, asks)]
    return book(group, member, [START + int(second * SECOND)], *sides)


def clock(second: float) -> Clock:
    return Clock("G", START + int(second * SECOND))


def venues(folder: Path, keys: str = "", fees: str = "", notional: str = "1000000") -> GroupConfig:
    sizing = f'kind = "fixed"\nnotional = "{notional}"'
    return configured("cross_venue", folder, keys, TWO, sizing, fees)


def orders(signals: Sequence[Signal]) -> list[tuple[str, str, Decimal, Decimal]]:
    assert all(s.ord_type is OrdType.LIMIT for s in signals)
    assert all(s.time_in_force is TimeInForce.IOC and s.target is None for s in signals)
    return [
        (
            s.instrument,
            s.side,
            Decimal(s.price).scaleb(-s.price_scale),
            Decimal(s.size).scaleb(-s.size_scale),
        )
        for s in signals
    ]


def filled(signal: Signal, part: float = 1.0) -> Fill:
    return Fill(
        *(signal.account, signal.strategy, signal.signal_id, signal.signal_id, "x"),
        *(signal.instrument, signal.ts_event),
        side=signal.side,
        price=signal.price,
        size=int(signal.size * part),
        price_scale=signal.price_scale,
        size_scale=signal.size_scale,
        fee=Decimal(0),
        liquidity=Liquidity.TAKER,
        realised_pnl=Decimal(0),
    )


def test_it_buys_where_it_is_cheap_and_sells_where_it_is_dear(tmp_path: Path) -> None:
    group = venues(tmp_path, fees=FEES)
    said = say(
        group,
        [at(group, 0, [(99, 1)], [(100, 2)]), at(group, 1, [(101, 3)], [(102, 1)])],
    )
    assert orders(said) == [
        (TWO[0], "BUY", Decimal(100), Decimal(2)),
        (TWO[1], "SELL", Decimal(101), Decimal(2)),
    ]
    cost, proceeds = 200 * 1.001 + 0.5, 202 * 0.998
    assert said[0].features["cost"] == pytest.approx(cost)
    assert said[0].features["profit"] == pytest.approx(proceeds - cost)
    assert said[1].features[f"ask {TWO[0]}"] == 100


def test_nothing_is_done_where_the_fees_eat_it(tmp_path: Path) -> None:
    """Bought at 100.10 with the fee, sold at 100.3 × 0.998 = 100.0994."""
    group = venues(tmp_path, "least = 0", FEES)
    books = [at(group, 0, [(99, 1)], [(100, 2)]), at(group, 1, [(100.3, 3)], [(102, 1)])]
    assert say(group, books) == []


def test_a_fixed_cost_of_orders_is_paid_too(tmp_path: Path) -> None:
    group = venues(tmp_path, "least = 0", FEES)
    small = [at(group, 0, [(99, 1)], [(100, 0.5)]), at(group, 1, [(101, 3)], [(102, 1)])]
    assert say(group, small) == [], "0.35 made, 0.50 paid"


def test_levels_are_walked_only_as_far_as_they_pay(tmp_path: Path) -> None:
    """2 at 100 and 1 at 101 are sold at 103 and 102; the ask of 102 would meet the bid of 102."""
    group = venues(tmp_path, "least = 0")
    asks, bids = [(100, 2), (101, 1), (102, 5)], [(103, 2.5), (102, 0.5), (101, 9)]
    said = say(group, [at(group, 0, [(99, 1)], asks), at(group, 1, bids, [(104, 1)])])
    assert orders(said) == [
        (TWO[0], "BUY", Decimal(101), Decimal(3)),
        (TWO[1], "SELL", Decimal(102), Decimal(3)),
    ]


def test_the_sizing_and_the_inventory_cap_it(tmp_path: Path) -> None:
    """1 000 at 100 are 10 units; a position of 1.5 times that, 15, is the most."""
    group = venues(tmp_path, 'inventory = 1.5\nsettle = "1s"', notional="1000")
    operator = stage(group)
    crossed = [
        *(at(group, 0, [(99, 50)], [(100, 50)]), at(group, 1, [(110, 50)], [(111, 50)])),
    ]
    first = heard(operator, crossed)
    assert orders(first)[0][3] == 10
    heard(operator, [*map(filled, first), clock(1)])
    later = [replace_time(each, 2) for each in crossed]
    assert orders(heard(operator, later))[0][3] == 5


def replace_time(tape: TapeFrame, second: float) -> TapeFrame:
    times = np.array([START + int(second * SECOND)])
    return replace(tape, books=tape.books._replace(ts_event=times, ts_recv=times))


def crossing(group: GroupConfig, second: float = 0) -> list[Message]:
    return [
        at(group, 0, [(99, 50)], [(100, 2)], second),
        at(group, 1, [(110, 50)], [(111, 50)], second),
    ]


def test_the_same_quotes_are_not_traded_twice(tmp_path: Path) -> None:
    group = venues(tmp_path)
    operator = stage(group)
    assert len(heard(operator, crossing(group))) == 2
    assert heard(operator, crossing(group, 1)) == []


def test_a_leg_that_was_filled_alone_is_given_back(tmp_path: Path) -> None:
    group = venues(tmp_path)
    operator = stage(group)
    buy, sell = heard(operator, crossing(group))
    assert heard(operator, [filled(buy), filled(sell, 0.25), clock(1), *crossing(group, 2)]) == []
    back = heard(operator, crossing(group, 3))
    assert orders(back) == [(TWO[0], "SELL", Decimal(99), Decimal("1.5"))]
    assert "alone" in back[0].reason
    assert heard(operator, [filled(back[0]), clock(4), *crossing(group, 5)]) == []
    assert len(heard(operator, crossing(group, 7))) == 2, "the trade is settled"


def test_what_was_not_filled_at_all_is_forgotten(tmp_path: Path) -> None:
    group = venues(tmp_path)
    operator = stage(group)
    heard(operator, crossing(group))
    assert len(heard(operator, [clock(1), *crossing(group, 4)])) == 2


def test_a_book_that_is_old_or_lost_is_not_traded_with(tmp_path: Path) -> None:
    group = venues(tmp_path, 'stale_after = "2s"')
    cheap, dear = crossing(group)
    assert say(group, [cheap, replace_time(dear, 3)]) == []  # type: ignore[arg-type]
    gone = Status(TWO[0], START, START, StatusKind.DISCONNECTED, "")
    assert say(group, [cheap, gone, dear]) == []
    assert len(say(group, [cheap, gone, cheap, dear])) == 2


def test_frames_of_another_group_are_not_its_own(tmp_path: Path) -> None:
    group = venues(tmp_path)
    others = [replace(each, basket="H") for each in crossing(group)]  # type: ignore[type-var]
    assert say(group, others) == []


THREE = ("X:BTC-USD", "X:ETH-USD", "X:ETH-BTC")
FEE = '[execution.routing.venues.X]\ntaker_fee = "{}"\norder_cost = "0"\n'
FEE += 'latency = "0ms"\nleast_size = "0"'


def triangle(
    folder: Path,
    keys: str = "",
    fee: str = "0",
    members: Sequence[str] = THREE,
    notional: str = "1000000",
) -> GroupConfig:
    sizing = f'kind = "fixed"\nnotional = "{notional}"'
    return configured("triangular", folder, keys, members, sizing, FEE.format(fee))


def quotes(group: GroupConfig, cross: float = 0.0505) -> list[Message]:
    """BTC at 50 000, ETH at 2 500, so ETH in BTC at 0.05 would be fair; bids there are higher."""
    return [
        at(group, 0, [(50_000, 1)], [(50_000, 1)]),
        at(group, 1, [(2_500, 10)], [(2_500, 10)]),
        at(group, 2, [(cross, 8)], [(cross + 1e-4, 8)]),
    ]


def test_a_circle_that_pays_is_gone_round_with_what_the_thinnest_book_shows(tmp_path: Path) -> None:
    """Buy 8 ETH for 20 000, sell them for 0.404 BTC, sell these for 20 200."""
    group = triangle(tmp_path)
    said = say(group, quotes(group))
    assert orders(said) == [
        (THREE[1], "BUY", Decimal(2500), Decimal(8)),
        (THREE[2], "SELL", Decimal("0.0505"), Decimal(8)),
        (THREE[0], "SELL", Decimal(50_000), Decimal("0.404")),
    ]
    assert said[0].features["profit"] == 200


def test_the_other_way_round_pays_where_the_cross_is_cheap(tmp_path: Path) -> None:
    group = triangle(tmp_path)
    said = say(group, quotes(group, cross=0.0494))
    assert [(s.instrument, s.side) for s in said] == [
        *((THREE[0], "BUY"), (THREE[2], "BUY"), (THREE[1], "SELL")),
    ]


def test_three_fees_eat_a_circle(tmp_path: Path) -> None:
    """1 % is made; three fees of 0.4 % are more."""
    group = triangle(tmp_path, fee="0.004")
    assert say(group, quotes(group)) == []
    group = triangle(tmp_path, fee="0.002")
    said = say(group, quotes(group))
    eth = Decimal(8)
    spent, btc = eth * 2500 * Decimal("1.002"), eth * Decimal("0.0505") * Decimal("0.998")
    received = btc.quantize(Decimal("0.000001"), "ROUND_FLOOR") * 50_000 * Decimal("0.998")
    assert said[0].features["profit"] == pytest.approx(float(received - spent))


def hundred_thousand(group: GroupConfig, cross: float = 0.036) -> list[Message]:
    """BTC at 100 000 and ETH at 3 500, so 0.035 would be fair; all books are deep."""
    return [
        at(group, 0, [(100_000, 99)], [(100_001, 99)]),
        at(group, 1, [(3_499, 999)], [(3_500, 999)]),
        at(group, 2, [(cross, 999)], [(cross + 1e-4, 999)]),
    ]


@pytest.mark.parametrize(
    ("fee", "sizes", "spent", "profit"),
    [
        # espressodoppio.com, Triangular Arbitrage: 100 000 become 28.57 ETH, 1.029 BTC, 102 857
        ("0", ("28.571428", "1.028571"), "99999.998", "2857.102"),
        # by hand: 28.542885 ETH cost 3 503.50 each; they bring 0.035964 BTC each, these 99 900
        ("0.001", ("28.542885", "1.026516"), "99999.9975975", "2548.9508025"),
        # 28.457598 ETH cost 3 514 each, bring 0.035856 BTC each, and these 99 600
        ("0.004", ("28.457598", "1.020375"), "99999.999372", "1629.350628"),
    ],
)
def test_a_worked_example_comes_out_to_the_cent_with_the_fees_of_three_legs(
    fee: str, sizes: tuple[str, str], spent: str, profit: str, tmp_path: Path
) -> None:
    group = triangle(tmp_path, fee=fee, notional="100000")
    said = say(group, hundred_thousand(group))
    eth, btc = map(Decimal, sizes)
    assert orders(said) == [
        (THREE[1], "BUY", Decimal(3500), eth),
        (THREE[2], "SELL", Decimal("0.036"), eth),
        (THREE[0], "SELL", Decimal(100_000), btc),
    ]
    assert said[0].features["spent"] == float(spent)
    assert said[0].features["profit"] == float(profit)


def test_it_trades_just_where_the_circle_pays_for_three_fees(tmp_path: Path) -> None:
    """What comes back of one is cross / fair × (1 - f)² / (1 + f): at a fee of 0.1 % the cross must
    be 0.3004 % too dear."""
    group = triangle(tmp_path, "least = 0", fee="0.001", notional="100000")
    for cross, pays in ((0.0351, False), (0.0352, True)):
        assert (cross > 0.035 * 1.003004) == pays
        assert bool(say(group, hundred_thousand(group, cross))) == pays


def test_a_circle_of_which_a_part_was_filled_is_given_back(tmp_path: Path) -> None:
    group = triangle(tmp_path)
    operator = stage(group)
    first, second, third = heard(operator, quotes(group))
    done = [filled(first), filled(second, 0.5), filled(third, 0.5), clock(1)]
    assert heard(operator, done) == []
    later = [replace_time(each, 4) for each in quotes(group)]  # type: ignore[arg-type]
    back = heard(operator, later)
    assert orders(back)[:1] == [(THREE[1], "SELL", Decimal(2500), Decimal(4))]
    assert len(back) == 1


def test_members_that_make_no_triangle_are_told(tmp_path: Path) -> None:
    group = triangle(tmp_path, members=("X:BTC-USD", "X:ETH-USD", "X:SOL-USD"))
    with pytest.raises(AssertionError, match="no triangle"):
        say(group, quotes(group))


def test_what_members_exchange_may_be_said() -> None:
    pairs = triangular.currencies(["BTC/USD", "ETH/USD", "ETH/BTC"])
    assert [[tuple(step) for step in way] for way in triangular.ways(pairs)] == [
        [(0, 1), (2, 1), (1, -1)],
        [(1, 1), (2, -1), (0, -1)],
    ]
    with pytest.raises(ValueError, match="does not say"):
        triangular.currencies(["BTCUSD", "ETHUSD", "ETHBTC"])
