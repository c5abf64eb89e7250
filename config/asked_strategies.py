"""Strategies that ask others, as an ensemble does: which ones think, whether they trade or not."""

from collections.abc import Mapping

from config.errors import nearest
from config.strategy import Strategy
from streams.operators.strategies.kind import INSTRUMENT


def thinking(strategies: Mapping[str, Strategy]) -> dict[str, Strategy]:
    """Those that are enabled, and those that one of them asks. Raises ValueError where one asks
    somebody that cannot answer."""
    enabled = {name: its for name, its in strategies.items() if its.enabled}
    asked = {
        member
        for name, its in enabled.items()
        for member in its.kind.asks(its.params)
        if _can_answer(name, member, strategies)
    }
    return {name: its for name, its in strategies.items() if name in enabled or name in asked}


def _can_answer(name: str, member: str, strategies: Mapping[str, Strategy]) -> bool:
    where = f"strategies.{name}"
    if member not in strategies:
        raise ValueError(
            f"{where}: there is no [strategies.{member}]{nearest(member, list(strategies))}"
        )
    its = strategies[member]
    if its.kind.of != INSTRUMENT:
        raise ValueError(f"{where}: {member} trades a group, and cannot be asked")
    if its.kind.asks(its.params):
        raise ValueError(f"{where}: {member} asks others itself; name those that it asks instead")
    if its.kind.hears:
        raise ValueError(
            f"{where}: {member} works with orders of its own; only strategies that want a position "
            "can be asked"
        )
    return True
