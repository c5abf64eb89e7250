"""An option as a line of a portfolio, from its marks and its underlying's.

Its time is that of the newer mark, not the clock's: so the line follows from the marks alone, and
the volatility that a price implies is that of the moment when the price was so.
"""

import math
from decimal import Decimal

from streams.operators.risk.implied_volatility import implied_volatility
from streams.operators.risk.instruments import Instrument
from streams.operators.risk.option_terms import OptionTerms
from streams.operators.risk.options import on_future, on_spot
from streams.operators.risk.quotes import Quote
from streams.operators.risk.revaluation import OptionLine

_YEAR_NS = 365 * 86_400 * 10**9


def option_line(
    name: str,
    instrument: Instrument,
    terms: OptionTerms,
    quote: Quote | None,
    underlying: Quote,
    rate: Decimal,
) -> OptionLine | None:
    """One contract. ``rate``: what one of the strike's currency is in the account's. None where
    neither the marks nor the reference tell a volatility."""
    model, price = terms.valuation, float(underlying.mid)
    newest = max(q.told.ts_event for q in (quote, underlying) if q)
    years = max(terms.expiry_ns - newest, 0) / _YEAR_NS
    worth = math.nan
    if quote:
        coin = model.currency not in ("", instrument.contract.currency)
        worth = float(quote.mid) * (price if coin else 1.0)
    volatility = _volatility(terms, price, years, worth)
    if volatility is None:
        return None
    return OptionLine(
        name,
        model.underlying,
        instrument.sector,
        float(instrument.contract.multiplier * rate),
        terms.call,
        model.future,
        price,
        float(terms.strike),
        years,
        model.rate,
        model.dividend_yield,
        volatility,
    )


def _volatility(terms: OptionTerms, price: float, years: float, worth: float) -> float | None:
    """What the price implies, else what the reference says. At expiry there is none to know."""
    if not years:
        return 0.0
    model, strike = terms.valuation, float(terms.strike)
    options = (
        on_future(terms.call, price, strike, years, model.rate)
        if model.future
        else on_spot(terms.call, price, strike, years, model.rate, model.dividend_yield)
    )
    implied = float(implied_volatility(options, worth)[0])
    return model.volatility if math.isnan(implied) else implied
