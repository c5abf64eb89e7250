"""Alpaca's HTTP answers that are no success: what they mean.

Codes as documented (docs.alpaca.markets, "Placing Orders", and the learn page on common errors):
400 the request cannot be read; 401 the keys are not taken; 403 not allowed: buying power, quantity
held by other orders, wash trade, account restricted; 404 no such order or asset; 422 the order
cannot be: price increments, an order done already, a client id used before; 429 too many requests,
with the second at which the window opens again; 5xx nobody knows.
"""

from typing import Any

import orjson

from connectors.trading.refusals import DONE, Judgement
from connectors.trading.session import Purpose, Verdict

_LONGEST_WAIT_S = 60.0
_CHANGES = (Purpose.NEW, Purpose.REPLACE)


def judged(
    purpose: Purpose, status: int, headers: dict[str, str], body: bytes, at: int
) -> Judgement:
    """What an answer means."""
    if status < 300:
        return DONE
    text = _text(status, body)
    match status:
        case 401:
            return Judgement(Verdict.UNAUTHORISED, text)
        case 429:
            return Judgement(Verdict.WAIT, text, _wait_s(headers, at))
        case 404 if purpose is Purpose.LOOKUP:
            return Judgement(Verdict.ABSENT, text)
        case 422 if purpose in _CHANGES and "must be unique" in text:
            return Judgement(Verdict.TAKEN, text)
        case 400 | 403 | 404 | 422:
            return Judgement(Verdict.DONE, text, refused=True)
    return Judgement(Verdict.UNKNOWN, text)


def _text(status: int, body: bytes) -> str:
    """``403 (40310000): insufficient buying power``."""
    try:
        data: Any = orjson.loads(body)
        code = f" ({data['code']})" if data.get("code") else ""
        return f"{status}{code}: {data.get('message', '')}"
    except (ValueError, AttributeError, TypeError, KeyError):
        return f"{status}: {body[:200].decode(errors='replace')}"


def _wait_s(headers: dict[str, str], at: int) -> float:
    """``Retry-After`` in seconds, or ``X-RateLimit-Reset``, a Unix time in seconds."""
    try:
        if after := headers.get("retry-after"):
            return min(max(float(after), 0.0), _LONGEST_WAIT_S)
        if reset := headers.get("x-ratelimit-reset"):
            return min(max(float(reset) - at / 1e9, 0.0) + 0.05, _LONGEST_WAIT_S)
    except ValueError:
        pass
    return 1.0
