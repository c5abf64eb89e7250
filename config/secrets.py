"""Secrets: from the environment, or from a file that only its owner can read; never printed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Secret:
    """``name`` is the variable that it came from; ``value`` stays out of every text."""

    name: str
    value: str = field(repr=False)


def load_secret(name: str, environment: Mapping[str, str] = os.environ) -> Secret:
    """``$NAME``, or the content of the file ``$NAME_FILE``. Raises ConfigError where there is
    neither, or others may read the file."""
    if value := environment.get(name, "").strip():
        return Secret(name, value)
    where = environment.get(f"{name}_FILE", "")
    if not where:
        raise ConfigError(f"set ${name}, or ${name}_FILE to a file that holds it, with mode 0600")
    return Secret(name, _read(name, Path(where)))


def _read(name: str, path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{path}: others may read the secret; run chmod 600 {path}")
        value = path.read_text().strip()
    except OSError as error:
        raise ConfigError(f"${name}_FILE {path}: cannot be read: {error.strerror}") from error
    if not value:
        raise ConfigError(f"${name}_FILE {path}: is empty")
    return value
