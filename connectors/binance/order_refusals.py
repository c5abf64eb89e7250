"""Binance's answers that are no success, by HTTP status and error code ("Errors").

-1006 and -1007 say in so many words that the execution status is unknown, as every 5xx does;
-2013 is how a lookup says that there is no such order.
"""

from typing import Any

import orjson

from connectors.trading.refusals import DONE, Judgement
from connectors.trading.session import Purpose, Verdict

_LONGEST_WAIT_S = 120.0
_UNKNOWN = (-1000, -1001, -1006, -1007)
_TOO_MANY = (-1003, -1008, -1015)
_KEYS = (-1002, -1022, -2014, -2015)
_TAKEN = (-4111, -4116)
_ABSENT = -2013


def judged(purpose: Purpose, status: int, headers: dict[str, str], body: bytes) -> Judgement:
    """What an answer means."""
    if status < 300:
        return DONE
    code, message = _error(body)
    text = f"{status} ({code}): {message}"
    if status in (418, 429) or code in _TOO_MANY:
        return Judgement(Verdict.WAIT, text, _wait_s(headers))
    if status == 401 or code in _KEYS:
        return Judgement(Verdict.UNAUTHORISED, text)
    if status >= 500 or code in _UNKNOWN:
        return Judgement(Verdict.UNKNOWN, text)
    if purpose is Purpose.LOOKUP:
        return Judgement(Verdict.ABSENT if code == _ABSENT else Verdict.UNKNOWN, text)
    if purpose is Purpose.NEW and (code in _TAKEN or "uplicate order" in message):
        return Judgement(Verdict.TAKEN, text)
    if purpose in (Purpose.NEW, Purpose.CANCEL, Purpose.REPLACE):
        return Judgement(Verdict.DONE, text, refused=True)
    return Judgement(Verdict.UNKNOWN, text)


def _error(body: bytes) -> tuple[int, str]:
    try:
        data: Any = orjson.loads(body)
        return int(data["code"]), str(data["msg"])
    except (ValueError, KeyError, TypeError):
        return 0, body[:200].decode(errors="replace")


def _wait_s(headers: dict[str, str]) -> float:
    try:
        return min(max(float(headers.get("retry-after", "1")), 0.0), _LONGEST_WAIT_S)
    except ValueError:
        return 1.0
