"""Commands by POST beside the metrics page: a bearer token (RFC 6750), a JSON object, an answer.

Without a token there are no such pages. What a command does is the caller's affair.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from streams.log import LogError

LARGEST_BODY = 64 * 1024
Command = Callable[[dict[str, Any]], dict[str, Any]]
Answer = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class WebCommands:
    """``commands``: path → what to do with the object that was posted. It raises ValueError for
    what it cannot understand and LogError when the log does not take what it writes."""

    token: str = field(repr=False)
    commands: Mapping[str, Command]

    def answer(self, environ: Mapping[str, Any]) -> Answer | None:
        """Status and facts for a WSGI request; None where it is for no command."""
        command = self.commands.get(environ["PATH_INFO"])
        if command is None or not self.token:
            return None
        if environ["REQUEST_METHOD"] != "POST":
            return "405 Method Not Allowed", {"error": "use POST"}
        if not self._may(environ.get("HTTP_AUTHORIZATION", "")):
            return "401 Unauthorized", {"error": "a bearer token is needed"}
        try:
            return "200 OK", command(_posted(environ))
        except ValueError as error:
            return "400 Bad Request", {"error": str(error)}
        except LogError as error:
            return "503 Service Unavailable", {"error": str(error)}

    def _may(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        right = hmac.compare_digest(given.strip().encode(), self.token.encode())
        return scheme.lower() == "bearer" and right


def _posted(environ: Mapping[str, Any]) -> dict[str, Any]:
    """Raises ValueError where the body is no JSON object, or too large."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LARGEST_BODY:
        raise ValueError(f"the body must be of at most {LARGEST_BODY} bytes")
    try:
        posted = json.loads(environ["wsgi.input"].read(int(length)))
    except ValueError as error:
        raise ValueError('the body must be a JSON object: {"account": "paper"}') from error
    if not isinstance(posted, dict):
        raise ValueError('the body must be a JSON object: {"account": "paper"}')
    return posted
