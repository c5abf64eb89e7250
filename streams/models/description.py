"""What the registry says of a version of a model, as its ``model.toml``.

The version is the beginning of the SHA-256 of ``model.onnx``; ``contract`` is the hash of what the
description promises about it (inputs, outputs, feature set …). Neither can change without being
noticed; what may change is the stage.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from streams.operators.features.models.predictor import ModelError

VERSION_LENGTH = 12
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_CHANGEABLE = ("stage", "since", "contract")


class Stage(StrEnum):
    """candidate: just made; shadow: runs and moves nothing; production: what is used; retired."""

    CANDIDATE = "candidate"
    SHADOW = "shadow"
    PRODUCTION = "production"
    RETIRED = "retired"


class Kind(StrEnum):
    CLASSIFIER = "classifier"
    REGRESSOR = "regressor"


@dataclass(frozen=True, slots=True)
class Description:
    """``inputs`` in the order of the model's columns; ``outputs`` of the ONNX graph, the first is
    used; ``rise`` is the class of a rise among a classifier's probabilities (-1: the last);
    ``fallback`` stands for what the model gives where it fails; ``since``: when it came to its
    stage; times are ISO 8601, UTC."""

    name: str
    version: str
    sha256: str
    kind: Kind
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    feature_set: str = ""
    takes_nan: bool = False
    rise: int = -1
    fallback: float | None = None
    stage: Stage = Stage.CANDIDATE
    since: str = ""
    created: str = ""
    trained_on: str = ""
    contract: str = ""
    label: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)

    def table(self) -> dict[str, Any]:
        """As a TOML file holds it."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            k: str(v) if isinstance(v, StrEnum) else v for k, v in values.items() if v is not None
        }

    def sealed(self) -> "Description":
        """With the hash of its contract."""
        return replace(self, contract=self.digest())

    def digest(self) -> str:
        """Over all that may not change."""
        said = {k: v for k, v in self.table().items() if k not in _CHANGEABLE}
        data = json.dumps(said, sort_keys=True).encode()
        return hashlib.sha256(data).hexdigest()[:16]

    def at(self, stage: Stage, since: str) -> "Description":
        return replace(self, stage=stage, since=since)


def describe(data: bytes, name: str, **said: Any) -> Description:
    """Of a model's bytes, with all that is known besides. Raises ModelError."""
    sha256 = hashlib.sha256(data).hexdigest()
    version = sha256[:VERSION_LENGTH]
    return of_table({**said, "name": name, "version": version, "sha256": sha256}, name).sealed()


def of_table(table: dict[str, Any], where: str) -> Description:
    """Raises ModelError, which begins with ``where``."""
    hints = {f.name: f for f in fields(Description)}
    for key in table:
        if key not in hints:
            raise ModelError(f"{where}: unknown key {key}; known are {', '.join(hints)}")
    lacking = [n for n in ("kind", "inputs", "outputs") if not table.get(n)]
    if lacking:
        raise ModelError(f"{where}: lacks {', '.join(lacking)}")
    try:
        made = Description(**{key: _typed(key, value) for key, value in table.items()})
    except (TypeError, ValueError) as error:
        raise ModelError(f"{where}: {error}") from error
    _check(made, where)
    return made


def _typed(key: str, value: Any) -> Any:
    match key:
        case "kind":
            return Kind(value)
        case "stage":
            return Stage(value)
        case "inputs" | "outputs":
            return _names(key, value)
        case "label" | "metrics":
            return _of_type(key, value, dict)
        case "takes_nan":
            return _of_type(key, value, bool)
        case "rise":
            return _of_type(key, value, int)
        case "fallback":
            return float(value)
    return _of_type(key, value, str)


def _of_type(key: str, value: Any, wanted: type) -> Any:
    if type(value) is not wanted:
        raise ValueError(f"{key} = {value!r}: must be of type {wanted.__name__}")
    return value


def _names(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) and v for v in value):
        raise ValueError(f"{key} must be a list of names")
    if len(frozenset(value)) != len(value):
        raise ValueError(f"{key} names the same column twice")
    return tuple(value)


def _check(made: Description, where: str) -> None:
    if not _NAME.fullmatch(made.name):
        raise ModelError(
            f"{where}: {made.name!r} is no name for a model; use letters, digits, _ . and -"
        )
    if made.sha256[:VERSION_LENGTH] != made.version:
        raise ModelError(f"{where}: version {made.version} is not of sha256 {made.sha256}")
