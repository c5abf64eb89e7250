"""Coinbase's answers that are no success: HTTP status, and ``success: false`` in what came with 200
(docs.cdp.coinbase.com, Advanced Trade API, the errors of each endpoint)."""

from typing import Any

import orjson

from connectors.trading.refusals import DONE, Judgement
from connectors.trading.session import Purpose, Verdict

_LONGEST_WAIT_S = 60.0
_ASKED = (Purpose.NEW, Purpose.CANCEL, Purpose.REPLACE)
_NO_REASON = ("UNKNOWN_FAILURE_REASON", "UNKNOWN_CANCEL_FAILURE_REASON", "")
_TAKEN = "DUPLICATE_CLIENT_ORDER_ID"
_FORBIDDEN = ("PERMISSION_DENIED", "unauthorized", "Unauthorized")


def judged(purpose: Purpose, status: int, headers: dict[str, str], body: bytes) -> Judgement:
    """What an answer means."""
    if status < 300:
        return _inside(purpose, body)
    error, message = _error(body)
    text = f"{status} {error}: {message}" if error else f"{status}: {message}"
    match status:
        case 401:
            return Judgement(Verdict.UNAUTHORISED, text)
        case 403 if error in _FORBIDDEN:
            return Judgement(Verdict.UNAUTHORISED, text)
        case 429:
            return Judgement(Verdict.WAIT, text, _wait_s(headers))
        case 404 if purpose is Purpose.LOOKUP:
            return Judgement(Verdict.ABSENT, text)
        case 400 | 404 if purpose in _ASKED:
            return Judgement(Verdict.DONE, text, refused=True)
    return Judgement(Verdict.UNKNOWN, text)


def _inside(purpose: Purpose, body: bytes) -> Judgement:
    """Whether the venue did what an answer of status 200 is about."""
    if purpose not in _ASKED:
        return DONE
    try:
        data = orjson.loads(body)
        row = data["results"][0] if purpose is Purpose.CANCEL else data
        if row["success"]:
            return DONE
        reason, text = _reason(row)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return Judgement(Verdict.UNKNOWN, body[:200].decode(errors="replace"))
    if reason == _TAKEN:
        return Judgement(Verdict.TAKEN, text)
    if reason in _NO_REASON and purpose is not Purpose.CANCEL:
        return Judgement(Verdict.UNKNOWN, text)
    return Judgement(Verdict.DONE, text, refused=True)


def _reason(row: dict[str, Any]) -> tuple[str, str]:
    """The venue's word for it, and all that it says."""
    told = row.get("error_response") or {}
    errors = row.get("errors") or [{}]
    words = [
        told.get("error"),
        told.get("preview_failure_reason"),
        told.get("new_order_failure_reason"),
        row.get("failure_reason"),
        errors[0].get("edit_failure_reason"),
        errors[0].get("preview_failure_reason"),
    ]
    said = list(dict.fromkeys(w for w in words if w and not w.startswith("UNKNOWN_PREVIEW")))
    known = [word for word in said if word not in _NO_REASON]
    message = told.get("message") or told.get("error_details") or ""
    text = ", ".join([*(known or said), *([message] if message else [])])
    return (known or said or [""])[0], text


def _error(body: bytes) -> tuple[str, str]:
    try:
        data = orjson.loads(body)
        return str(data["error"]), str(data.get("message") or data.get("error_details") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", body[:200].decode(errors="replace")


def _wait_s(headers: dict[str, str]) -> float:
    try:
        return min(max(float(headers.get("retry-after", "1")), 0.0), _LONGEST_WAIT_S)
    except ValueError:
        return 1.0
