"""``kernel``: numba's njit with a cache that is never stale.

numba looks only at the file of a compiled function, so a kernel that calls a changed one in
another file would go on running the old code. Here the cache folder is named after the content
of all source files that hold kernels: any change starts a new one. It lies in the user's cache
(or ``$TICKSTREAM_CACHE``), so an installation that cannot be written to is fine too.
"""

import hashlib
import os
from pathlib import Path

import numba

_ROOT = Path(__file__).parent.parent
_FOLDERS = ("schemas", "streams", "connectors/sim", "connectors/itch")


def cache_home() -> Path:
    """Where this program keeps what it can make again."""
    return Path(os.environ.get("TICKSTREAM_CACHE") or Path.home() / ".cache" / "tickstream")


def _sources_hash() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for folder in _FOLDERS:
        for path in sorted((_ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


numba.config.CACHE_DIR = str(cache_home() / "numba" / _sources_hash())

kernel = numba.njit(cache=True)
inlined = numba.njit(cache=True, inline="always")
