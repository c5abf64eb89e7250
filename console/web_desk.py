"""The kill switch by web: POST /kill and /release on the port of metrics and health.

The body is ``{"account": "paper", "flatten": true, "why": "…", "who": "…"}``; account may be
``all``, and all but it may be left out.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.secrets import load_secret
from console.commands.desk import Desk
from console.errors import Failure
from streams.web_commands import WebCommands

TOKEN = "TICKSTREAM_DESK_TOKEN"
_FIELDS = {"account": str, "flatten": bool, "why": str, "who": str}


def web_desk(
    config: Path | None, broker: str | None, environment: Mapping[str, str] = os.environ
) -> WebCommands | None:
    """None where ``$TICKSTREAM_DESK_TOKEN``, or its ``_FILE``, is not set: then nobody may.
    Raises ConfigError when others may read the file."""
    if not (environment.get(TOKEN) or environment.get(f"{TOKEN}_FILE")):
        return None

    def switch(posted: dict[str, Any], engaged: bool) -> dict[str, Any]:
        asked = _checked(posted)
        desk = Desk(config, broker, f"web/{asked.get('who', '')}".rstrip("/"))
        flatten = engaged and asked.get("flatten", False)
        try:
            return desk.kill(asked["account"], engaged, flatten, asked.get("why", ""))
        except Failure as error:
            raise ValueError(str(error)) from error

    return WebCommands(
        load_secret(TOKEN, environment).value,
        {
            "/kill": lambda posted: switch(posted, True),
            "/release": lambda posted: switch(posted, False),
        },
    )


def _checked(posted: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError on a field that is unknown, missing or of the wrong type: who mistypes
    flatten must learn of it."""
    for name, value in posted.items():
        kind = _FIELDS.get(name)
        if kind is None:
            raise ValueError(f"unknown field {name}; known are {', '.join(_FIELDS)}")
        if type(value) is not kind:
            raise ValueError(f"{name} must be of type {kind.__name__}")
    if "account" not in posted:
        raise ValueError("say which account, or all")
    return posted
