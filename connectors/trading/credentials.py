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
    """``extra`` is a venue's third word, such as a passphrase or an account id; mostly empty."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    extra: str = field(default="", repr=False)


def load_credentials(
    account: str,
    home: Path,
    environment: Mapping[str, str] = os.environ,
    key_alone: bool = False,
) -> Credentials:
    """``key_alone``: for a vendor that has no secret beside the key. Raises KeysError."""
    prefix = f"TICKSTREAM_{re.sub('[^A-Z0-9]', '_', account.upper())}"
    key, secret = environment.get(f"{prefix}_KEY"), environment.get(f"{prefix}_SECRET")
    if key and (secret or key_alone):
        return Credentials(key, secret or "", environment.get(f"{prefix}_EXTRA", ""))
    path = Path(environment.get(f"{prefix}_KEYS_FILE") or home / "keys" / account)
    if not path.is_file():
        raise KeysError(
            f"account {account}: no keys; set {prefix}_KEY and {prefix}_SECRET, or write "
            f"'key = …' and 'secret = …' into {path} and run chmod 600 {path}"
        )
    return _read(path, key_alone)


def _read(path: Path, key_alone: bool) -> Credentials:
    if path.stat().st_mode & 0o077:
        raise KeysError(f"{path}: others may read the keys; run chmod 600 {path}")
    pairs = (line.partition("=") for line in path.read_text().splitlines())
    words = {name.strip(): value.strip().strip("\"'") for name, sign, value in pairs if sign}
    if not (words.get("key") and (words.get("secret") or key_alone)):
        raise KeysError(f"{path}: needs the lines 'key = …' and 'secret = …'")
    return Credentials(words["key"], words.get("secret", ""), words.get("extra", ""))
