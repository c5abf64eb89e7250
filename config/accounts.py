"""The accounts of the settings, and what they say of instruments → the plain values of the gate."""

from config.account_tree import Account, ScopedLimits
from config.errors import ConfigError
from config.options import limited, option_of, scenarios
from config.tree import Settings
from schemas.enums import OrdType, TradingState
from streams.operators.market.bars_calendar import ALWAYS
from streams.operators.risk.breakers import BreakerRule
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.contracts import Contract
from streams.operators.risk.instruments import Instrument, Reference
from streams.operators.risk.limits import NAMES, SCOPES, Limits, LimitTree
from streams.operators.risk.option_symbols import OptionSymbols
from streams.operators.risk.option_terms import OptionTerms
from streams.operators.risk.pnl import CostBasis
from streams.operators.risk.stops import KINDS, StopRule
from streams.operators.risk.tail_watch import VarRule
from streams.operators.risk.var import Method, VarConfig


def accounts(settings: Settings) -> dict[str, AccountConfig]:
    """Raises ConfigError on a word that is none of those to choose from."""
    return {name: _account(name, account) for name, account in settings.accounts.items()}


def _account(name: str, account: Account) -> AccountConfig:
    where = f"accounts.{name}"
    return AccountConfig(
        limits=_limits(account.limits),
        currency=account.currency,
        capital=account.capital,
        cost_basis=CostBasis(_one_of(f"{where}.cost_basis", account.cost_basis, list(CostBasis))),
        native=tuple(
            OrdType(_one_of(f"{where}.native_types", t, list(OrdType)))
            for t in account.native_types
        ),
        currencies=account.currencies,
        correlations=tuple(
            (one, other, rho)
            for one, others in account.correlations.items()
            for other, rho in others.items()
        ),
        stops=tuple(_stops(where, account)),
        breakers=tuple(_breakers(where, account)),
        state_interval_ns=account.state_interval,
        adopt_unknown=_one_of(f"{where}.unknown_orders", account.unknown_orders, _UNKNOWN)
        == "adopt",
        var=_var(where, account),
        stress=scenarios(where, account),
    )


_UNKNOWN = ["adopt", "cancel"]


def _limits(limits: ScopedLimits) -> LimitTree:
    own = Limits(**{name: getattr(limits, name) for name in NAMES})
    scoped = {
        f"{scope}.{name}": inner
        for scope in SCOPES
        for name, inner in getattr(limits, scope).items()
    }
    return LimitTree(own, scoped)


def _stops(where: str, account: Account) -> list[StopRule]:
    return [
        StopRule(
            name,
            _one_of(f"{where}.stops.{name}.kind", stop.kind, list(KINDS)),
            stop.instruments,
            stop.distance,
            stop.period,
            stop.share,
        )
        for name, stop in account.stops.items()
    ]


def _breakers(where: str, account: Account) -> list[BreakerRule]:
    states = [TradingState.REDUCE_ONLY, TradingState.HALTED]
    return [
        BreakerRule(
            name,
            rule.measure,
            rule.limit,
            rule.window,
            TradingState(_one_of(f"{where}.breakers.{name}.then", rule.then, list(states))),
            rule.cool_down,
            rule.instruments,
        )
        for name, rule in account.breakers.items()
    ]


def _var(where: str, account: Account) -> VarRule | None:
    var = account.var
    if var is None:
        if limited(account, "max_var"):
            raise ConfigError(f"{where}.limits: max_var needs a measure; write [{where}.var]")
        return None
    method = Method(_one_of(f"{where}.var.method", var.method, list(Method)))
    decay = var.decay if method is Method.EWMA else None
    config = VarConfig(method, var.confidence, decay, var.scenarios, var.seed)
    return VarRule(config, var.period, var.length, var.least)


def _one_of(key: str, value: str, known: list[str]) -> str:
    if value not in known:
        raise ConfigError(f"{key} = {value!r}: use {', '.join(known)}")
    return value


def reference(settings: Settings) -> Reference:
    """What is known of instruments. Raises ConfigError where a session is named that is none of
    ``market.sessions``."""
    first, last = settings.market.session_years
    made = []
    for pattern, known in settings.instruments.items():
        hours = ALWAYS
        if known.session:
            session = settings.market.sessions.get(known.session)
            if session is None:
                raise ConfigError(
                    f"instruments.{pattern!r}.session {known.session!r}: there is no "
                    f"[market.sessions.{known.session!r}]"
                )
            hours = session.calendar(first, last)
        option = option_of(f"instruments.{pattern!r}.option", known)
        contract = Contract(known.currency, known.multiplier, known.inverse)
        instrument = Instrument(
            contract,
            known.tick,
            known.lot,
            known.min_notional,
            known.sector,
            known.margin,
            known.shortable,
            known.restricted,
            hours,
            option if isinstance(option, OptionTerms) else None,
            option if isinstance(option, OptionSymbols) else None,
        )
        made.append((pattern, instrument))
    return Reference(tuple(made))
