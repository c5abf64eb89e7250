"""Profit and loss at every cost basis, against lots of single units in fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import canonical
from streams.operators.risk.contracts import Contract
from streams.operators.risk.pnl import (
    CostBasis,
    ProfitAndLoss,
    UnknownMark,
    inventory,
    pack,
    unpack,
)

DOLLAR = Contract("USD")
sizes = st.integers(-12, 12).filter(bool)
fills = st.lists(st.tuples(sizes, st.integers(1, 10**6)), max_size=25)
bases = st.sampled_from(CostBasis)
contracts = st.builds(
    Contract,
    st.just("USD"),
    st.decimals("0.001", 100, places=3),
    st.booleans(),
)


class Twin:
    """Every unit ever bought or sold, one by one, in fractions."""

    def __init__(self, basis: CostBasis) -> None:
        self.basis = basis
        self.units: list[Fraction] = []  # unit values of what is open
        self.sign = 0
        self.realised = Fraction(0)

    def fill(self, size: int, value: Fraction) -> None:
        sign = 1 if size > 0 else -1
        for _ in range(abs(size)):
            if self.units and self.sign != sign:
                self.realised += self.sign * (value - self._taken())
            else:
                self.sign = sign
                self.units.append(value)

    def _taken(self) -> Fraction:
        match self.basis:
            case CostBasis.FIFO:
                return self.units.pop(0)
            case CostBasis.LIFO:
                return self.units.pop()
        average = sum(self.units) / len(self.units)
        self.units = [average] * (len(self.units) - 1)
        return average

    @property
    def cost(self) -> Fraction:
        return self.sign * sum(self.units, Fraction(0))


def book(basis: CostBasis, contract: Contract = DOLLAR, scale: int = 0) -> ProfitAndLoss:
    return ProfitAndLoss(contract, inventory(basis, scale))


def value(contract: Contract, price: int) -> Fraction:
    multiplier = Fraction(contract.multiplier)
    return -multiplier / price if contract.inverse else multiplier * price


@given(bases, fills, st.integers(1, 10**6))
def test_it_equals_the_twin_unit_by_unit(
    basis: CostBasis, made: list[tuple[int, int]], mark: int
) -> None:
    pnl, twin = book(basis), Twin(basis)
    for size, price in made:
        before = twin.realised
        realised = pnl.fill(size, Decimal(price))
        twin.fill(size, Fraction(price))
        # only an average has a remainder, and it is at most half of the last place a fill
        allowed = Fraction(len(made) if basis is CostBasis.AVERAGE else 0, 10**18)
        assert abs(Fraction(realised) - (twin.realised - before)) <= allowed
        assert abs(Fraction(pnl.held.cost) - twin.cost) <= allowed
        assert pnl.held.quantity == twin.sign * len(twin.units)
    worth = twin.sign * len(twin.units) * mark - twin.cost
    assert abs(Fraction(pnl.unrealised(Decimal(mark))) - worth) <= Fraction(len(made), 10**18)


@given(bases, contracts, fills)
def test_multipliers_and_inverse_contracts_follow_the_twin(
    basis: CostBasis, contract: Contract, made: list[tuple[int, int]]
) -> None:
    pnl, twin = book(basis, contract), Twin(basis)
    for size, price in made:
        pnl.fill(size, Decimal(price))
        twin.fill(size, value(contract, price))
    allowed = Fraction(4 * len(made), 10**18)
    assert abs(Fraction(pnl.realised) - twin.realised) <= allowed
    assert abs(Fraction(pnl.held.cost) - twin.cost) <= allowed


@given(
    bases,
    st.lists(
        st.tuples(
            st.integers(-(10**15), 10**15).filter(bool),
            st.integers(0, 18).flatmap(
                lambda places: st.decimals("0.000001", 10**9, places=places)
            ),
        ),
        max_size=20,
    ),
    st.integers(0, 18),
)
def test_nothing_is_lost_to_rounding(
    basis: CostBasis, made: list[tuple[int, Decimal]], scale: int
) -> None:
    pnl, paid = book(basis, scale=scale), Fraction(0)
    last_place = Fraction(1, 10**18)
    for size, price in made:
        pnl.fill(size, price)
        exact = Fraction(size, 10**scale) * Fraction(price)
        paid += round(exact / last_place) * last_place  # a fill's money: half to even
    assert Fraction(pnl.held.cost) - Fraction(pnl.realised) == paid
    if pnl.held.quantity == 0:
        assert pnl.held.cost == 0


@given(bases, fills, st.data())
def test_a_snapshot_goes_on_as_if_nothing_had_been(
    basis: CostBasis, made: list[tuple[int, int]], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(made)))
    whole, first = book(basis), book(basis)
    for size, price in made:
        whole.fill(size, Decimal(price), Decimal("0.1"), "BNB")
    for size, price in made[:cut]:
        first.fill(size, Decimal(price), Decimal("0.1"), "BNB")
    second = unpack(canonical.unpack(canonical.pack(pack(first))), DOLLAR)
    for size, price in made[cut:]:
        second.fill(size, Decimal(price), Decimal("0.1"), "BNB")
    assert canonical.pack(pack(second)) == canonical.pack(pack(whole))
    assert (second.quantity, second.held.cost) == (whole.quantity, whole.held.cost)


@pytest.mark.parametrize(
    ("basis", "realised", "average"), [("average", 60, 110), ("fifo", 100, 115), ("lifo", 20, 105)]
)
def test_the_basis_decides_when_a_profit_counts(basis: str, realised: int, average: int) -> None:
    pnl = book(CostBasis(basis))
    for price in (100, 110, 120):
        pnl.fill(4, Decimal(price))
    assert pnl.fill(-4, Decimal(125)) == realised
    assert pnl.average_price == average
    pnl.fill(-8, Decimal(125))
    assert pnl.realised == 4 * (25 + 15 + 5)


def test_fees_and_funding_are_booked_by_currency() -> None:
    pnl = book(CostBasis.FIFO, Contract("USDT", Decimal("0.1")))
    pnl.fill(30, Decimal(1000), Decimal("1.5"))
    pnl.fill(-10, Decimal(1010), Decimal("0.002"), "BNB")
    payment = pnl.contract.funding(pnl.quantity, Decimal(1005), Decimal("0.0001"))
    assert payment == Decimal("-0.201")  # longs pay 0.01 % of 2 × 1005
    pnl.fund(payment)
    expected = 10 + 2 * Decimal(5) - Decimal("1.5") - Decimal("0.201")
    assert pnl.net(Decimal(1005)) == {"USDT": expected, "BNB": Decimal("-0.002")}


def test_an_inverse_contract_pays_in_its_coin() -> None:
    pnl = book(CostBasis.LIFO, Contract("BTC", Decimal(100), inverse=True))
    pnl.fill(50, Decimal(20_000))
    assert pnl.average_price == 20_000
    assert pnl.unrealised(Decimal(25_000)) == Decimal("0.05")  # 5000/20000 - 5000/25000
    assert pnl.contract.exposure(pnl.quantity, Decimal(25_000)) == Decimal("0.2")
    rate = Decimal("0.001")
    assert pnl.contract.funding(-pnl.quantity, Decimal(25_000), rate) == Decimal("0.0002")


def test_what_is_unknown_is_not_zero() -> None:
    pnl = book(CostBasis.AVERAGE)
    assert pnl.net(None) == {"USD": 0}
    pnl.fill(1, Decimal(5))
    for mark in (None, Decimal(0)):
        with pytest.raises(UnknownMark, match="1 contracts are open"):
            pnl.net(mark)
    with pytest.raises(ValueError, match="multiplier 0"):
        Contract("USD", Decimal(0))
    with pytest.raises(ValueError, match="inverse contract"):
        Contract("BTC", inverse=True).unit_value(Decimal(0))


@settings(max_examples=30)
@given(fills)
def test_all_bases_agree_once_everything_is_closed(made: list[tuple[int, int]]) -> None:
    results = []
    for basis in CostBasis:
        pnl = book(basis)
        for size, price in made:
            pnl.fill(size, Decimal(price))
        if pnl.held.quantity:
            pnl.fill(-pnl.held.quantity, Decimal(500))
        results.append(pnl.net(None))
    assert results[0] == results[1] == results[2]
