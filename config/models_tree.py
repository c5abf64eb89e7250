"""[models.NAME]: a table of the class that its ``kind`` names."""

from streams.operators.features.models import slot
from streams.operators.features.models.library import OnlineModel

Model = OnlineModel


def named_models(models: dict[str, Model]) -> tuple[tuple[str, slot.Model], ...]:
    """In the order of the configuration."""
    return tuple((name, model) for name, model in models.items())
