"""Writes TOML: strings, numbers, booleans, lists of them, and tables."""

import math
from collections.abc import Iterator
from typing import Any

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def dump(table: dict[str, Any]) -> str:
    """Raises TypeError on a value that has no form here."""
    return "\n".join(_lines(table, "")).strip() + "\n"


def _lines(table: dict[str, Any], prefix: str) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if isinstance(value, dict)}
    for key, value in table.items():
        if key not in inner:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in inner.items():
        name = f"{prefix}{_key(key)}"
        yield ""
        yield f"[{name}]"
        yield from _lines(value, f"{name}.")


def _key(key: str) -> str:
    bare = key and key.isascii() and key.replace("-", "_").replace("_", "a").isalnum()
    return key if bare else _text(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(float(value))
        case str():
            return _text(value)
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"no TOML form for {type(value).__name__}")


def _number(value: float) -> str:
    if math.isnan(value):
        return "nan"
    return repr(value) if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def _text(text: str) -> str:
    return '"' + "".join(map(_character, text)) + '"'


def _character(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return f"\\u{ord(char):04x}" if ord(char) < 32 or ord(char) == 127 else char
