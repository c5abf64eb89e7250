"""``tickstream model …``: the registry, and records that change what runs.

What people change of a running model is a record in every partition of ``ticks``: it has its place
in the log between two vectors, and a replay meets it there.
"""

import time
import tomllib
from pathlib import Path
from typing import Any

from config.keys import REPLAY_KEY
from config.settings import load
from config.tree import Settings
from console import context
from console.errors import Failure
from schemas.enums import ModelRole
from schemas.records import ModelChange
from streams.cause import Cause
from streams.kafka import KafkaWriter, partition_counts
from streams.models.description import Description, Stage, describe
from streams.models.registry import Registry
from streams.models.session import Session, outputs_of
from streams.operator import Refused
from streams.operators.features.features import Features
from streams.operators.features.models.onnx import Onnx
from streams.partitions import key_in


class Models:
    """The registry of a configuration. ``who`` changes it."""

    def __init__(self, config: Path | None, broker: str | None, who: str) -> None:
        self._config = config
        self._settings: Settings = load(config)
        self._bootstrap = broker or self._settings.broker.bootstrap
        self._registry = Registry(Path(self._settings.models_registry.folder))
        self._who = who

    def listed(self) -> dict[str, Any]:
        """Name → version → stage and metrics."""
        return {
            name: {d.version: _line(d) for d in self._registry.versions(name)}
            for name in self._registry.names()
        }

    def show(self, name: str, version: str) -> dict[str, Any]:
        """All that the registry says of a version; of that in production where none is named."""
        registry = self._registry
        found = registry.find(name, version) if version else registry.production(name)
        return {key: value for key, value in found.table().items() if value not in ("", {})}

    def check(self, name: str, version: str) -> dict[str, Any]:
        """Hash, contract and a run of each version, or of one. Raises ModelError for the first
        that is not what it says."""
        names = [name] if name else self._registry.names()
        chosen = [
            d
            for each in names
            for d in ([self._registry.find(each, version)] if version else self._versions(each))
        ]
        return {f"{d.name} {d.version}": self._checked(d) for d in chosen}

    def _versions(self, name: str) -> list[Description]:
        found = self._registry.versions(name)
        if not found:
            there = ", ".join(self._registry.names()) or "none"
            raise Failure(f"{self._registry.folder}: there is no model {name!r}; there are {there}")
        return found

    def _checked(self, described: Description) -> dict[str, Any]:
        session = Session(self._registry.read(described), described)
        p50, p99 = session.microseconds()
        return {"stage": str(described.stage), "ok": True, "p50_us": p50, "p99_us": p99}

    def bring(self, file: Path, name: str, said: dict[str, Any]) -> dict[str, Any]:
        """Imports a model, as a candidate. Raises ModelError where it is not as said."""
        data = _bytes(file)
        outputs = said.get("outputs") or outputs_of(data, str(file))
        described = describe(data, name, **{**said, "outputs": outputs})
        Session(data, described)
        made = self._registry.add(data, described)
        return {"name": name, "version": made.version, "stage": str(made.stage)}

    def promote(self, name: str, version: str, to: Stage, live: bool, why: str) -> dict[str, Any]:
        """To shadow or production; ``live``: also in every slot that runs the model."""
        described = self._registry.find(name, version)
        Session(self._registry.read(described), described)
        slots = [slot for slot, model in self._slots().items() if model.model == name]
        role = ModelRole.PRODUCTION if to is Stage.PRODUCTION else ModelRole.SHADOW
        if live:
            if not slots:
                raise Failure(f"no [models.…] of kind onnx runs {name}; promote it without --live")
            for slot in slots:
                self._fits(slot, described.version)
        moved = self._registry.move(name, described.version, to)
        facts: dict[str, Any] = {"name": name, "version": moved.version, "stage": str(moved.stage)}
        if live:
            facts["partitions"] = self._send(slots, role, moved.version, 0.0, why)
            facts["slots"] = slots
        return facts

    def retire(self, name: str, version: str) -> dict[str, Any]:
        """Out of use. Raises Failure for the version in production."""
        described = self._registry.find(name, version)
        if described.stage is Stage.PRODUCTION:
            raise Failure(
                f"{name} {described.version} is in production; promote another version, which "
                "retires this one"
            )
        moved = self._registry.move(name, described.version, Stage.RETIRED)
        return {"name": name, "version": moved.version, "stage": str(moved.stage)}

    def deploy(
        self, slot: str, version: str, role: ModelRole, share: float, why: str
    ) -> dict[str, Any]:
        """A version takes a role in a slot that runs; the registry's stages stay as they are."""
        model = self._slots().get(slot)
        if model is None:
            there = ", ".join(self._slots()) or "none"
            raise Failure(f"models.{slot} is no slot of kind onnx; there are {there}")
        if version:
            version = self._registry.find(model.model, version).version
            self._fits(slot, version)
        elif role is ModelRole.PRODUCTION:
            raise Failure(f"models.{slot}: somebody must be in production; name a version")
        if role is ModelRole.CHALLENGER and version and not 0 < share <= 1:
            raise Failure(f"--share {share:g}: more than 0, at most 1")
        partitions = self._send([slot], role, version, share, why)
        told = version or "nobody"
        return {"slot": slot, "role": str(role), "version": told, "partitions": partitions}

    def _slots(self) -> dict[str, Onnx]:
        models = self._settings.models
        return {name: model for name, model in models.items() if isinstance(model, Onnx)}

    def _fits(self, slot: str, version: str) -> None:
        """Raises Failure where the slot cannot run it, as a worker would find."""
        configs = context.make(self._config, REPLAY_KEY).configs
        change = ModelChange("", 1, 0, slot, ModelRole.SHADOW, version, 0.0, self._who, "")
        try:
            Features(configs.features).lineup.check(change)
        except Refused as error:
            raise Failure(str(error)) from error

    def _send(self, slots: list[str], role: ModelRole, version: str, share: float, why: str) -> int:
        """A record a slot to each partition of ``ticks``; how many partitions there are."""
        partitions = partition_counts(self._bootstrap).get("ticks", 0)
        if not partitions:
            raise Failure(f"{self._bootstrap}: there is no topic ticks; is this the right broker?")
        writer, now = KafkaWriter(self._bootstrap, linger_ms=0), time.time_ns()
        codec = context.make_codec(self._settings)
        for partition in range(partitions):
            key = key_in(partition, partitions, "models")
            for index, slot in enumerate(slots):
                change = ModelChange(
                    key, partitions, now, slot, role, version, share, self._who, why
                )
                cause = Cause("desk", f"desk/{self._who}", now, partition * len(slots) + index)
                writer.send("ticks", key, codec.encode(change), cause)
        writer.flush()
        return partitions


def read_description(path: Path) -> dict[str, Any]:
    """What a TOML file says of a model. Raises Failure."""
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"{path}: is not TOML: {error}") from error


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failure(f"{file}: cannot be read: {error.strerror}") from error


def _line(described: Description) -> str:
    metrics = " ".join(f"{key} {value:.4g}" for key, value in described.metrics.items())
    since = described.since[:19].replace("T", " ")
    return f"{described.stage:<10} since {since}  {metrics}".rstrip()
