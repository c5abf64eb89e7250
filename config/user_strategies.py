"""Strategies of a user's own: the Python files of ``[user_strategies] folder``.

A file is read anew each time, compiled without a cache, and stands alone: one that cannot be used
is a ``Problem`` that says where and what to do, and the others are there all the same."""

import ast
import hashlib
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from config.strategy_tables import SHIPPED
from config.user_code import forbidden
from streams.operators.strategies.kind import Kind


@dataclass(frozen=True, slots=True)
class Problem:
    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Found:
    """``files``: kind → where it stands."""

    kinds: dict[str, Kind]
    files: dict[str, Path]
    problems: list[Problem]


def in_folder(folder: Path) -> Found:
    """All strategies of the files in the folder; none where there is no such folder. Names that
    begin with _ are left out."""
    return of_files(p for p in sorted(folder.glob("*.py")) if not p.name.startswith("_"))


def of_files(files: Iterable[Path]) -> Found:
    found = Found({}, {}, [])
    for file in files:
        made = read(file)
        if isinstance(made, Problem):
            found.problems.append(made)
            continue
        for kind in made:
            if taken := _taken(kind.name, found):
                text = f"the name {kind.name!r} is taken by {taken}: choose another"
                found.problems.append(Problem(file, 1, text))
            else:
                found.kinds[kind.name], found.files[kind.name] = kind, file
    return found


def _taken(name: str, found: Found) -> str:
    if name in SHIPPED:
        return "a strategy that comes with the system"
    return str(found.files[name]) if name in found.files else ""


def read(file: Path) -> list[Kind] | Problem:
    """The strategies that a file declares. Raises OSError where it cannot be read."""
    source = file.read_bytes()
    try:
        tree = ast.parse(source, str(file))
    except (SyntaxError, ValueError) as error:
        return Problem(file, getattr(error, "lineno", 1) or 1, f"is not Python: {error}")
    for line, text in forbidden(tree):
        return Problem(file, line, text)
    version = hashlib.blake2b(source, digest_size=8).hexdigest()
    module = ModuleType(f"user_strategies.{file.stem}")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        exec(compile(tree, str(file), "exec"), module.__dict__)
    except Exception as error:  # noqa: BLE001  # a user's code may raise anything
        return Problem(file, _line(error, file), f"{type(error).__name__}: {error}")
    kinds = [value for value in vars(module).values() if isinstance(value, Kind)]
    own = [kind for kind in kinds if kind.run.__module__ == module.__name__]
    for kind in own:
        kind.version = version
    if not own:
        return Problem(file, 1, 'declares no strategy: write @strategy("name") above a function')
    return own


def _line(error: Exception, file: Path) -> int:
    """The last line of the file that the error went through."""
    lines = [
        at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == str(file)
    ]
    return (lines[-1] if lines else 1) or 1
