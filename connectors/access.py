"""Who we are to a venue: what the loops add to what a session asks for, so that keys are in no
session, no capture, no log record and no ``repr``.

A session writes addresses with ``{account}`` where the account's id belongs, and asks for the
message that says who we are with ``Authenticate``; the loop has the words.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode


class Denied(Exception):
    """The venue will not serve us, however often we ask: why, and what to do."""


def hush() -> None:
    """The HTTP library logs every address; a vendor may want its key in there."""
    logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Access:
    """``headers`` go with every HTTP request and with the opening of a WebSocket; ``query`` is
    added to their addresses; ``hello`` is the message on a WebSocket that says who we are."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    hello: str = field(default="", repr=False)
    account: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.headers or self.query or self.hello)

    def address(self, url: str) -> str:
        """Where a session's ``url`` is for us."""
        whole = url.replace("{account}", self.account)
        return (
            f"{whole}{'&' if '?' in whole else '?'}{urlencode(self.query)}" if self.query else whole
        )


NOBODY = Access()
