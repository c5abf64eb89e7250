"""Any receiver that takes JSON: signed, so that it can tell our messages from others'.

The header ``X-Tickstream-Signature`` is ``t=SECONDS,v1=HEX``, where HEX is the HMAC-SHA256
(RFC 2104) of ``SECONDS.BODY`` under the shared secret. The time is inside the signature, so that
an old message cannot be sent again by someone else. ``Idempotency-Key`` names the message: what is
sent twice has the same one.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field

from sinks.alerts.alert import Message
from sinks.alerts.channel import Failed, Unacceptable, post, retry_after_s
from sinks.alerts.outbox import Policy

SIGNATURE = "X-Tickstream-Signature"
KEY = "Idempotency-Key"
_UNACCEPTABLE = (400, 413, 415, 422)


@dataclass(frozen=True, slots=True)
class Webhook:
    """``url`` takes a POST and answers with 2xx once it has kept the message."""

    name: str
    policy: Policy
    url: str = field(repr=False)
    secret: str = field(repr=False)

    def send(self, message: Message) -> None:
        body = body_of(message)
        headers = {KEY: message.key, SIGNATURE: sign(body, self.secret, int(time.time()))}
        answer = post(self.url, body, headers)
        if not answer.is_success:
            why = f"the receiver answers {answer.status_code}"
            if answer.status_code in _UNACCEPTABLE:
                raise Unacceptable(why)
            raise Failed(why, retry_after_s(answer))


def body_of(message: Message) -> bytes:
    """The fields of a message; its severity in a word, its time in nanoseconds UTC."""
    fields = {name: getattr(message, name) for name in Message.__slots__}
    return json.dumps({**fields, "severity": message.severity.word}).encode()


def sign(body: bytes, secret: str, seconds: int) -> str:
    """The header's value, at a time in seconds since 1970."""
    return f"t={seconds},v1={_mac(body, secret, str(seconds))}"


def verifies(body: bytes, header: str, secret: str, now_s: float, tolerance_s: float = 300) -> bool:
    """What a receiver asks: whether the header signs this body, not too long ago."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    seconds = parts.get("t", "")
    if not (seconds.isascii() and seconds.isdigit()):
        return False
    fresh = abs(now_s - int(seconds)) <= tolerance_s
    return fresh and hmac.compare_digest(parts.get("v1", ""), _mac(body, secret, seconds))


def _mac(body: bytes, secret: str, seconds: str) -> str:
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
