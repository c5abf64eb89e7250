"""The kill switch by file: who may write into a folder can stop all trading, with nothing but
``touch var/KILL``.

Every process that trades watches the file. What it makes known is named by the file's time, so
many processes and restarts make one kill switch of it. When the file goes, nothing happens: a
person lets trading go on (``tickstream desk release``).
"""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

from config.tree import Settings
from console.output import say
from schemas.codec import Codec
from schemas.inbox import KillSwitch
from streams.cause import Cause
from streams.kafka import KafkaWriter
from streams.log import LogError, Writer

WRITER = "kill-file"
FLATTEN = "flatten"
_EVERY_S = 0.2


class KillFile:
    """``writer`` makes a new one: a writer that once failed takes nothing any more."""

    def __init__(
        self, path: Path, accounts: tuple[str, ...], codec: Codec, writer: Callable[[], Writer]
    ) -> None:
        self._path, self._accounts = path, accounts
        self._codec, self._writer = codec, writer
        self._done_ns = 0

    def check(self) -> bool:
        """Engages the kill switch of every account if the file is there and was not acted upon.
        Raises LogError, and tries again the next time, when the log does not take it."""
        stamp = self._stamp()
        if stamp is None or stamp == self._done_ns:
            return False
        writer = self._writer()
        for index, account in enumerate(self._accounts):
            switch = KillSwitch(account, stamp, True, WRITER, str(self._path), self._flattens())
            cause = Cause(WRITER, WRITER, stamp, index)
            writer.send("orders", account, self._codec.encode(switch), cause)
        writer.flush()
        self._done_ns = stamp
        return True

    def _stamp(self) -> int | None:
        """When it came or was changed last. A file that was moved here keeps the time of its
        content, and an old one must stop trading too; the time of its entry is new."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return max(found.st_mtime_ns, found.st_ctime_ns)

    def _flattens(self) -> bool:
        """A file that cannot be read stops trading all the same."""
        try:
            return self._path.read_text(errors="replace").strip().lower() == FLATTEN
        except OSError:
            return False


def watch(settings: Settings, bootstrap: str, codec: Codec) -> None:
    """From a thread of its own, for as long as the process lives. The folder is made, so that
    ``touch`` works when it must."""
    path = Path(settings.worker.kill_file)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    accounts = tuple(settings.accounts)
    file = KillFile(path, accounts, codec, lambda: KafkaWriter(bootstrap, linger_ms=0))
    threading.Thread(target=_watch, args=(file, path), name="kill-file", daemon=True).start()


def _watch(file: KillFile, path: Path) -> None:
    while True:
        try:
            if file.check():
                say(f"kill switch: {path} is there; every account is stopped")
        except LogError as error:
            say(f"kill switch: {path} is there, but {error}")
        time.sleep(_EVERY_S)
