"""``tickstream alerts``: the ledger and the dead letters to people, until it is stopped."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from prometheus_client import REGISTRY

from config.alerts import AlertRule, Alerts, ChannelPolicy
from config.errors import ConfigError
from config.secrets import load_secret
from config.settings import load
from config.tree import Settings
from console import context
from console.commands.connect import stopped
from console.output import say
from sinks.alerts.alert import Severity
from sinks.alerts.channel import Channel
from sinks.alerts.fold import state_topic
from sinks.alerts.mail import Mail, Security
from sinks.alerts.outbox import Policy
from sinks.alerts.rules import ACCOUNT_MEASURES, FILL_MEASURES, On, Rule
from sinks.alerts.run import READS, AlertHost
from sinks.alerts.telegram import Telegram
from sinks.alerts.webhook import Webhook
from streams import kafka
from streams.kafka import KafkaWriter
from streams.metrics import serve
from streams.snapshots import KafkaSnapshots

OFF = "off"
_MEASURES: dict[On, Mapping[str, Callable[..., object]]] = {
    On.ACCOUNT: ACCOUNT_MEASURES,
    On.FILL: FILL_MEASURES,
}
Choice = TypeVar("Choice")


def run(config: Path | None, broker: str | None, port: int | None) -> None:
    """Raises ConfigError, and LogError when the broker takes nothing any more."""
    settings = load(config)
    bootstrap = broker or settings.broker.bootstrap
    rules, channels = tuple(rules_of(settings.alerts)), tuple(channels_of(settings.alerts))
    _quiet()
    context.ensure_topics(settings, bootstrap)
    _ensure_states(settings, bootstrap)
    codec = context.make_codec(settings)
    store = KafkaSnapshots(bootstrap, codec, KafkaWriter(bootstrap, linger_ms=0))
    host = AlertHost(
        bootstrap, codec, store, rules, channels, settings.alerts.look_back / 1e9, REGISTRY
    )
    if port is not None:
        serve(port, REGISTRY, host.health)
    names = ", ".join(channel.name for channel in channels) or "nobody: no channel is configured"
    say(f"alerts: from {bootstrap} to {names}")
    host.run(stopped())
    say("alerts: stopped")


def _quiet() -> None:
    """The client's own lines hold addresses, and an address may hold a token."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _ensure_states(settings: Settings, bootstrap: str) -> None:
    broker, states = settings.broker, [state_topic(topic) for topic in READS]
    kafka.create_topics(bootstrap, states, broker.partitions, broker.replication, compacted=True)


def rules_of(alerts: Alerts) -> Iterator[Rule]:
    """Raises ConfigError on a word that is none of those to choose from."""
    for name, rule in alerts.rules.items():
        if rule.severity != OFF:
            yield _rule(name, rule)


def _rule(name: str, rule: AlertRule) -> Rule:
    where = f"alerts.rules.{name}"
    on = _word(f"{where}.on", rule.on, {kind.value: kind for kind in On})
    if on in _MEASURES:
        _word(f"{where}.measure", rule.measure, dict(_MEASURES[on]))
    if on is On.SILENCE and not rule.after:
        raise ConfigError(f'{where}: say after how long: after = "5m"')
    return Rule(
        name,
        on,
        _severity(where, rule.severity),
        rule.accounts,
        rule.names,
        rule.measure,
        rule.above,
        rule.after,
    )


def channels_of(alerts: Alerts, environment: Mapping[str, str] = os.environ) -> Iterator[Channel]:
    """With their secrets. Raises ConfigError where one is missing, or two have the same name."""
    names = [*alerts.telegram, *alerts.webhook, *alerts.email]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise ConfigError(f"alerts: two channels are named {twice[0]!r}")
    for name, chat in alerts.telegram.items():
        token = load_secret(chat.token, environment).value
        yield Telegram(name, _policy(name, chat), chat.chat, token, chat.api)
    for name, receiver in alerts.webhook.items():
        secret = load_secret(receiver.secret, environment).value
        yield Webhook(name, _policy(name, receiver), receiver.url, secret)
    for name, server in alerts.email.items():
        where = f"alerts.email.{name}.security"
        yield Mail(
            name,
            _policy(name, server),
            server.host,
            server.port,
            server.sender,
            server.to,
            _word(where, server.security, {kind.value: kind for kind in Security}),
            server.user,
            load_secret(server.password, environment).value if server.user else "",
            server.ca,
        )


def _policy(name: str, channel: ChannelPolicy) -> Policy:
    where = f"alerts: channel {name}"
    if channel.per_minute < 1 or channel.first_retry < 1:
        raise ConfigError(f"{where}: per_minute and first_retry must be at least 1")
    return Policy(
        _severity(where, channel.severity),
        channel.every,
        channel.per_minute,
        channel.first_retry,
        channel.longest_retry,
    )


def _severity(where: str, word: str) -> Severity:
    return _word(f"{where}.severity", word, {severity.word: severity for severity in Severity})


def _word(key: str, value: str, known: Mapping[str, Choice]) -> Choice:
    if value not in known:
        raise ConfigError(f"{key} = {value!r}: use {', '.join(known)}")
    return known[value]
