"""A strategy as the configuration makes it, and what it sees of the made market."""

from collections.abc import Sequence
from typing import Any

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from research.strategies.sample import vectors
from schemas.codec import Message
from schemas.inbox import Signal
from streams.operators.features.features import FeaturesConfig
from streams.operators.statistics.regression import FloatArray
from streams.operators.strategies.config import StrategyConfig


def toml(text: str, folder: Any) -> Any:
    """The settings with this laid over them."""
    path = folder / "config.toml"
    path.write_text(text)
    return load(path, {})


def configured(
    kind: str, folder: Any, keys: str = "", sizing: str = 'kind = "fixed"\nnotional = "10000"'
) -> tuple[StrategyConfig, FeaturesConfig]:
    text = (
        '[models.p_up]\nwarm_up = 5\n[models.forecast]\nkind = "linear"\nwarm_up = 5\n'
        "[strategies.ema_cross]\nenabled = false\n"
        f'[strategies.mine]\nkind = "{kind}"\naccount = "paper"\ninstruments = ["*"]\n{keys}\n'
        f"[strategies.mine.sizing]\n{sizing}\n"
    )
    configs = operator_configs(toml(text, folder), REPLAY_KEY)
    return configs.strategies.strategies[0], configs.features


_SAMPLES: dict[tuple[str, ...], tuple[Message, ...]] = {}


def sample(features: FeaturesConfig) -> tuple[Message, ...]:
    """Folded once for each set of features and models."""
    names = (
        *(name for asked in features.indicators for name in asked.names),
        *(name for name, _ in features.models),
        *(f"{pattern} {trades}" for pattern, trades in features.watched),
    )
    if names not in _SAMPLES:
        _SAMPLES[names] = tuple(vectors(features))
    return _SAMPLES[names]


def signals(said: Sequence[Message]) -> list[Signal]:
    return [message for message in said if isinstance(message, Signal)]


def contributions(weights: FloatArray, covariance: FloatArray) -> FloatArray:
    """Each one's part of the risk; they add up to 1."""
    parts: FloatArray = weights * (covariance @ weights)
    found: FloatArray = parts / parts.sum()
    return found
