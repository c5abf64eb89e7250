"""What ClickHouse says when it does not take something, in words that say what to do."""

import re

# ClickHouse error codes (src/Common/ErrorCodes.cpp)
_ADVICE = {
    60: "a table is missing: was it dropped while the sink ran? start the sink again",
    81: "the database is missing: was it dropped while the sink ran? start the sink again",
    164: "the user may only read: grant INSERT, CREATE and SELECT on the database",
    192: "user unknown: check the user name in the address",
    194: "the password is missing: put it into the address",
    243: "the disk is full: free some space, then start the sink again",
    497: "the user lacks rights: grant INSERT, CREATE and SELECT on the database",
    516: "wrong user or password: check the address",
}


class SinkError(Exception):
    """ClickHouse cannot take, or tell, what was asked: what, where, what to do."""


def code_of(error: Exception) -> int | None:
    """ClickHouse's error code in a client's exception."""
    found = re.search(r"[Cc]ode:? (\d+)", str(error))
    return int(found.group(1)) if found else None


def is_permanent(error: Exception) -> bool:
    """Whether trying again cannot help."""
    code = code_of(error)
    return code is not None and code not in (209, 210, 159, 202, 241, 252, 242)


def explain(where: str, error: Exception) -> SinkError:
    """One line, without passwords and stack traces."""
    advice = _ADVICE.get(code_of(error) or 0)
    first = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
    if advice:
        return SinkError(f"ClickHouse at {where}: {advice}")
    if code_of(error) is None:
        return SinkError(f"ClickHouse at {where} cannot be reached: {hide_password(first)}")
    return SinkError(f"ClickHouse at {where}: {hide_password(first)}")


def hide_password(text: str) -> str:
    return re.sub(r"://([^:/@]+):[^@/]*@", r"://\1:***@", text)
