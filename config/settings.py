"""From a TOML file to the typed tree; read once at the edge and passed down as plain values.

``default.toml`` holds every key. A user's file is laid over it, the environment over both. An
unknown key or a value of the wrong type is an error that names the file, the key and the nearest
known one.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from config import user_strategies
from config.checks import check
from config.errors import ConfigError, nearest
from config.period import Period
from config.strategy import Strategy
from config.strategy_tables import SHIPPED, strategies
from config.tree import Settings
from streams.operators.market.bars import period_ns
from streams.operators.strategies.kind import Kind

DEFAULT = Path(__file__).parent / "default.toml"

ENVIRONMENT = {
    "TICKSTREAM_BROKER": ("broker", "bootstrap"),
    "TICKSTREAM_REGISTRY": ("registry", "url"),
    "TICKSTREAM_CLICKHOUSE": ("clickhouse", "target"),
    "TICKSTREAM_LAKE": ("archive", "folder"),
    "TICKSTREAM_MODELS": ("models_registry", "folder"),
}

T = TypeVar("T")


def load(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The defaults, with ``path`` (or ``$TICKSTREAM_CONFIG``) and the environment laid over.
    Raises ConfigError."""
    tree = _read(DEFAULT)
    chosen = path or (Path(p) if (p := environment.get("TICKSTREAM_CONFIG")) else None)
    where = str(chosen or DEFAULT)
    if chosen:
        tree = _laid_over(tree, _read(chosen))
    for name, (section, key) in ENVIRONMENT.items():
        if value := environment.get(name):
            tree[section][key] = value
    tree["strategies"] = strategies(tree["strategies"], _kinds(tree), where, _build)
    settings = _build(Settings, tree, where, "")
    check(settings, where)
    return settings


def load_table(cls: type[T], name: str, path: Path) -> T:
    """The one table of a file of its own, as an experiment's. Raises ConfigError."""
    tree = _read(path)
    for key in tree:
        if key != name:
            raise ConfigError(f"{path}: unknown key {key}{nearest(key, [name])}")
    return _build(cls, tree.get(name, {}), str(path), name)


def strategy_of(table: dict[str, Any], kinds: Mapping[str, Kind], name: str) -> Strategy:
    """A table ``[strategies.NAME]`` that stands in no file. Raises ConfigError."""
    return strategies({name: table}, kinds, "command line", _build)[name]


def _kinds(tree: dict[str, Any]) -> dict[str, Kind]:
    """Files of a user's own are read only where a strategy is configured that does not come with
    the system. Raises ConfigError where it is in none of them."""
    wanted = [t["kind"] for t in tree["strategies"].values() if isinstance(t, dict) and "kind" in t]
    if all(kind in SHIPPED for kind in wanted):
        return SHIPPED
    folder = Path(str(tree["user_strategies"]["folder"]))
    found = user_strategies.in_folder(folder)
    if found.problems and any(kind not in SHIPPED | found.kinds for kind in wanted):
        raise ConfigError("; ".join(map(str, found.problems)))
    return SHIPPED | found.kinds


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error


def _laid_over(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    if over.get("kind", base.get("kind")) != base.get("kind"):
        return over  # a table of another kind has other keys
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _laid_over(base[key], value) if both else value
    return merged


def _build(cls: type[T], tree: Any, where: str, prefix: str) -> T:
    if not isinstance(tree, dict):
        raise ConfigError(f"{where}: [{prefix}] must be a table")
    hints = get_type_hints(cls)
    wanted = fields(cls)  # type: ignore[arg-type]
    names = [f.name for f in wanted]
    for key in tree:
        if key not in names:
            raise ConfigError(f"{where}: unknown key {_dotted(prefix, key)}{nearest(key, names)}")
    missing = [f.name for f in wanted if f.name not in tree and _is_needed(f)]
    if missing:
        raise ConfigError(f"{where}: [{prefix}] lacks {', '.join(missing)}")
    return cls(**{n: _value(hints[n], v, where, _dotted(prefix, n)) for n, v in tree.items()})


def _is_needed(wanted: Field[Any]) -> bool:
    return wanted.default is MISSING and wanted.default_factory is MISSING


def _value(hint: Any, value: Any, where: str, key: str) -> Any:
    if hint is Any:  # made already, as its kind says
        return value
    if get_origin(hint) is UnionType:
        choices = [each for each in get_args(hint) if each is not NoneType]
        if len(choices) > 1:
            return _one_of(choices, value, where, key)
        hint = choices[0]  # something, or not given
    if is_dataclass(hint) and isinstance(hint, type):
        return value if isinstance(value, hint) else _build(hint, value, where, key)
    if get_origin(hint) is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: [{key}] must be a table")
        inner = get_args(hint)[1]
        return {name: _value(inner, v, where, _dotted(key, name)) for name, v in value.items()}
    try:
        return _scalar(hint, value)
    except (ValueError, TypeError, InvalidOperation) as error:
        reason = str(error) if isinstance(error, ValueError) else "wrong type"
        raise ConfigError(f"{where}: {key} = {value!r}: {reason}") from error


def _one_of(choices: list[type[Any]], value: Any, where: str, key: str) -> Any:
    """A table whose ``kind`` says of which class it is."""
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: [{key}] must be a table")
    kinds = {cls.kind: cls for cls in choices}
    kind = value.get("kind")
    if kind not in kinds:
        raise ConfigError(f"{where}: {key}.kind {kind!r}{nearest(str(kind), list(kinds))}")
    rest = {name: inner for name, inner in value.items() if name != "kind"}
    return _build(kinds[kind], rest, where, key)


def _scalar(hint: Any, value: Any) -> Any:
    if hint is Period:
        return Period(period_ns(value))
    if hint is Decimal:
        if not isinstance(value, str):
            raise ValueError("write it as a string, so that it stays exact")
        return Decimal(value)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ValueError("must be a list")
        return tuple(_scalar(get_args(hint)[0], item) for item in value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ValueError(f"must be of type {hint.__name__}")
    return value


def _dotted(prefix: str, key: str) -> str:
    return f"{prefix}.{key}" if prefix else key
