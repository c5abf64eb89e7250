"""The settings of alerts: which records people are told of, and by which channels.

A secret is named by the environment variable that holds it, or that names, with ``_FILE`` behind
it, the file that does.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from config.period import NO_TIME, SECOND, Period

FIVE_MINUTES = Period(300 * 10**9)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    on: str
    severity: str = "warning"
    accounts: tuple[str, ...] = ("*",)
    names: tuple[str, ...] = ("*",)
    measure: str = ""
    above: Decimal = Decimal(0)
    after: Period = NO_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPolicy:
    severity: str = "warning"
    every: Period = FIVE_MINUTES
    per_minute: int = 20
    first_retry: Period = SECOND
    longest_retry: Period = FIVE_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramChat(ChannelPolicy):
    chat: str
    token: str = "TICKSTREAM_TELEGRAM_TOKEN"
    api: str = "https://api.telegram.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReceiver(ChannelPolicy):
    url: str
    secret: str = "TICKSTREAM_WEBHOOK_SECRET"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer(ChannelPolicy):
    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = "TICKSTREAM_SMTP_PASSWORD"
    ca: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    look_back: Period
    rules: dict[str, AlertRule]
    telegram: dict[str, TelegramChat] = field(default_factory=dict)
    webhook: dict[str, WebhookReceiver] = field(default_factory=dict)
    email: dict[str, MailServer] = field(default_factory=dict)
