"""RFC 3339 times ↔ nanoseconds since the Unix epoch, without a float on the way."""

import re
from datetime import UTC, datetime, timedelta, timezone

_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)"
    r"(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):?(\d\d))"
)


def rfc3339_ns(text: str) -> int:
    """``2022-04-19T13:45:04.981350886-04:00`` → ns UTC; digits beyond the ninth are cut. Raises
    ValueError."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an RFC 3339 time")
    *parts, fraction, sign, hours, minutes = match.groups()
    shift = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    zone = timezone(-shift if sign == "-" else shift)
    moment = datetime(*map(int, parts), tzinfo=zone)  # type: ignore[arg-type, misc]
    ns = int(moment.timestamp()) * 10**9 + int((fraction or "").ljust(9, "0"))
    if not -(2**63) <= ns < 2**63:
        raise ValueError(f"{text!r} lies outside of what 64 bits of nanoseconds hold")
    return ns


def ns_rfc3339(ns: int) -> str:
    """ns UTC → text with nine decimals and Z."""
    seconds, rest = divmod(ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
