"""A small book of options through the gate, marks and fills in, the account's Greeks out: held
against QuantLib, and unknown where something of it is."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import QuantLib as ql

from schemas.enums import Side
from schemas.ledger import AccountState
from streams.operators.risk.contracts import Contract
from streams.operators.risk.instruments import Instrument
from streams.operators.risk.option_terms import OptionTerms, Valuation
from tests.risk.desk import SECOND, Desk, of

TODAY = ql.Date(15, 1, 2024)
NOW = 1_705_276_800  # midnight, UTC
DAY = 86_400
RATE, YIELD = 0.03, 0.01
SPOT, FUTURE = Valuation("X:S", rate=RATE, dividend_yield=YIELD), Valuation("X:F", True, rate=RATE)
DAYS = {"X:C": 60, "X:P": 30, "X:FC": 90}
TERMS = {
    "X:C": (True, 110, SPOT),
    "X:P": (False, 95, SPOT),
    "X:FC": (True, 100, FUTURE),
}
PRICES = {"X:S": 100.0, "X:F": 102.0, "X:C": 2.5, "X:P": 1.75, "X:FC": 6.25}
HELD = {"X:C": 10, "X:P": -5, "X:FC": 3, "X:S": -400}


def terms(days: int, call: bool, strike: float, valuation: Valuation) -> OptionTerms:
    return OptionTerms(Decimal(strike), (NOW + days * DAY) * SECOND, call, valuation)


def option(name: str, **change: Any) -> Instrument:
    call, strike, valuation = TERMS[name]
    return Instrument(
        Contract("USD", Decimal(100)),
        sector="options",
        option=terms(DAYS[name], call, strike, replace(valuation, **change)),
    )


BOOK = {name: option(name) for name in TERMS}


def desk_of(reference: dict[str, Instrument], **config: Any) -> Desk:
    desk = Desk(reference=reference, currency="USD", **config)
    desk.now = float(NOW)
    return desk


def trade(desk: Desk, **quantities: int) -> None:
    for name, quantity in quantities.items():
        instrument = name.replace("_", ":")
        side = Side.BUY if quantity > 0 else Side.SELL
        desk.fill(desk.order(abs(quantity), side, instrument=instrument))


def state(desk: Desk) -> AccountState:
    """The next one."""
    return list(of(desk.clock(1), AccountState))[-1]


def book(**config: Any) -> Desk:
    """All of HELD at PRICES."""
    desk = desk_of({**BOOK, **config.pop("reference", {})}, **config)
    for name, price in PRICES.items():
        desk.mark(price - 0.01, price + 0.01, name)
    trade(desk, **{name.replace(":", "_"): size for name, size in HELD.items()})
    return desk


def quantlib(
    name: str, volatility: float, price: float, days_passed: int = 0
) -> tuple[ql.VanillaOption, ql.GeneralizedBlackScholesProcess]:
    call, strike, valuation = TERMS[name]
    ql.Settings.instance().evaluationDate = TODAY + days_passed
    counter = ql.Actual365Fixed()

    def flat(rate: float) -> ql.YieldTermStructureHandle:
        return ql.YieldTermStructureHandle(ql.FlatForward(TODAY + days_passed, rate, counter))

    level = ql.BlackConstantVol(TODAY + days_passed, ql.NullCalendar(), volatility, counter)
    vol = ql.BlackVolTermStructureHandle(level)
    quote = ql.QuoteHandle(ql.SimpleQuote(price))
    process = (
        ql.BlackProcess(quote, flat(valuation.rate), vol)
        if valuation.future
        else ql.BlackScholesMertonProcess(quote, flat(YIELD), flat(valuation.rate), vol)
    )
    payoff = ql.PlainVanillaPayoff(ql.Option.Call if call else ql.Option.Put, strike)
    made = ql.VanillaOption(payoff, ql.EuropeanExercise(TODAY + DAYS[name]))
    made.setPricingEngine(ql.AnalyticEuropeanEngine(process))
    return made, process


def implied(name: str) -> float:
    underlying = TERMS[name][2].underlying
    made, process = quantlib(name, 0.2, PRICES[underlying])
    return float(made.impliedVolatility(PRICES[name], process, 1e-12, 1000, 1e-4, 5.0))


def test_the_greeks_of_a_book_are_quantlibs_by_underlying() -> None:
    told = state(book())
    assert told.options == ("X:C", "X:P", "X:FC")
    assert told.implied_volatility == pytest.approx([implied(n) for n in TERMS], rel=1e-7)
    assert told.underlyings == ("X:S", "X:F")
    expected = {name: [0.0, 0.0, 0.0, 0.0] for name in told.underlyings}
    expected["X:S"][0] = HELD["X:S"] * PRICES["X:S"]
    for name, (_, _, valuation) in TERMS.items():
        price, units = PRICES[valuation.underlying], HELD[name] * 100
        made, _ = quantlib(name, implied(name), price)
        row = expected[valuation.underlying]
        row[0] += units * made.delta() * price
        row[1] += units * made.gamma() * price**2 / 100
        row[2] += units * made.vega() / 100
        row[3] += units * made.theta() / 365
    for place, figures in enumerate((told.delta, told.gamma, told.vega, told.theta)):
        assert figures == pytest.approx([row[place] for row in expected.values()], rel=1e-6)


def test_gamma_is_what_delta_changes_by_when_the_underlying_moves_one_percent() -> None:
    """All else equal: at the volatility of before."""
    desk = desk_of({"X:C": option("X:C", volatility=0.3)})
    desk.mark(100, 100, "X:S")
    desk.mark(150, 150, "X:C")  # no volatility gives so much; 30 % stands in
    trade(desk, X_C=10)
    before = state(desk)
    desk.mark(100.1, 100.1, "X:S")
    after = state(desk)
    worth = before.delta[0] / 100  # delta in units of the underlying
    moved = (after.delta[0] / 100.1 - worth) * 100  # a tenth of what 1 % brings
    assert 10 * moved == pytest.approx(before.gamma[0], rel=0.02)


def test_without_options_there_are_no_greeks() -> None:
    desk = desk_of({})
    desk.mark(100, 100, "X:S")
    trade(desk, X_S=5)
    told = state(desk)
    assert (told.options, told.underlyings, told.delta, told.scenarios) == ((), (), (), ())


@pytest.mark.parametrize("missing", ["underlying", "volatility", "rate"])
def test_what_is_unknown_is_not_a_number_and_spoils_only_its_own_row(missing: str) -> None:
    """A put on something else beside a call of which all is known."""
    price = 100.0 if missing == "volatility" else 1.5  # a put is worth no more than its strike
    currency = "EUR" if missing == "rate" else "USD"
    put = Instrument(
        Contract(currency), option=terms(30, False, 95, Valuation("X:T", currency=currency))
    )
    desk = desk_of({**BOOK, "X:Q": put}, currencies={"F:EURUSD": "EUR/USD"})
    for name, at in (("X:S", 100), ("X:C", 2.5), ("X:Q", price), ("F:EURUSD", 1.1)):
        desk.mark(at, at, name)
    if missing != "underlying":
        desk.mark(100, 100, "X:T")
    trade(desk, X_C=1, X_Q=1)
    if missing == "rate":
        desk.now += 120  # older than a rate may be
    told = state(desk)
    assert told.underlyings == ("X:S", "X:T")
    for figures in (told.delta, told.gamma, told.vega, told.theta):
        assert math.isfinite(figures[0])
        assert math.isnan(figures[1])
    assert math.isnan(told.implied_volatility[1])


def test_the_reference_says_the_volatility_where_the_price_tells_none() -> None:
    desk = desk_of({"X:P": option("X:P", volatility=0.4)})
    desk.mark(100, 100, "X:S")
    desk.mark(99, 99, "X:P")
    trade(desk, X_P=1)
    assert state(desk).implied_volatility == (0.4,)


def test_an_expired_option_is_what_its_exercise_is_worth() -> None:
    desk = book()
    desk.now += DAYS["X:P"] * DAY
    desk.mark(90, 90, "X:S")
    told = state(desk)
    assert told.implied_volatility[1] == 0
    desk.now += DAYS["X:C"] * DAY
    desk.mark(90, 90, "X:S")
    told = state(desk)
    in_the_money = -HELD["X:P"] * 100 * 90  # short puts that are exercised
    assert told.delta[0] == pytest.approx(in_the_money + HELD["X:S"] * 90)
    assert (told.gamma[0], told.vega[0]) == (0, 0)


def test_a_premium_in_coins_is_worth_its_price_times_the_coins() -> None:
    """A Deribit call: quoted in BTC, struck in USD, in an account that counts in USD."""
    valuation = Valuation("D:BTC-29MAR24", True, "USD")
    call = Instrument(Contract("BTC"), option=terms(74, True, 60_000, valuation))
    dollars = Instrument(Contract("USD"), option=replace(call.option, valuation=valuation))  # type: ignore[type-var]
    desk = desk_of({"D:C": call, "D:L": dollars}, currencies={"D:BTC-USD": "BTC/USD"})
    desk.mark(60_000, 60_000, "D:BTC-USD")
    desk.mark(60_000, 60_000, "D:BTC-29MAR24")
    desk.mark(0.05, 0.05, "D:C")
    desk.mark(3_000, 3_000, "D:L")
    trade(desk, D_C=2)
    coins = state(desk)
    trade(desk, D_L=2)
    both = state(desk)
    assert coins.implied_volatility[0] == pytest.approx(both.implied_volatility[1], rel=1e-6)
    for one, two in ((coins.delta, both.delta), (coins.vega, both.vega)):
        assert two[0] == pytest.approx(2 * one[0], rel=1e-6)
    assert 60_000 < coins.delta[0] < 120_000
