"""Files as they come: plain, gzip, Zstandard, bzip2 or zip, told by their first bytes, read as a
stream in flat memory.

What lies before a damaged place is given before ``Damaged`` is raised.
"""

import bz2
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeAlias

import zstandard

_CHUNK = 1 << 16
_LONGEST_LINE = 64 << 20


Tell: TypeAlias = Callable[[int], None]


def nobody(_: int) -> None:
    """Hears nothing."""


class Damaged(ValueError):
    """The file's compressed data is broken or ends too early."""


_MAGIC: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(31)),
    (b"\x28\xb5\x2f\xfd", lambda: zstandard.ZstdDecompressor().decompressobj()),
    (b"BZh", bz2.BZ2Decompressor),
)
_BROKEN = (EOFError, OSError, zlib.error, zstandard.ZstdError, zipfile.BadZipFile)


def blocks(path: Path, tell: Tell = nobody) -> Iterator[bytes]:
    """The file's content, uncompressed; a zip's members one after the other. ``tell`` hears how far
    in the file it is, in bytes. Raises OSError when there is no such file, and Damaged."""
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        try:
            if start == b"PK\x03\x04":
                yield from _zipped(file)
            else:
                yield from _unpacked(
                    file, next((m for b, m in _MAGIC if start.startswith(b)), None)
                )
        except _BROKEN as error:
            raise Damaged(str(error)) from error


def names(path: Path) -> list[str]:
    """Of the members of a zip, or of the file itself; none for a damaged zip."""
    if not zipfile.is_zipfile(path):
        return [str(path)]
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except _BROKEN:
        return []


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each member of a zip, or of the file itself; whole in memory. Raises
    OSError when there is no such file, and Damaged."""
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if not member.is_dir():
                        yield member.filename, archive.read(member)
        except (*_BROKEN, RuntimeError) as error:  # RuntimeError: encrypted, unknown packing
            raise Damaged(str(error)) from error
    else:
        yield str(path), b"".join(blocks(path))


def _zipped(file: IO[bytes]) -> Iterator[bytes]:
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                yield from iter(lambda member=member: member.read(_CHUNK), b"")  # type: ignore[misc]


def _unpacked(file: IO[bytes], make: Callable[[], Any] | None) -> Iterator[bytes]:
    """Gzip members, zstd frames and bzip2 streams one after the other."""
    if make is None:
        yield from iter(lambda: file.read(_CHUNK), b"")
        return
    member, started = make(), False
    while data := file.read(_CHUNK):
        while data:
            yield member.decompress(data)
            started, data = True, member.unused_data
            if member.eof:
                member, started = make(), False
    if started:
        raise EOFError("the file ends in the middle of compressed data")


class Line(NamedTuple):
    """``number`` counts from 1; ``problem`` says why the file ends here, else it is empty."""

    number: int
    data: bytes
    problem: str = ""


def lines(path: Path, tell: Tell = nobody) -> Iterator[Line]:
    """The lines of a file, without their ends; where it is damaged, a last one that says so.
    Raises OSError when there is no such file."""
    number = 0
    try:
        for data in _split(blocks(path, tell)):
            number += 1
            yield Line(number, data)
    except Damaged as error:
        yield Line(number + 1, b"", f"{path.name}: damaged after line {number}: {error}")


def _split(source: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in source:
        *complete, rest = (rest + block).split(b"\n")
        yield from complete
        if len(rest) > _LONGEST_LINE:
            raise Damaged(f"a line of more than {_LONGEST_LINE >> 20} MiB")
    if rest:
        yield rest


def head(path: Path, size: int = 1 << 16) -> bytes:
    """The first bytes, uncompressed; fewer where the file is damaged. Raises OSError."""
    start = b""
    try:
        for block in blocks(path):
            start += block
            if len(start) >= size:
                break
    except Damaged:
        pass
    return start[:size]
