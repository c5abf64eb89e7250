"""The demonstration's processes: each a command of its own, with its words in a file.

A child that ends early is a failure whose last words are shown; at the end all are asked to stop,
in the order in which data flows.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from console.errors import Failure

_GRACE_S = 60  # a busy machine is no reason to kill what is storing its last rows
READY = "worker: ready"  # what a worker says when it folds; who started it waits for that


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Child:
    """``tickstream ARGUMENTS`` as a process; ``log`` takes what it prints."""

    def __init__(self, name: str, arguments: list[str], log: Path, env: Mapping[str, str]) -> None:
        self.name, self.log, self._told_to_end = name, log, False
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "console.main", *arguments],
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **env},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def check(self) -> None:
        """Raises Failure when the process ended with an error, and by itself."""
        code = self._process.poll()
        if code and not self._told_to_end:
            raise Failure(
                f"{self.name} ended with code {code}: {self.last_words()}\nsee {self.log}"
            )

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def says(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for one that does not listen."""
        self._told_to_end = True
        if self.running:
            self._process.terminate()
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL."""
        self._told_to_end = True
        self._process.kill()
        self._process.wait()
