"""Captures, ours and those of the cryptofeed library, played by the session of the live feed.

    wss://ws.kraken.com <-> 1618678132.38           the line was opened
    wss://ws.kraken.com <- 1618678132.82: {…}       sent to the venue (cryptofeed)
    1618678132.92: {…}                              came from it
    https://…/AssetPairs -> 1618678132.35: {…}      the answer to a REST request
    wss://ws.kraken.com <x> 1618678139.1: why       the line broke (ours)
    poll:https://… <-> 1618678132.38                a vendor that is only asked (ours)
    configuration: {…}                              what the recorder was asked for

A folder of such files is one capture: its lines are merged by time. A file with a line of its own
has a session of its own; answers that lie in a file alone go to the first session, so that they
meet the diffs that they belong to. The venue shows in the configuration, or in the addresses.
"""

import heapq
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from connectors.codec import seconds_ns
from connectors.compressed import Tell, head, lines, nobody
from connectors.events import Instrument, Rejected
from connectors.market_session import MarketSession
from connectors.piece import Piece
from connectors.session import Step
from connectors.venue import Place
from connectors.venues import VENUES, by_address

_LINE = re.compile(
    rb"(?:(?P<url>(?:poll:)?(?:wss?|https?)://\S+) (?P<arrow><->|<-|->|<x>) )?"
    rb"(?P<at>\d{9,11}(?:\.\d{1,9})?)"
    rb"(?:: (?P<body>.*))?",
    re.DOTALL,
)
_CONFIGURATION = b"configuration: "
_HEAD = 1 << 20
_NEVER = 1 << 62  # cryptofeed's recordings say nothing of staleness


class _Line(NamedTuple):
    at: int
    number: int
    url: str
    arrow: str
    body: bytes
    problem: str
    file: int = 0


def venue_of(path: Path) -> str | None:
    """The word of the venue of such a capture, by its first line; None for something else."""
    first = head(path, _HEAD).partition(b"\n")[0]
    if made := _configured(first):
        return str(made["venue"])
    match = _LINE.fullmatch(first.partition(b": ")[0])
    return by_address(match["url"].decode(errors="replace")) if match and match["url"] else None


def _configured(raw: bytes) -> dict[str, Any] | None:
    """What our own recorder was asked for."""
    if not raw.startswith(_CONFIGURATION):
        return None
    try:
        made = json.loads(raw.removeprefix(_CONFIGURATION))
        return made if made.get("venue") in VENUES else None
    except (ValueError, AttributeError):
        return None


def recognise(path: Path) -> str | None:
    """What such a file, or a folder of them, is called; None when it is something else."""
    files = _files(path)
    word = venue_of(files[0]) if files else None
    return f"annotated capture of {VENUES[word].title}" if word else None


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
    player = _Player(venue_of(files[0]) or "")
    read = (_read(number, file, tell) for number, file in enumerate(files))
    for number, line in enumerate(heapq.merge(*read, key=lambda line: line.at), 1):
        yield Piece(number, line.at, [*player.play(line).events])


class _Player:
    """The sessions of a capture's files."""

    def __init__(self, word: str) -> None:
        self._word = word
        self._sessions: dict[int, MarketSession] = {}

    def play(self, line: _Line) -> Step:
        if line.problem:
            return Step([Rejected(line.problem, line.body)])
        if line.arrow == "configuration":
            self._sessions[line.file] = _session(json.loads(line.body))
            return Step()
        late = [s.tick(line.at).events for s in self._sessions.values()]
        step = self._heard(line)
        return Step([event for events in (*late, step.events) for event in events])

    def _heard(self, line: _Line) -> Step:
        match line.arrow:
            case "<->":
                return self._of(line).connected(line.at)
            case "<x>":
                return self._of(line).disconnected(line.at, line.body.decode(errors="replace"))
            case "->":
                return self._of(line, first=True).answered(line.url, line.body, line.at)
            case "" if line.body:
                return self._of(line).receive(line.body, line.at)
        return Step()

    def _of(self, line: _Line, first: bool = False) -> MarketSession:
        if first and line.file not in self._sessions and self._sessions:
            return next(iter(self._sessions.values()))
        return self._sessions.setdefault(line.file, _session({"venue": self._word}))


def _session(made: dict[str, Any]) -> MarketSession:
    venue = VENUES[made["venue"]]
    listed = {symbol: Instrument(*row) for symbol, row in made.get("instruments", {}).items()}
    place = Place(*made["place"]) if "place" in made else venue.place
    codec = venue.codec(listed, place)
    return MarketSession(venue, codec, listed, made.get("feed", ""), made.get("stale_ns", _NEVER))


def _read(file: int, path: Path, tell: Tell) -> Iterator[_Line]:
    last = 0
    for number, raw, problem in lines(path, tell):
        if problem:
            yield _Line(last, number, "", "", b"", problem, file)
        elif _configured(raw):
            body = raw.removeprefix(_CONFIGURATION)
            yield _Line(last, number, "", "configuration", body, "", file)
        elif raw.strip() and not raw.startswith(_CONFIGURATION):
            line = _parse(path, number, raw, last)
            last = max(last, line.at)
            yield line._replace(at=last, file=file)


def _parse(path: Path, number: int, raw: bytes, last: int) -> _Line:
    match = _LINE.fullmatch(raw.rstrip(b"\r"))
    if match is None:
        problem = f"{path.name}: line {number} is not 'seconds: message'"
        return _Line(last, number, "", "", raw, problem)
    url, arrow = (match[name] or b"" for name in ("url", "arrow"))
    at = seconds_ns(match["at"].decode())
    return _Line(at, number, url.decode(errors="replace"), arrow.decode(), match["body"] or b"", "")
