"""A chat in Telegram, by the Bot API's sendMessage (https://core.telegram.org/bots/api)."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from sinks.alerts.alert import Message, Severity
from sinks.alerts.channel import Failed, Unacceptable, post
from sinks.alerts.outbox import Policy

LONGEST = 4096  # characters of a message
_SIGNS = {Severity.INFO: "ℹ️", Severity.WARNING: "⚠️", Severity.CRITICAL: "🚨"}


@dataclass(frozen=True, slots=True)
class Telegram:
    """``chat``: its number or @name; ``api``: Telegram's, or a Bot API server of one's own."""

    name: str
    policy: Policy
    chat: str
    token: str = field(repr=False)
    api: str = "https://api.telegram.org"

    def send(self, message: Message) -> None:
        """Telegram knows no key to drop a repetition by; the text ends with ours."""
        body = {
            "chat_id": self.chat,
            "text": text_of(message),
            "disable_notification": message.severity is Severity.INFO,
        }
        url = f"{self.api}/bot{self.token}/sendMessage"
        answer = post(url, json.dumps(body).encode(), {})
        if answer.status_code != httpx.codes.OK:
            raise _failure(answer)


def _failure(answer: httpx.Response) -> Failed:
    """What the answer says: a description, and how long to wait where it is 429."""
    try:
        said = answer.json()
        why = str(said.get("description", ""))[:200]
        wait = float(said.get("parameters", {}).get("retry_after", 0))
    except (ValueError, AttributeError, TypeError):
        why, wait = "", 0.0
    text = f"Telegram answers {answer.status_code} {why}".strip()
    if answer.status_code == httpx.codes.BAD_REQUEST:
        return Unacceptable(text)
    return Failed(text, wait)


def text_of(message: Message) -> str:
    """Plain text, so that nothing in it is taken for markup."""
    at = datetime.fromtimestamp(message.ts_event // 10**9, UTC) if message.ts_event else None
    end = f"{at:%Y-%m-%d %H:%M:%S} UTC, {message.key[:8]}" if at else message.key[:8]
    head = f"{_SIGNS[message.severity]} {message.title}\n"
    room = LONGEST - len(head.encode("utf-16-le")) // 2 - len(end) - 1
    text = message.text
    while len(text.encode("utf-16-le")) // 2 > room:
        text = text[: len(text) - max(1, (len(text) - room) // 2)]
    return f"{head}{text}\n{end}"
