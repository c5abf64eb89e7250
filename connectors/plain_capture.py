"""Recordings of raw messages, a line each: receive time in ns, a space, the message as it came.

Gives what lies before a damaged place, and then says what is damaged.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from connectors.compressed import Tell, lines, nobody


class Line(NamedTuple):
    """``number`` counts from 1; ``problem`` says why a line could not be read, else it is empty."""

    number: int
    at: int
    data: bytes
    problem: str = ""


def read(path: Path, tell: Tell = nobody) -> Iterator[Line]:
    """Every line of a recording; memory stays flat. Raises OSError when there is no such file."""
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
