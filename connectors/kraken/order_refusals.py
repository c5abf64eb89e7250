"""Kraken's errors: what they mean (docs.kraken.com, "Error messages").

The HTTP status says nothing but that the request got there; the errors stand in the body. An
elapsed deadline, an internal error or a busy service leaves open whether an order was placed.
"""

from typing import Any

from connectors.decimals import exact_json
from connectors.trading.refusals import DONE, Judgement
from connectors.trading.session import Purpose, Verdict

_AGAIN_S = 1.0
_LONGEST_WAIT_S = 120.0
_TOO_MANY = (
    "EAPI:Rate limit exceeded",
    "EOrder:Rate limit exceeded",
    "EOrder:Domain rate limit exceeded",
    "EAuth:Rate limit exceeded",
    "EAuth:Too many requests",
    "EGeneral:Too many requests",
    "EService:Throttled",
)
_LOCKED = "EGeneral:Temporary lockout"
_NONCE = "EAPI:Invalid nonce"  # nothing was done: the next one is larger
_KEYS = (
    "EAPI:Invalid key",
    "EAPI:Invalid signature",
    "EGeneral:Permission denied",
    "EAccount:Invalid permissions",
    "EAuth:Account temporary disabled",
    "EAuth:Account unconfirmed",
)
_UNKNOWN = (
    "EService:Unavailable",
    "EService:Busy",
    "EService:Timeout",
    "EService:Deadline elapsed",
    "EGeneral:Internal error",
    "EGeneral:Unknown error",
)
_ABSENT = ("EOrder:Unknown order", "EOrder:Invalid order", "EQuery:Unknown order")
_TAKEN = "cl_ord_id"  # an open order has it


def judged(purpose: Purpose, status: int, body: bytes, at: int) -> Judgement:
    """What an answer means."""
    if status == 429:
        return Judgement(Verdict.WAIT, "429", _AGAIN_S)
    try:
        errors = [e for e in exact_json(body)["error"] if not e.startswith("W")]
    except (ValueError, KeyError, TypeError, AttributeError):
        text = f"{status}: {body[:200].decode(errors='replace')}"
        return Judgement(Verdict.UNKNOWN, text)
    if not errors:
        return DONE if status < 300 else Judgement(Verdict.UNKNOWN, str(status))
    return _of(purpose, errors[0], ", ".join(errors), at)


def _of(purpose: Purpose, error: str, text: str, at: int) -> Judgement:
    if error.startswith((*_TOO_MANY, _NONCE)):
        return Judgement(Verdict.WAIT, text, _wait_s(error, at))
    if error.startswith(_LOCKED):
        return Judgement(Verdict.WAIT, text, _LONGEST_WAIT_S)
    if error.startswith(_KEYS):
        return Judgement(Verdict.UNAUTHORISED, text)
    if error.startswith(_UNKNOWN):
        return Judgement(Verdict.UNKNOWN, text)
    if purpose is Purpose.LOOKUP:
        found = Verdict.ABSENT if error.startswith(_ABSENT) else Verdict.UNKNOWN
        return Judgement(found, text)
    if purpose is Purpose.NEW and _TAKEN in error:
        return Judgement(Verdict.TAKEN, text)
    if purpose in (Purpose.NEW, Purpose.CANCEL, Purpose.REPLACE):
        return Judgement(Verdict.DONE, text, refused=True)
    return Judgement(Verdict.UNKNOWN, text)


def stream_refusal(message: dict[str, Any]) -> bool:
    """Whether a subscription was refused for the keys."""
    return str(message.get("error", "")).startswith(_KEYS)


def _wait_s(error: str, at: int) -> float:
    """``EService:Throttled: <Unix seconds>`` says until when."""
    until = error.rpartition(":")[2].strip()
    if not until.isdigit():
        return _AGAIN_S
    return min(max(int(until) - at / 1e9, 0.0) + 0.05, _LONGEST_WAIT_S)
