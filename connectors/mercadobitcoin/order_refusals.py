"""Mercado Bitcoin's errors: ``DOMAIN|MODULE|ERROR`` and a message (API v4, "Errors")."""

import orjson

from connectors.trading.refusals import DONE, Judgement
from connectors.trading.session import Purpose, Verdict

_AGAIN_S, _BLOCKED_S = 1.0, 60.0
_WAIT = {
    "REQUEST_RATE_EXCEEDED": _AGAIN_S,
    "REQUEST_DENIED": _AGAIN_S,
    "API_UNAVAILABLE": _AGAIN_S,
    "REQUEST_BLOCKED": _BLOCKED_S,
}
_KEYS = ("FORBIDDEN", "INVALID_ACCESS")
_UNKNOWN = (
    "ORDER_IN_PROCESSING",
    "INTERNAL_SERVER_ERROR",
    "BALANCE_RESERVED_NOT_CANCELED",
    "ERROR_",
)
_ABSENT, _TAKEN = "ORDER_NOT_FOUND", "ORDER_DUPLICATE"


def judged(purpose: Purpose, status: int, body: bytes) -> Judgement:
    """What an answer means."""
    if status < 300:
        return DONE
    error, message = _error(body)
    text = f"{status} {error}: {message}" if error else f"{status}: {message}"
    name = error.rpartition("|")[2]
    if name in _WAIT or status == 429:
        return Judgement(Verdict.WAIT, text, _WAIT.get(name, _AGAIN_S))
    if status in (401, 403) or name in _KEYS:
        return Judgement(Verdict.UNAUTHORISED, text)
    if name.startswith(_UNKNOWN) or status >= 500:
        return Judgement(Verdict.UNKNOWN, text)
    if purpose is Purpose.LOOKUP:
        return Judgement(Verdict.ABSENT if name == _ABSENT else Verdict.UNKNOWN, text)
    if purpose is Purpose.NEW and name == _TAKEN:
        return Judgement(Verdict.TAKEN, text)
    if purpose in (Purpose.NEW, Purpose.CANCEL):
        return Judgement(Verdict.DONE, text, refused=True)
    return Judgement(Verdict.UNKNOWN, text)


def _error(body: bytes) -> tuple[str, str]:
    try:
        data = orjson.loads(body)
        return str(data["code"]), str(data.get("message", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", body[:200].decode(errors="replace")
