"""Loaded models, each once in a process, from the registry's folder."""

from pathlib import Path
from typing import Any

from streams.models.description import Stage
from streams.models.registry import Registry
from streams.models.session import Session


class Store:
    """``Predictors`` for operators. What it gives depends on name and version alone: a version is a
    hash, and a file that does not have it is refused."""

    def __init__(self, folder: Path) -> None:
        self.registry = Registry(folder)
        self._loaded: dict[tuple[str, str], Session] = {}
        self._current: dict[str, tuple[str, str]] = {}

    def get(self, name: str, version: str) -> Session:
        """Loads, checks and warms it up the first time. Raises ModelError."""
        known = self._loaded.get((name, version))
        if known is None:
            described = self.registry.exact(name, version)
            known = Session(self.registry.read(described), described)
            self._loaded[name, version] = known
        return known

    def current(self, name: str) -> tuple[str, str]:
        """Versions in production and in shadow. Raises ModelError."""
        known = self._current.get(name)
        if known is None:
            shadow = self.registry.newest(name, Stage.SHADOW)
            production = self.registry.production(name).version
            known = self._current[name] = (production, shadow.version if shadow else "")
        return known

    def __reduce__(self) -> tuple[Any, ...]:
        """Sessions stay in their process; another one loads its own."""
        return Store, (self.registry.folder,)
