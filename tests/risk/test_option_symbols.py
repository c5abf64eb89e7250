"""Symbols of options: what is written comes back, and what is none is taken for none."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.sessions import SessionHours
from streams.operators.market.bars_calendar import ALWAYS
from streams.operators.risk.instruments import Instrument, Reference
from streams.operators.risk.option_symbols import OptionSymbols, Series, deribit, occ
from streams.operators.risk.option_terms import Valuation

EPOCH = date(1970, 1, 1)
roots = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=6)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
thousandths = st.integers(1, 99_999_999)
NEW_YORK = SessionHours("America/New_York", "09:30", "16:00", "mon-fri", ("2024-03-29",)).calendar(
    2023, 2025
)


@settings(deadline=None)
@given(roots, days, st.booleans(), thousandths, st.booleans())
def test_an_occ_symbol_says_what_it_was_made_from(
    root: str, day: date, call: bool, strike: int, padded: bool
) -> None:
    written = day.strftime("%y%m%d")
    symbol = f"{root.ljust(6) if padded else root}{written}{'C' if call else 'P'}{strike:08}"
    expected = Series(root, written, (day - EPOCH).days, Decimal(strike) / 1000, call)
    assert occ(symbol) == expected


@settings(deadline=None)
@given(st.sampled_from(["BTC", "XRP_USDC"]), days, st.booleans(), thousandths)
def test_a_deribit_symbol_says_what_it_was_made_from(
    root: str, day: date, call: bool, strike: int
) -> None:
    written = f"{day.day}{day.strftime('%b%y').upper()}"
    number = f"{Decimal(strike) / 1000:f}".replace(".", "d")
    symbol = f"{root}-{written}-{number}-{'C' if call else 'P'}"
    expected = Series(root, written, (day - EPOCH).days, Decimal(strike) / 1000, call)
    assert deribit(symbol) == expected


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(max_size=30), st.text("ABC-0123456789dDEC ", max_size=24)))
def test_no_text_breaks_the_readers(text: str) -> None:
    for read in (occ, deribit):
        series = read(text)
        assert series is None or (series.strike > 0 and series.root)


@pytest.mark.parametrize(
    "symbol",
    [
        "AAPL",
        "240119C00190000",
        "TOOLONG240119C00190000",
        "AAPL240230C00190000",
        "AAPL240119X00190000",
        "AAPL240119C00000000",
        "AAPL240119C0019000٣",
    ],
)
def test_what_is_no_occ_symbol(symbol: str) -> None:
    assert occ(symbol) is None


@pytest.mark.parametrize(
    "symbol",
    [
        "BTC-PERPETUAL",
        "BTC-27DEC24",
        "BTC-27DEC24-100000",
        "BTC-27DEZ24-100000-C",
        "BTC-31NOV24-100000-C",
        "BTC-027DEC24-100000-C",
        "BTC-27DEC24-0-C",
        "BTC-27DEC24-1d-C",
        "BTC-27DEC24-100000-C-C",
        "-27DEC24-100000-C",
    ],
)
def test_what_is_no_deribit_symbol(symbol: str) -> None:
    assert deribit(symbol) is None


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def test_a_pattern_of_symbols_makes_each_option_with_its_underlying() -> None:
    coins = OptionSymbols("deribit", Valuation("D:{root}-{date}", future=True, currency="USD"))
    stocks = OptionSymbols("occ", Valuation("N:{root}"))
    reference = Reference(
        (("D:*", Instrument(symbols=coins)), ("O:*", Instrument(hours=NEW_YORK, symbols=stocks)))
    )
    coin = reference.of("D:BTC-5JAN24-0d625-P").option
    assert coin is not None
    assert (coin.strike, coin.call, coin.expiry_ns) == (
        Decimal("0.625"),
        False,
        ns("2024-01-05 08"),
    )
    assert coin.valuation.underlying == "D:BTC-5JAN24"
    stock = reference.of("O:AAPL240119C00190000").option
    assert stock is not None
    assert (stock.strike, stock.call, stock.valuation.underlying) == (190, True, "N:AAPL")
    assert reference.of("D:BTC-5JAN24").option is None
    assert reference.of("O:AAPL").option is None


@pytest.mark.parametrize(
    ("symbol", "expiry"),
    [
        ("AAPL240119C00190000", "2024-01-19 21:00"),
        ("AAPL240719C00190000", "2024-07-19 20:00"),  # summer time
        ("AAPL240329C00190000", "2024-03-28 20:00"),  # Good Friday
        ("AAPL300118C00190000", "2030-01-19 00:00"),  # beyond what the sessions reach
        ("AAPL100115C00190000", "2010-01-16 00:00"),  # … and before
    ],
)
def test_a_stock_option_expires_at_the_close_of_its_day(symbol: str, expiry: str) -> None:
    terms = OptionSymbols("occ", Valuation("N:{root}")).terms(symbol, NEW_YORK)
    assert terms is not None
    assert terms.expiry_ns == ns(expiry)
    around_the_clock = OptionSymbols("occ", Valuation("N:{root}")).terms(symbol, ALWAYS)
    assert around_the_clock is not None
    assert around_the_clock.expiry_ns > terms.expiry_ns or expiry.endswith("00:00")
