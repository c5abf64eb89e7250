"""Captures: every raw message of a feed in a compressed file, a line each.

    receive time in ns, a space, the message as it came

Gzip (``.gz``) or Zstandard (``.zst``). The writer closes a gzip member, or a zstd frame, every
second, so that a killed process loses at most its last second and leaves a file that any tool
reads. The reader gives what lies before a damaged place, and then says what is damaged.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import zstandard

from connectors.compressed import Tell, lines, nobody

_FLUSH_NS = 10**9


class Line(NamedTuple):
    """``number`` counts from 1; ``problem`` says why a line could not be read, else it is empty."""

    number: int
    at: int
    data: bytes
    problem: str = ""


class CaptureWriter:
    """Appends to a capture file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        self._zstd = path.suffix == ".zst"
        self._lines: list[bytes] = []
        self._since = 0

    def write(self, data: bytes, at: int) -> None:
        """A message and its receive time in ns; line breaks inside it become spaces."""
        self._lines.append(b"%d %b\n" % (at, data.replace(b"\n", b" ")))
        self._since = self._since or at
        if at - self._since >= _FLUSH_NS:
            self.flush()

    def flush(self) -> None:
        if self._lines:
            block = b"".join(self._lines)
            packed = zstandard.compress(block) if self._zstd else gzip.compress(block, 6)
            self._file.write(packed)
            self._file.flush()
        self._lines, self._since = [], 0

    def close(self) -> None:
        self.flush()
        self._file.close()


def read(path: Path, tell: Tell = nobody) -> Iterator[Line]:
    """Every line of a capture; memory stays flat. Raises OSError when there is no such file."""
    last = 0
    for number, raw, problem in lines(path, tell):
        line = Line(number, last, b"", problem) if problem else _parse(path, number, raw, last)
        last = line.at
        yield line


def _parse(path: Path, number: int, raw: bytes, last: int) -> Line:
    at, space, data = raw.rstrip(b"\r").partition(b" ")
    if not space or not at.isdigit() or len(at) > 19:
        problem = f"{path.name}: line {number} is not 'receive time, space, message'"
        return Line(number, last, raw, problem)
    return Line(number, int(at), data)
