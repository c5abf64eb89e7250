"""``tickstream config show``: the configuration in force, without secrets."""

import dataclasses
from typing import Any

from config.models_tree import as_tables
from config.period import Period
from config.tree import Settings
from sinks.clickhouse.errors import hide_password


def show(settings: Settings) -> dict[str, Any]:
    whole = {**dataclasses.asdict(settings), "models": as_tables(settings.models)}
    tree: dict[str, Any] = _plain(whole)
    tree["clickhouse"]["target"] = hide_password(settings.clickhouse.target)
    return tree


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, tuple):
        return [_plain(item) for item in node]
    if isinstance(node, Period):
        return _period(node)
    return node if isinstance(node, str | int | float | bool) else str(node)


def _period(ns: int) -> str:
    for unit, size in (("d", 86400e9), ("h", 3600e9), ("m", 60e9), ("s", 1e9)):
        if ns and ns % int(size) == 0:
            return f"{ns // int(size)}{unit}"
    return f"{ns // 10**6}ms"
