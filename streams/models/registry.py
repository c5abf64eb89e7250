"""The registry of models: a folder that training writes and hosts read.

    FOLDER/NAME/VERSION/model.onnx    the model; VERSION is the beginning of its SHA-256
    FOLDER/NAME/VERSION/model.toml    what it is: see ``description``

What always holds:

- A version is there whole or not at all: it is made beside its name and renamed.
- A file that is not what its hash says is refused, wherever it is read.
- One version of a name is in production. Who promotes holds a lock on the name, writes the new one
  first and retires the old one then; after a crash between the two, the newer one counts.
"""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from streams.models import toml
from streams.models.description import VERSION_LENGTH, Description, Stage, of_table
from streams.operators.features.models.predictor import ModelError

_VERSION = re.compile(f"[0-9a-f]{{{VERSION_LENGTH}}}")
LATEST, PREVIOUS = _WORDS = ("latest", "previous")
MODEL, DESCRIPTION = "model.onnx", "model.toml"


class Registry:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        if not self.folder.is_dir():
            return []
        return sorted(p.name for p in self.folder.iterdir() if p.is_dir() and _visible(p))

    def versions(self, name: str) -> list[Description]:
        """Of a name, the oldest first. Raises ModelError on a description that is damaged."""
        place = self.folder / name
        found = sorted(place.iterdir()) if place.is_dir() else []
        made = [self._description(p) for p in found if p.is_dir() and _visible(p)]
        return sorted(made, key=lambda d: (d.created, d.version))

    def find(self, name: str, version: str) -> Description:
        """``version`` may be the beginning of one; or ``latest``, the one that was made last, or
        ``previous``, the one that was in production before. Raises ModelError."""
        if version in _WORDS:
            return self._by_word(name, version)
        place = self.folder / name / version
        if version.isalnum() and (place / DESCRIPTION).is_file():
            return self._description(place)
        known = self.versions(name)
        fits = [d for d in known if version.isalnum() and d.version.startswith(version)]
        if len(fits) == 1:
            return fits[0]
        there = ", ".join(d.version for d in known) or "none"
        what = "is not unique" if fits else "is not there"
        raise ModelError(
            f"{self.folder}: version {version!r} of model {name!r} {what}; there are {there}: "
            "copy the folder of the version here, or tickstream model import it"
        )

    def exact(self, name: str, version: str) -> Description:
        """Of a whole version, as the log names it. Raises ModelError."""
        if not _VERSION.fullmatch(version):
            raise ModelError(f"{version!r} is no version of model {name!r}: 12 hexadecimal digits")
        return self.find(name, version)

    def _by_word(self, name: str, word: str) -> Description:
        known = self.versions(name)
        if word == PREVIOUS:
            since = self.production(name).since  # what it replaced was retired at that moment
            known = [d for d in known if d.stage is Stage.RETIRED and d.since == since]
        if not known:
            raise ModelError(f"{self.folder}: model {name!r} has no {word} version")
        return known[-1]

    def production(self, name: str) -> Description:
        """The version to use. Raises ModelError when there is none."""
        found = self.newest(name, Stage.PRODUCTION)
        if found is None:
            raise ModelError(
                f"{self.folder}: model {name!r} has no version in production; "
                f"run tickstream model promote {name} VERSION"
            )
        return found

    def newest(self, name: str, stage: Stage) -> Description | None:
        """Of the versions in a stage, the one that came to it last."""
        found = [d for d in self.versions(name) if d.stage is stage]
        return max(found, key=lambda d: (d.since, d.version), default=None)

    def read(self, described: Description) -> bytes:
        """The model's bytes. Raises ModelError where they are not those that were imported."""
        path = self.folder / described.name / described.version / MODEL
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelError(f"{path}: cannot be read: {error.strerror}") from error
        found = hashlib.sha256(data).hexdigest()
        if found != described.sha256:
            raise ModelError(
                f"{path}: its SHA-256 is {found[:12]}…, not {described.sha256[:12]}…: the file is "
                "damaged or was changed; import the model again"
            )
        return data

    def add(self, data: bytes, described: Description) -> Description:
        """Puts a version in, as a candidate; one that is there already stays as it is. Raises
        ModelError where that promises something else."""
        now = _now()
        described = replace(described, created=described.created or now)
        described = described.at(Stage.CANDIDATE, now).sealed()
        place = self.folder / described.name / described.version
        with self._locked(described.name):
            if place.exists():
                return self._same(described, place)
            made = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
            try:
                _write(made / MODEL, data)
                _write(made / DESCRIPTION, toml.dump(described.table()).encode())
                made.chmod(0o755)
                made.rename(place)
            except OSError as error:
                shutil.rmtree(made, ignore_errors=True)
                raise ModelError(f"{place}: cannot be written: {error.strerror}") from error
            _sync(place.parent)
        return described

    def _same(self, described: Description, place: Path) -> Description:
        known = self._description(place)
        self.read(known)
        told = ("inputs", "outputs", "kind", "feature_set", "takes_nan", "rise", "label")
        differing = [n for n in told if getattr(known, n) != getattr(described, n)]
        if differing:
            raise ModelError(
                f"{place}: this very model is there with another {', '.join(differing)}; "
                "import it under another name"
            )
        return known

    def move(self, name: str, version: str, stage: Stage) -> Description:
        """To a stage. What was in production before is retired. Raises ModelError."""
        with self._locked(name):
            chosen = self.find(name, version)
            self.read(chosen)
            moved = chosen.at(stage, _now())
            before = [
                d
                for d in self.versions(name)
                if d.stage is Stage.PRODUCTION and d.version != chosen.version
            ]
            self._describe(moved)
            for other in before if stage is Stage.PRODUCTION else ():
                self._describe(other.at(Stage.RETIRED, moved.since))
        return moved

    def _describe(self, described: Description) -> None:
        path = self.folder / described.name / described.version / DESCRIPTION
        partial = path.with_suffix(".partial")
        _write(partial, toml.dump(described.table()).encode())
        partial.rename(path)
        _sync(path.parent)

    def _description(self, place: Path) -> Description:
        path = place / DESCRIPTION
        try:
            table = tomllib.loads(path.read_text())
        except OSError as error:
            raise ModelError(f"{path}: cannot be read: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ModelError(f"{path}: is not TOML: {error}") from error
        described = of_table(table, str(path))
        if (described.name, described.version) != (place.parent.name, place.name):
            raise ModelError(f"{path}: is of {described.name} {described.version}")
        if described.contract != described.digest():
            raise ModelError(
                f"{path}: was changed by hand: what it promises is not what was imported; "
                "import the model again, under another name"
            )
        return described

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        place = self.folder / name
        try:
            place.mkdir(parents=True, exist_ok=True)
            with (place / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise ModelError(f"{place}: cannot be written: {error.strerror}") from error


def _visible(path: Path) -> bool:
    return not path.name.startswith(".")


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
