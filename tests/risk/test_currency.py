"""Rates by pair, opposite pair and one cross; what is unknown is an error."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import canonical
from streams.operators.risk.currency import CurrencyConfig, Rates, UnknownRate, pack, unpack

CONFIG = CurrencyConfig("USD", ("USDT", "BTC"), max_age_ns=100)


def rates(*marks: tuple[str, str], ts: int = 1000) -> Rates:
    made = Rates(CONFIG)
    for pair, price in marks:
        made.mark(*pair.split("/"), Decimal(price), ts)
    return made


@pytest.mark.parametrize(
    ("marks", "source", "expected"),
    [
        ((), "USD", "1"),
        ((("EUR/USD", "1.25"),), "EUR", "1.25"),
        ((("USD/BRL", "5"),), "BRL", "0.2"),
        ((("ETH/BTC", "0.05"), ("BTC/USD", "40000")), "ETH", "2000"),
        ((("ETH/BTC", "0.05"), ("BTC/USD", "40000"), ("ETH/USD", "2001")), "ETH", "2001"),
        ((("USDT/BRL", "5"), ("USDT/USD", "0.99")), "BRL", "0.198"),
        # two ways across: the bridge that is named first
        (
            (
                ("ETH/BTC", "0.05"),
                ("BTC/USD", "40000"),
                ("ETH/USDT", "2002"),
                ("USDT/USD", "1"),
            ),
            "ETH",
            "2002",
        ),
    ],
)
def test_a_rate_is_direct_inverse_or_one_cross(
    marks: tuple[tuple[str, str], ...], source: str, expected: str
) -> None:
    assert rates(*marks).convert(Decimal(3), source, "USD", 1000) == 3 * Decimal(expected)


@given(
    st.decimals("0.0001", 10**6, places=4),
    st.decimals("0.0001", 10**6, places=4),
    st.decimals(-(10**9), 10**9, places=8),
)
def test_a_cross_is_exact_but_for_the_last_place(a: Decimal, b: Decimal, amount: Decimal) -> None:
    of = rates(("USDT/X", str(a)), ("USDT/USD", str(b)))
    exact = Fraction(amount) / Fraction(a) * Fraction(b)
    assert abs(Fraction(of.convert(amount, "X", "USD", 1000)) - exact) <= Fraction(1, 10**18)


def test_a_missing_or_old_rate_is_an_error_and_not_zero() -> None:
    of = rates(("EUR/USD", "1.1"), ("X/Y", "2"), ("Y/Z", "2"))
    for source in ("GBP", "X", "Z"):  # two bridges in a row, or none that is configured
        with pytest.raises(UnknownRate, match=f"no rate from {source} to USD"):
            of.in_base({"EUR": Decimal(1), source: Decimal(1)}, 1000)
    assert of.in_base({"EUR": Decimal(2)}, 1100) == Decimal("2.2")
    with pytest.raises(UnknownRate, match="last 1e-07 s"):
        of.in_base({"EUR": Decimal(2)}, 1101)
    assert of.in_base({"GBP": Decimal(0)}, 1000) == 0


def test_an_old_direct_rate_gives_way_to_a_fresh_cross() -> None:
    of = rates(("ETH/USD", "1000"), ts=0)
    of.mark("ETH", "BTC", Decimal("0.05"), 990)
    of.mark("BTC", "USD", Decimal(40_000), 995)
    assert of.rate("ETH", "USD", 1000) == 2000


def test_marks_of_the_past_and_impossible_ones_change_nothing() -> None:
    of = rates(("EUR/USD", "1.1"))
    of.mark("EUR", "USD", Decimal(9), 999)
    for price in ("0", "-1", "NaN"):
        with pytest.raises(ValueError, match="is no rate"):
            of.mark("EUR", "USD", Decimal(price), 2000)
    assert of.rate("EUR", "USD", 1000) == Decimal("1.1")
    again = unpack(canonical.unpack(canonical.pack(pack(of))), CONFIG)
    assert again == of
