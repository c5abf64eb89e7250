"""Which indicators the vector holds: those that are asked for, and those that strategies need."""

from typing import NamedTuple

from config.asked_strategies import thinking
from config.models_tree import named_models
from config.strategy import Strategy
from config.tree import Settings
from streams.operators.features.features import feature_names
from streams.operators.features.indicators.asked import Asked
from streams.operators.features.indicators.asked import parse as parse_indicator
from streams.operators.features.models.slot import plan
from streams.operators.strategies.needs import Need, need


class Wanted(NamedTuple):
    """``columns``: of each strategy, name in its view → column of the vector."""

    indicators: tuple[Asked, ...]
    columns: dict[str, dict[str, str]]


def features_of(settings: Settings) -> Wanted:
    """Raises ValueError, which says what a strategy needs that cannot be."""
    asked = [parse_indicator(text) for text in settings.features.indicators]
    features = feature_names(asked)
    models = [name for _, _, made in plan(named_models(settings.models), features) for name in made]
    there = [*features, *models]
    columns: dict[str, dict[str, str]] = {}
    for name, strategy in thinking(settings.strategies).items():
        needs = _needs(name, strategy, tuple(there))
        for its in needs.values():
            if its.asked and its.column not in there:
                asked.append(its.asked)
                there += its.asked.names
        columns[name] = {alias: its.column for alias, its in needs.items()}
    return Wanted(tuple(asked), columns)


def _needs(name: str, strategy: Strategy, columns: tuple[str, ...]) -> dict[str, Need]:
    needs = strategy.kind.needs(strategy.params)
    try:
        return {alias: need(text, columns) for alias, text in needs.items()}
    except ValueError as error:
        raise ValueError(f"strategies.{name} ({strategy.kind}): {error}") from error
