"""[groups], and the strategies that trade one: what operators are told of them."""

from collections.abc import Mapping

from config.errors import ConfigError, nearest
from config.features import Wanted
from config.strategy import Strategy
from config.tree import Settings
from streams.operators.execution.venue_quotes import Costs
from streams.operators.market.bars import parse
from streams.operators.strategies.config import StrategyConfig
from streams.operators.strategies.groups.config import GroupConfig, GroupStrategiesConfig
from streams.operators.strategies.groups.kind import BOOKS
from streams.operators.strategies.kind import INSTRUMENT

_TIME = "time"


def check_groups(settings: Settings, where: str) -> None:
    """Raises ConfigError."""
    for name, members in settings.groups.items():
        if name in settings.baskets:
            raise ConfigError(f"{where}: groups.{name}: a basket has that name; choose another")
        if len(members) < 2 or len(dict.fromkeys(members)) < len(members):
            raise ConfigError(f"{where}: groups.{name} needs at least two instruments, each once")
    for name, strategy in settings.strategies.items():
        if strategy.kind.of != INSTRUMENT:
            _check_strategy(settings, f"{where}: strategies.{name}", strategy)


def _check_strategy(settings: Settings, where: str, strategy: Strategy) -> None:
    group, kind = strategy.group, strategy.kind
    known = settings.groups | (settings.baskets if kind.of == BOOKS else {})
    if group not in known:
        raise ConfigError(
            f"{where}.group {group!r} is not in [groups]{nearest(group, list(known))}"
        )
    count, (least, most) = len(known[group]), kind.members
    if not least <= count <= most:
        raise ConfigError(f"{where}: {group} has {count} members; {kind} needs {least} … {most}")
    if strategy.stale_after <= 0:
        raise ConfigError(f"{where}.stale_after must be longer than nothing")
    if kind.of != BOOKS and parse(settings.features.bar).kind != _TIME:
        raise ConfigError(
            f"{where}: members of a group meet at bar times; make features.bar a bar of time, not "
            f"{settings.features.bar}"
        )


def strategy_config(
    settings: Settings, name: str, instruments: tuple[str, ...], wanted: Wanted
) -> StrategyConfig:
    its = settings.strategies[name]
    asked = {one: settings.strategies[one] for one in its.kind.asks(its.params)}
    return StrategyConfig(
        name,
        its.kind,
        its.params,
        its.account,
        instruments,
        its.sizing,
        wanted.columns[name],
        settings.accounts[its.account].capital,
        its.rebalance,
        tuple(strategy_config(settings, n, one.instruments, wanted) for n, one in asked.items()),
        its.follows,
    )


def group_strategies(settings: Settings, wanted: Wanted, costs: Costs) -> GroupStrategiesConfig:
    made = []
    for name, its in _enabled(settings).items():
        members = (settings.groups | settings.baskets)[its.group]
        made.append(
            GroupConfig(
                strategy_config(settings, name, members, wanted),
                its.group,
                members,
                its.stale_after,
                tuple(costs.of(member) for member in members),
            )
        )
    return GroupStrategiesConfig(tuple(made))


def groups_of(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """Instrument → the groups that it is a member of."""
    return _by_member(settings.groups)


def book_groups_of(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """The same of groups that a strategy acts in on books."""
    acted = [its.group for its in _enabled(settings).values() if its.kind.of == BOOKS]
    return _by_member({n: members for n, members in settings.groups.items() if n in acted})


def _by_member(groups: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group, members in groups.items():
        for member in members:
            found[member] = (*found.get(member, ()), group)
    return found


def hearers(settings: Settings) -> Mapping[str, str]:
    """Strategy → its group, which is told what becomes of its orders; a basket is told anyway."""
    enabled = _enabled(settings).items()
    return {n: its.group for n, its in enabled if its.hears and its.group in settings.groups}


def _enabled(settings: Settings) -> dict[str, Strategy]:
    strategies = settings.strategies.items()
    return {n: its for n, its in strategies if its.enabled and its.kind.of != INSTRUMENT}
