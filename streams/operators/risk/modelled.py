"""What an account holds as the models of risk see it, in the account's currency."""

from collections.abc import Iterator

from streams.operators.risk.account import WHOLE, Account
from streams.operators.risk.instruments import Instrument
from streams.operators.risk.models import Seen
from streams.operators.risk.option_lines import option_line
from streams.operators.risk.revaluation import Line, LinearLine


def held(account: Account) -> Iterator[tuple[str, float]]:
    """(instrument, signed quantity) of what the account holds, its strategies together."""
    for (strategy, name), line in account.lines.items():
        if strategy == WHOLE and line.position:
            yield name, line.position / 10**line.scale


def currency_of(instrument: Instrument) -> str:
    """The one that its line is brought to the account's from."""
    option = instrument.option
    return (option.valuation.currency if option else "") or instrument.contract.currency


def line_of(account: Account, name: str) -> Line | None:
    """One of an instrument at the last marks; None where a mark, a rate or a volatility is not
    known. The same object until one of these changes."""
    instrument, quote = account.instrument(name), account.quotes.get(name)
    option = instrument.option
    underlying = account.quotes.get(option.valuation.underlying) if option else None
    rate = account.rate_of(currency_of(instrument))
    seen = account.models.lines.get(name)
    if seen and seen.quote is quote and seen.underlying is underlying and seen.rate == rate:
        return seen.line
    line: Line | None = None
    if rate is not None and option and underlying:
        line = option_line(name, instrument, option, quote, underlying, rate)
    elif not option and (unit := account.unit(name)) is not None:
        line = LinearLine(name, instrument.sector, float(unit))
    account.models.lines[name] = Seen(quote, underlying, rate, line)
    return line
