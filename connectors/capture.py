"""Captures: all that came on a feed's line, in a compressed file that plays like the feed itself.

    configuration: {…}                    the venue, and the instruments as they were listed
    wss://ws.kraken.com <-> 1618678132.38 the line was opened
    1618678132.92: {…}                    a message
    https://…/depth?… -> 1618678134.35: … the answer to a request
    wss://ws.kraken.com <x> 1618678139.1: the line broke, and why

This is the form of the cryptofeed library, with the end of a line added; ``annotated_capture.py``
reads both. What we send is left out, because keys may be in it.

Gzip (``.gz``) or Zstandard (``.zst``). The writer closes a gzip member, or a zstd frame, every
second, so that a killed process loses at most its last second and leaves a file that any tool
reads.
"""

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from connectors.events import Instrument

_FLUSH_NS = 10**9


@dataclass(slots=True)
class CaptureWriter:
    """Appends to a capture file; times are in ns, line breaks in messages become spaces."""

    path: Path
    _file: BinaryIO = field(init=False)
    _lines: list[bytes] = field(default_factory=list)
    _since: int = 0

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("ab")

    def begins(
        self,
        venue: str,
        place: tuple[str, str],
        feed: str,
        stale_ns: int,
        listed: dict[str, Instrument],
    ) -> None:
        """A process begins a feed: what its session is made of, ``place`` being the addresses."""
        made: dict[str, Any] = {"venue": venue, "place": place, "feed": feed, "stale_ns": stale_ns}
        made["instruments"] = {symbol: list(i) for symbol, i in listed.items()}
        self._lines.append(b"configuration: %b\n" % json.dumps(made).encode())

    def opened(self, url: str, at: int) -> None:
        self._write(b"%b <-> %b" % (url.encode(), _seconds(at)), at)

    def received(self, data: bytes, at: int) -> None:
        self._write(b"%b: %b" % (_seconds(at), data), at)

    def answered(self, url: str, body: bytes, at: int) -> None:
        self._write(b"%b -> %b: %b" % (url.encode(), _seconds(at), body), at)

    def closed(self, url: str, why: str, at: int) -> None:
        self._write(b"%b <x> %b: %b" % (url.encode(), _seconds(at), why.encode()), at)

    def _write(self, line: bytes, at: int) -> None:
        self._lines.append(line.replace(b"\n", b" ") + b"\n")
        self._since = self._since or at
        if at - self._since >= _FLUSH_NS:
            self.flush()

    def flush(self) -> None:
        if self._lines:
            block = b"".join(self._lines)
            zstd = self.path.suffix == ".zst"
            self._file.write(zstandard.compress(block) if zstd else gzip.compress(block, 6))
            self._file.flush()
        self._lines, self._since = [], 0

    def close(self) -> None:
        self.flush()
        self._file.close()


def _seconds(at: int) -> bytes:
    return b"%d.%09d" % divmod(at, 10**9)
