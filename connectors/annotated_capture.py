"""Captures as the cryptofeed library writes them: raw messages with what was said to the venue.

    wss://ws.kraken.com <-> 1618678132.38           the line was opened
    wss://ws.kraken.com <- 1618678132.82: {…}       sent to the venue
    1618678132.92: {…}                              came from it
    https://…/AssetPairs -> 1618678132.35: {…}      the answer to a REST request
    configuration: {…}                              what the recorder was asked for

A folder of such files is one capture: its lines are merged by time, so a REST snapshot that lies in
a file of its own meets the diffs that it belongs to. The venue shows in the addresses.
"""

import heapq
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from connectors.bitfinex.codec import BitfinexCodec
from connectors.bitstamp.codec import BitstampCodec
from connectors.codec import Codec, seconds_ns
from connectors.coinbase.codec import CoinbaseCodec
from connectors.compressed import Tell, head, lines, nobody
from connectors.events import Rejected
from connectors.gemini.codec import GeminiCodec
from connectors.kraken.codec import KrakenCodec
from connectors.okx.codec import OkxCodec
from connectors.piece import Piece

CODECS: dict[str, Callable[[], Codec]] = {
    "kraken.com": KrakenCodec,
    "coinbase.com": CoinbaseCodec,
    "pro.coinbase.com": CoinbaseCodec,
    "okx.com": OkxCodec,
    "bitstamp.net": BitstampCodec,
    "bitfinex.com": BitfinexCodec,
    "gemini.com": GeminiCodec,
}
_LINE = re.compile(
    rb"(?:(?P<url>(?:wss|https)://\S+) (?P<arrow><->|<-|->) )?(?P<at>\d{9,11}(?:\.\d{1,9})?)"
    rb"(?:: (?P<body>.*))?",
    re.DOTALL,
)
_CONFIGURATION = b"configuration: "


class _Line(NamedTuple):
    at: int
    number: int
    url: str
    arrow: str
    body: bytes
    problem: str


def venue_of(path: Path) -> str | None:
    """The venue's host of such a capture, by its first line; None when it is something else."""
    match = _LINE.fullmatch(head(path, 1 << 12).partition(b"\n")[0].partition(b": ")[0])
    if match is None or not match["url"]:
        return None
    host = match["url"].decode(errors="replace").partition("://")[2].partition("/")[0]
    host = host.partition(":")[0]
    return next((name for name in CODECS if host.endswith("." + name)), None)


def recognise(path: Path) -> str | None:
    """What such a file, or a folder of them, is called; None when it is something else."""
    files = _files(path)
    return f"annotated capture of {venue_of(files[0])}" if files else None


def _files(path: Path) -> list[Path]:
    """The captures of one venue that a file or folder is."""
    files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    venues = {file: venue_of(file) for file in files}
    first = next((venue for venue in venues.values() if venue), None)
    return [file for file, venue in venues.items() if venue and venue == first]


def pieces(path: Path, tell: Tell = nobody) -> Iterator[Piece]:
    """Every line of the file, or of the folder's files, in the order of time, with the events it
    gave."""
    files = _files(path)
    codec = CODECS[venue_of(files[0]) or ""]()
    merged = heapq.merge(*(_read(file, tell) for file in files), key=lambda line: line.at)
    for number, line in enumerate(merged, 1):
        piece = Piece(number, line.at)
        if line.problem:
            piece.found.append(Rejected(line.problem, line.body))
        elif line.arrow == "->":
            piece.found += codec.answer(line.url, line.body, line.at)
        elif not line.arrow and line.body:
            piece.found += codec.receive(line.body, line.at)
        yield piece


def _read(path: Path, tell: Tell) -> Iterator[_Line]:
    last = 0
    for number, raw, problem in lines(path, tell):
        if problem:
            yield _Line(last, number, "", "", b"", problem)
        elif raw.strip() and not raw.startswith(_CONFIGURATION):
            line = _parse(path, number, raw, last)
            last = max(last, line.at)
            yield line._replace(at=last)


def _parse(path: Path, number: int, raw: bytes, last: int) -> _Line:
    match = _LINE.fullmatch(raw.rstrip(b"\r"))
    if match is None:
        problem = f"{path.name}: line {number} is not 'seconds: message'"
        return _Line(last, number, "", "", raw, problem)
    url, arrow = (match[name] or b"" for name in ("url", "arrow"))
    at = seconds_ns(match["at"].decode())
    return _Line(at, number, url.decode(errors="replace"), arrow.decode(), match["body"] or b"", "")
