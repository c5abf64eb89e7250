"""The key that signs approvals: from the environment, or a file that only its owner can read."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from config.errors import ConfigError
from streams.operators.risk.signing import SigningKey

VARIABLE, FILE_VARIABLE = "TICKSTREAM_RISK_KEY", "TICKSTREAM_RISK_KEY_FILE"

# A replay sends nothing to anyone; with one key for all, its hashes are the same everywhere.
REPLAY_KEY = SigningKey("replay", b"tickstream replay")


def load_key(home: Path, environment: Mapping[str, str] = os.environ) -> SigningKey:
    """``$TICKSTREAM_RISK_KEY``, or the file (default ``home/risk.key``, made on first use with
    mode 0600). Raises ConfigError when others may read the file or it is empty."""
    if secret := environment.get(VARIABLE):
        return SigningKey("environment", secret.encode())
    path = Path(environment.get(FILE_VARIABLE) or home / "risk.key")
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"{path}: others may read the signing key; run chmod 600 {path}")
    secret_bytes = path.read_bytes().strip()
    if not secret_bytes:
        raise ConfigError(f"{path}: is empty; remove it and a new key is made")
    return SigningKey(path.stem, secret_bytes)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
