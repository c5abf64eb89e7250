"""What every channel is: something that takes a message, or says why it did not.

Failed            the channel does not answer, or asks to wait: everything waits
  Unacceptable    it works, but does not take this message: others go first
"""

from typing import Protocol

import httpx

from sinks.alerts.alert import Message
from sinks.alerts.outbox import Policy

TIMEOUT_S = 10.0


class Failed(Exception):
    """Why a message was not taken, without a secret or an address that may hold one;
    ``retry_after_s``: the channel asked to wait this long, 0: it did not say."""

    def __init__(self, why: str, retry_after_s: float = 0.0) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class Unacceptable(Failed):
    """The message itself is refused."""


class Channel(Protocol):
    """``send`` blocks, and raises Failed."""

    @property
    def name(self) -> str: ...
    @property
    def policy(self) -> Policy: ...
    def send(self, message: Message) -> None: ...


def post(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """Posts JSON; the answer, whatever its status. Raises Failed when there is none. An address
    may hold a token, so no error of the client's own is passed on, nor chained."""
    headers = {"Content-Type": "application/json", "User-Agent": "tickstream", **headers}
    try:
        return httpx.post(url, content=body, headers=headers, timeout=TIMEOUT_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failed(f"no answer: {type(error).__name__}") from None


def retry_after_s(answer: httpx.Response) -> float:
    """The header Retry-After in seconds (RFC 9110, 10.2.3); 0 where it is a date or not there."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0
