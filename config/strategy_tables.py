"""[strategies.NAME] → a ``Strategy``; its ``kind`` chooses which keys it has, its sizing's as well.

A key that neither every strategy nor this kind has is an error that names the nearest.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from config.errors import ConfigError, nearest
from config.strategy import Common, GroupCommon, Strategy
from streams.operators.strategies.groups.kind import BOOKS
from streams.operators.strategies.groups.library import GROUP_KINDS
from streams.operators.strategies.kind import INSTRUMENT, Kind
from streams.operators.strategies.library import KINDS
from streams.operators.strategies.parameters import check
from streams.operators.strategies.sizing.library import SIZINGS
from streams.operators.strategies.sizing.risk_parity import RiskParity

SHIPPED = KINDS | GROUP_KINDS  # what comes with the system
Build = Callable[[Any, Any, str, str], Any]  # type, table, where, prefix


def strategies(
    tables: Any, kinds: Mapping[str, Kind], where: str, build: Build
) -> dict[str, Strategy]:
    """Raises ConfigError."""
    if not isinstance(tables, dict):
        raise ConfigError(f"{where}: [strategies] must be a table of tables: [strategies.NAME]")
    return {
        name: _one(table, kinds, where, f"strategies.{name}", build)
        for name, table in tables.items()
    }


def _one(table: Any, kinds: Mapping[str, Kind], where: str, key: str, build: Build) -> Strategy:
    kind = _chosen(table, kinds, where, key)
    shape = Common if kind.of == INSTRUMENT else GroupCommon
    common, own = ([f.name for f in fields(cls)] for cls in (shape, kind.params))
    known = [*common, "sizing", *own]
    for name in table:
        if name not in known:
            raise ConfigError(f"{where}: unknown key {key}.{name}{nearest(name, known)}")
    shared = build(shape, {n: v for n, v in table.items() if n in common}, where, key)
    params = build(kind.params, {n: v for n, v in table.items() if n in own}, where, key)
    _checked(params, where, key)
    if not 0 <= shared.rebalance <= 10:
        raise ConfigError(f"{where}: {key}.rebalance {shared.rebalance} must lie in 0 … 10")
    sizing = sizing_of(table.get("sizing", {}), where, f"{key}.sizing", build)
    _checked_sizing(kind, shared, sizing, where, f"{key}.sizing")
    made = Strategy(kind, shared.account, (), shared.enabled, shared.rebalance, params, sizing)
    if shape is Common:
        _checked_follows(kind, shared, where, key)
        return replace(made, instruments=shared.instruments, follows=shared.follows)
    return replace(made, group=shared.group, stale_after=shared.stale_after)


def _checked_follows(kind: Kind, shared: Common, where: str, key: str) -> None:
    if shared.follows and not kind.follows:
        raise ConfigError(f"{where}: {key}.follows: a strategy of kind {kind} follows nobody")
    if shared.account in shared.follows:
        raise ConfigError(
            f"{where}: {key}.follows names {shared.account}, its own account: it would answer its "
            "own fills without end"
        )


def _checked_sizing(kind: Kind, shared: Any, sizing: Any, where: str, key: str) -> None:
    """A rule must know what it asks of the strategy that it sizes."""
    rule = getattr(sizing, "base", sizing)
    if kind.of == BOOKS and rule.half_life_ns:
        raise ConfigError(
            f"{where}: {key}.kind = {rule.kind!r} needs a volatility, and a strategy on books "
            "measures none: use fixed or percent_risk"
        )
    if kind.of == BOOKS and sizing.hears:
        raise ConfigError(
            f"{where}: {key}.kind = {sizing.kind!r} needs an equity curve, and a strategy on books "
            "keeps none: use fixed, and limit the account's drawdown"
        )
    if not isinstance(rule, RiskParity):
        return
    if kind.of != INSTRUMENT and rule.covers:
        raise ConfigError(
            f"{where}: {key}.covers: the group's members share the risk; leave it out"
        )
    if kind.of == INSTRUMENT:
        alone = [name for name in shared.instruments if name not in rule.covers]
        if alone:
            raise ConfigError(
                f"{where}: {key}.covers does not name {alone[0]}, which the strategy trades: name "
                "every instrument that shares the risk, without patterns"
            )


def sizing_of(table: Any, where: str, key: str, build: Build) -> Any:
    """Raises ConfigError."""
    rule = _chosen(table, SIZINGS, where, key)
    if "base" in table:  # a rule that scales another
        table = {**table, "base": sizing_of(table["base"], where, f"{key}.base", build)}
    made = build(rule, table, where, key)
    _checked(made, where, key)
    return made


def _chosen(table: Any, known: Mapping[str, Any], where: str, key: str) -> Any:
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: [{key}] must be a table")
    kind = table.get("kind")
    if kind is None:
        raise ConfigError(f"{where}: [{key}] lacks kind: one of {', '.join(known)}")
    if kind not in known:
        raise ConfigError(
            f"{where}: {key}.kind = {kind!r}: unknown{nearest(str(kind), list(known))}"
        )
    return known[kind]


def _checked(params: Any, where: str, key: str) -> None:
    try:
        check(params)
    except ValueError as error:
        raise ConfigError(f"{where}: {key}: {error}") from error
