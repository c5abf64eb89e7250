"""An account's keys at its venue: from the environment, or a file that only its owner can read.

``TICKSTREAM_<ACCOUNT>_KEY`` and ``…_SECRET`` (and ``…_EXTRA``, where a venue has a third), or the
file in ``TICKSTREAM_<ACCOUNT>_KEYS_FILE`` (default ``var/keys/<account>``) with ``key = …`` and
``secret = …``, a line each. They are in no ``repr``, no log and no error.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class KeysError(Exception):
    """Keys that are missing or that others may read: which, and what to do."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """``secret`` is the key again where the venue gives one word only; ``extra`` is a venue's third
    word, such as a passphrase or an account id; mostly empty."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    extra: str = field(default="", repr=False)


def load_credentials(
    account: str,
    home: Path,
    environment: Mapping[str, str] = os.environ,
    secret: bool = True,
) -> Credentials:
    """``secret`` says that the venue gives two words, not one. Raises KeysError."""
    prefix = f"TICKSTREAM_{re.sub('[^A-Z0-9]', '_', account.upper())}"
    names = ("KEY", "SECRET") if secret else ("KEY",)
    words = [environment.get(f"{prefix}_{name}", "") for name in names]
    if all(words):
        return Credentials(words[0], words[-1], environment.get(f"{prefix}_EXTRA", ""))
    path = Path(environment.get(f"{prefix}_KEYS_FILE") or home / "keys" / account)
    if not path.is_file():
        variables = " and ".join(f"{prefix}_{name}" for name in names)
        raise KeysError(
            f"account {account}: no keys; set {variables}, or write {_lines(names)} into {path} "
            f"and run chmod 600 {path}"
        )
    return _read(path, names)


def _lines(names: tuple[str, ...]) -> str:
    return " and ".join(f"'{name.lower()} = …'" for name in names)


def _read(path: Path, names: tuple[str, ...]) -> Credentials:
    if path.stat().st_mode & 0o077:
        raise KeysError(f"{path}: others may read the keys; run chmod 600 {path}")
    pairs = (line.partition("=") for line in path.read_text().splitlines())
    words = {name.strip(): value.strip().strip("\"'") for name, sign, value in pairs if sign}
    found = [words.get(name.lower(), "") for name in names]
    if not all(found):
        raise KeysError(f"{path}: needs the lines {_lines(names)}")
    return Credentials(found[0], found[-1], words.get("extra", ""))
