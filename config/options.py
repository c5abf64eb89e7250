"""What the settings say of options, and the scenarios of stress → plain values."""

import math
from datetime import UTC, datetime

from config.account_tree import Account, Instrument, Option, Shock, Stress
from config.errors import ConfigError
from streams.operators.risk.limits import SCOPES
from streams.operators.risk.option_symbols import CONVENTIONS, OptionSymbols
from streams.operators.risk.option_terms import OptionTerms, Valuation
from streams.operators.risk.stress import Scenario, Scope
from streams.operators.risk.stress import Shock as Shocked


def option_of(key: str, known: Instrument) -> OptionTerms | OptionSymbols | None:
    """What is said of the options of a pattern. Raises ConfigError, which begins with ``key``."""
    option = known.option
    if option is None:
        return None
    try:
        if known.inverse:
            raise ValueError("inverse is for futures; a premium paid in a coin is said by currency")
        if option.on not in ("spot", "future"):
            raise ValueError(f"on {option.on!r}: use spot or future")
        valuation = Valuation(
            option.underlying,
            option.on == "future",
            option.currency,
            option.rate,
            option.dividend_yield,
            option.volatility,
        )
        return _symbols(option, known, valuation) if option.symbols else _terms(option, valuation)
    except ValueError as error:
        raise ConfigError(f"{key}: {error}") from error


def _symbols(option: Option, known: Instrument, valuation: Valuation) -> OptionSymbols:
    if option.symbols not in CONVENTIONS:
        raise ValueError(f"symbols {option.symbols!r}: use {', '.join(CONVENTIONS)}")
    if option.strike or option.expiry or option.kind:
        raise ValueError("symbols say strike, expiry and kind; leave those out, or symbols")
    if option.symbols == "occ" and not known.session:
        raise ValueError("symbols 'occ' say the day of expiry; the instrument needs a session")
    return OptionSymbols(option.symbols, valuation)


def _terms(option: Option, valuation: Valuation) -> OptionTerms:
    if option.kind not in ("call", "put"):
        raise ValueError(f"kind {option.kind!r}: use call or put")
    return OptionTerms(option.strike, _expiry_ns(option.expiry), option.kind == "call", valuation)


def _expiry_ns(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.min
    if at.tzinfo is None or not 1970 <= at.year < 2200:
        raise ValueError(f"expiry {text!r}: write a date and time with its zone, as {_EXAMPLE}")
    return int((at - _EPOCH).total_seconds()) * 10**9


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXAMPLE = "2026-12-25T08:00:00Z"


def scenarios(where: str, account: Account) -> tuple[Scenario, ...]:
    """The stress of an account. Raises ConfigError, which begins with ``where``."""
    if not account.stress and limited(account, "max_stress_loss"):
        raise ConfigError(
            f"{where}.limits: max_stress_loss needs a scenario; write [{where}.stress.NAME]"
        )
    made = []
    for name, stress in account.stress.items():
        try:
            made.append(_scenario(name, stress))
        except ValueError as error:
            raise ConfigError(f"{where}.stress.{name}: {error}") from error
    return tuple(made)


def _scenario(name: str, stress: Stress) -> Scenario:
    shocks = [_shock(Scope.ALL, "", stress.all)] if stress.all else []
    for scope in (Scope.SECTOR, Scope.INSTRUMENT):
        shocks += [_shock(scope, which, shock) for which, shock in getattr(stress, scope).items()]
    if not shocks and not stress.days:
        raise ValueError("nothing happens in it; write all, sector.NAME, instrument.NAME or days")
    if not 0 <= stress.days < math.inf:
        raise ValueError(f"days {stress.days}: must be zero or more")
    return Scenario(name, tuple(shocks), stress.days)


def _shock(scope: Scope, name: str, shock: Shock) -> Shocked:
    if shock.price > 10:
        raise ValueError(f"price {shock.price}: a fraction, -0.2 is 20 % down")
    if not -1000 <= shock.volatility <= 1000:
        raise ValueError(f"volatility {shock.volatility}: points, 10 takes 0.5 to 0.6")
    return Shocked(scope, name, shock.price, shock.volatility)


def limited(account: Account, name: str) -> bool:
    """Whether the account or a scope of it has this limit."""
    limits = account.limits
    inner = (inner for scope in SCOPES for inner in getattr(limits, scope).values())
    return any(getattr(each, name) is not None for each in (limits, *inner))
