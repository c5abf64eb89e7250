"""[models.NAME]: a table of the class that its ``kind`` names."""

from dataclasses import asdict
from typing import Any

from streams.operators.features.models import slot
from streams.operators.features.models.library import OnlineModel

Model = OnlineModel


def named_models(models: dict[str, Model]) -> tuple[tuple[str, slot.Model], ...]:
    """In the order of the configuration."""
    return tuple((name, model) for name, model in models.items())


def as_tables(models: dict[str, Model]) -> dict[str, dict[str, Any]]:
    """As a file would have them, every key with its value."""
    return {name: {"kind": model.kind, **asdict(model)} for name, model in models.items()}
