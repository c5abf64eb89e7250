"""What every command needs, made once at the edge: settings, key, codec, operator configs."""

from dataclasses import dataclass
from pathlib import Path

from config.errors import ConfigError
from config.keys import load_key
from config.operators import operator_configs
from config.settings import load
from config.tree import Settings
from console.home import HOME
from schemas.codec import Codec
from streams import kafka
from streams.operators.risk.signing import SigningKey
from streams.topology import TOPICS, OperatorConfigs, chains


@dataclass(frozen=True, slots=True)
class Context:
    settings: Settings
    configs: OperatorConfigs
    codec: Codec


def make(config: Path | None, key: SigningKey | None = None) -> Context:
    """Raises ConfigError. Without a key the desk's own is loaded, or made in ``var``."""
    settings = load(config)
    try:
        configs = operator_configs(settings, key or load_key(HOME))
    except ValueError as error:
        raise ConfigError(str(error)) from error
    return Context(settings, configs, make_codec(settings))


def make_codec(settings: Settings) -> Codec:
    """With the schema registry, if one is configured."""
    if not settings.registry.url:
        return Codec()
    from streams.registry import connect  # its client takes 0.4 s to import

    return Codec(connect(settings.registry.url))


def ensure_topics(settings: Settings, bootstrap: str) -> list[str]:
    """Creates every topic of the topology that is missing; returns their names."""
    broker = settings.broker
    made = kafka.create_topics(bootstrap, TOPICS, broker.partitions, broker.replication)
    states = [c.state_topic for c in chains(settings.worker.fused)]
    return made + kafka.create_topics(
        bootstrap, states, broker.partitions, broker.replication, compacted=True
    )
