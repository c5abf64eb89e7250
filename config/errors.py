"""What may be wrong with a configuration."""

import difflib


class ConfigError(Exception):
    """A configuration that cannot be used: which key, where, and what to write instead."""


def nearest(key: str, names: list[str]) -> str:
    """Which of the names was meant."""
    near = difflib.get_close_matches(key, names, 1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(names)}"
