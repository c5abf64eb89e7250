"""The access token: an hour or so of it for a key and its secret.

There are two ways to it: ``oauth2/token`` (client credentials, as a form) and the older
``authorize`` (login and password, as JSON). The first that the venue has is used.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from connectors.decimals import exact_json
from connectors.trading.credentials import Credentials
from connectors.trading.refusals import UNREADABLE
from connectors.trading.session import Answer, Call, Http, Purpose, Verdict

_EARLY_NS = 45 * 10**9
_S = 10**9
OAUTH, AUTHORIZE = "/oauth2/token", "/authorize"
_NOT_THERE = (400, 404, 405)


@dataclass(slots=True)
class Token:
    """``until``: when it runs out, ns. ``fetched``: so often since one was last good for a call."""

    keys: Credentials = field(repr=False)
    value: str = field(default="", repr=False)
    until: int = 0
    path: str = OAUTH
    fetched: int = 0

    def call(self, at: int) -> Call | None:
        """What fetches it; None while the present one is good."""
        if self.value and at < self.until - _EARLY_NS:
            return None
        return Call(Purpose.STREAM, "POST", self.path)

    def request(self, call: Call, base: str) -> Http:
        key, secret = self.keys.key, self.keys.secret
        if call.path == AUTHORIZE:
            body = orjson.dumps({"login": key, "password": secret})
            return Http("POST", base + call.path, {"Content-Type": "application/json"}, body)
        form = {"grant_type": "client_credentials", "scope": "global"}
        body = urlencode(form | {"client_id": key, "client_secret": secret}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return Http("POST", base + call.path, kind, body)

    def take(self, call: Call, status: int, body: bytes, at: int) -> Answer:
        """Nothing of the answer is told: it is a secret."""
        if call.path == OAUTH and status in _NOT_THERE:
            self.path = AUTHORIZE
            return Answer(Verdict.DONE)
        if status in (400, 401, 403):
            return Answer(Verdict.UNAUTHORISED, text=f"{status} on {call.path}")
        if status == 429:
            return Answer(Verdict.WAIT, wait_s=1.0, text="429")
        if status >= 300:
            return Answer(Verdict.UNKNOWN, text=f"{status} on {call.path}")
        try:
            self._read(exact_json(body), at)
        except UNREADABLE:
            return Answer(Verdict.UNKNOWN, text=f"{call.path}: the answer is no token")
        return Answer(Verdict.DONE)

    def _read(self, data: dict[str, Any], at: int) -> None:
        lives = data.get("expires_in")
        until = at + int(lives) * _S if lives is not None else int(data["expiration"]) * _S
        if until <= at + _EARLY_NS:
            raise ValueError("the token has run out already")
        self.value, self.until = str(data["access_token"]), until
        self.fetched += 1

    def taken(self) -> None:
        """The venue took it for a call."""
        self.fetched = 0

    def may_have_ended(self) -> bool:
        """The venue did not take it: it is thrown away, as it may have ended early. False when
        those that were fetched since then are not taken either."""
        self.value = ""
        return self.fetched < 2
