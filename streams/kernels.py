"""``kernel``: numba's njit without reference counts, with a cache that is never stale.

A kernel works on arrays that its caller holds, so it need not count who uses them: with counts, a
message about an order cost four times as much, for each array read from a named tuple is one up and
one down. What makes an array of its own is ``allocating``; numba refuses it in any other. What is
``inlined`` LLVM puts into its callers: numba's own inlining gives the same speed, and takes a third
longer to compile everything.

A ``formula`` (and what is ``inlined_formula`` into it) is a kernel of floats in which a division by
zero gives inf or NaN, as IEEE 754 has it, where any other raises ZeroDivisionError: without a
branch and a way out at each division the indicators take a tenth less time.

numba looks only at the file of a compiled function, so a kernel that calls a changed one in
another file would go on running the old code. Here the cache folder is named after the content
of all source files that hold kernels and of what these import: any change there starts a new one.
It lies in the user's cache (or ``$TICKSTREAM_CACHE``), so an installation that cannot be written
to is fine too.
"""

import hashlib
import os
import re
from pathlib import Path

import numba

_ROOT = Path(__file__).parent.parent
_FOLDERS = ("schemas", "streams", "connectors/sim", "connectors/itch")


def cache_home() -> Path:
    """Where this program keeps what it can make again."""
    return Path(os.environ.get("TICKSTREAM_CACHE") or Path.home() / ".cache" / "tickstream")


_IMPORT = re.compile(rb"^from ([\w.]+) import (\([^)]*\)|.*)", re.MULTILINE)


def _sources() -> list[Path]:
    """Files that hold kernels, and every file of ours that these import."""
    files = [path for folder in _FOLDERS for path in sorted((_ROOT / folder).rglob("*.py"))]
    found = {path: b"streams.kernels import" in path.read_bytes() for path in files}
    waiting = [path for path, holds in found.items() if holds]
    while waiting:
        for path in _imported(waiting.pop().read_bytes()):
            if not found.get(path, True):
                found[path] = True
                waiting.append(path)
    return [path for path in files if found[path]]


def _imported(source: bytes) -> list[Path]:
    """``from a.b import c`` may name the file a/b.py or a/b/c.py."""
    modules = [(m, re.findall(rb"\w+", names)) for m, names in _IMPORT.findall(source)]
    paths = [b"/".join(m.split(b".")) for m, _ in modules]
    paths += [b"/".join([*m.split(b"."), name]) for m, names in modules for name in names]
    return [_ROOT / f"{path.decode()}.py" for path in paths]


def _sources_hash() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in _sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


numba.config.CACHE_DIR = str(cache_home() / "numba" / _sources_hash())

kernel = numba.njit(cache=True, _nrt=False)
inlined = numba.njit(cache=True, _nrt=False, forceinline=True)
formula = numba.njit(cache=True, _nrt=False, error_model="numpy")
inlined_formula = numba.njit(cache=True, _nrt=False, forceinline=True, error_model="numpy")
allocating = numba.njit(cache=True, _nrt=True)
