"""The kill switch by file and by web: who may, what it says, and that it is said once."""

import json
import os
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from config.errors import ConfigError
from console.kill_file import KillFile
from console.web_desk import web_desk
from schemas.codec import Codec
from schemas.inbox import KillSwitch
from streams.cause import Cause, Taken
from streams.log import LogError
from streams.metrics import serve
from streams.web_commands import WebCommands

TOKEN = "let me in"


class FakeWriter:
    """Keeps what is sent; fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.sent = failures, []

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        self.sent.append((topic, key, value, cause))

    def flush(self) -> None:
        if self.failures:
            self.failures -= 1
            raise LogError("the broker is away")


@pytest.fixture
def kill(tmp_path: Path) -> Path:
    return tmp_path / "KILL"


def switches(codec: Codec, writer: FakeWriter, taken: Taken | None = None) -> list[KillSwitch]:
    """What a gate takes of it: what it knows by its cause it drops."""
    taken = taken or Taken()
    made = [codec.decode(value) for _, _, value, cause in writer.sent if taken.is_new(cause)]
    assert all(isinstance(record, KillSwitch) for record in made)
    return made  # type: ignore[return-value]


def test_nothing_is_said_while_there_is_no_file(kill: Path, codec: Codec) -> None:
    writer = FakeWriter()
    assert not KillFile(kill, ("a", "b"), codec, lambda: writer).check()
    assert not KillFile(kill / "deeper", ("a",), codec, lambda: writer).check()
    assert writer.sent == []


def test_a_file_stops_every_account_once(kill: Path, codec: Codec) -> None:
    writer = FakeWriter()
    file = KillFile(kill, ("a", "b"), codec, lambda: writer)
    kill.touch()
    assert file.check()
    assert not file.check()
    assert [(topic, key) for topic, key, *_ in writer.sent] == [("orders", "a"), ("orders", "b")]
    for switch in switches(codec, writer):
        assert switch.engaged
        assert not switch.flatten
        assert (switch.who, switch.reason) == ("kill-file", str(kill))


def test_many_processes_and_restarts_make_one_of_it(kill: Path, codec: Codec) -> None:
    writer = FakeWriter()
    kill.touch()
    for _ in range(3):
        assert KillFile(kill, ("a", "b"), codec, lambda: writer).check()
    assert len(writer.sent) == 6
    assert len(switches(codec, writer)) == 2
    assert len({value for _, _, value, _ in writer.sent}) == 2


@pytest.mark.parametrize(
    ("content", "flattens"), [("flatten", True), (" FLATTEN\n", True), ("x", False)]
)
def test_the_file_may_say_to_close_positions_too(
    kill: Path, codec: Codec, content: str, flattens: bool
) -> None:
    writer = FakeWriter()
    kill.write_text(content)
    KillFile(kill, ("a",), codec, lambda: writer).check()
    assert [s.flatten for s in switches(codec, writer)] == [flattens]


def test_a_file_that_is_written_in_two_steps_flattens_in_the_end(kill: Path, codec: Codec) -> None:
    writer = FakeWriter()
    file = KillFile(kill, ("a",), codec, lambda: writer)
    kill.touch()
    file.check()
    kill.write_text("flatten")
    assert file.check()
    assert [s.flatten for s in switches(codec, writer)] == [False, True]


def test_an_old_file_that_is_moved_there_stops_trading_again(
    kill: Path, codec: Codec, tmp_path: Path
) -> None:
    writer, taken = FakeWriter(), Taken()
    file = KillFile(kill, ("a",), codec, lambda: writer)
    kill.touch()
    file.check()
    kill.unlink()
    assert not file.check()
    prepared = tmp_path / "prepared"
    prepared.touch()
    os.utime(prepared, (1, 1))
    prepared.rename(kill)
    assert file.check()
    assert len(switches(codec, writer, taken)) == 2


def test_a_file_that_nobody_may_read_stops_trading_all_the_same(kill: Path, codec: Codec) -> None:
    writer = FakeWriter()
    kill.mkdir()
    assert KillFile(kill, ("a",), codec, lambda: writer).check()
    assert [s.engaged for s in switches(codec, writer)] == [True]


def test_it_is_said_again_until_the_log_takes_it(kill: Path, codec: Codec) -> None:
    writer = FakeWriter(failures=2)
    file = KillFile(kill, ("a",), codec, lambda: writer)
    kill.touch()
    for _ in range(2):
        with pytest.raises(LogError):
            file.check()
    assert file.check()
    assert not file.check()
    assert len(switches(codec, writer)) == 1


def served(commands: WebCommands | None) -> str:
    port = serve(0, CollectorRegistry(), lambda: {"ok": True}, commands)
    return f"http://127.0.0.1:{port}"


def ask(url: str, body: bytes | None = b"{}", token: str | None = TOKEN) -> tuple[int, Any]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.fixture(scope="module")
def web() -> str:
    def away(_: dict[str, Any]) -> dict[str, Any]:
        raise LogError("the broker is away")

    def strict(posted: dict[str, Any]) -> dict[str, Any]:
        if posted:
            raise ValueError("no")
        return {"done": True}

    return served(WebCommands(TOKEN, {"/kill": strict, "/away": away}))


@pytest.mark.parametrize(
    ("path", "body", "token", "status"),
    [
        ("/kill", b"{}", TOKEN, 200),
        ("/kill", b"{}", None, 401),
        ("/kill", b"{}", "guess", 401),
        ("/kill", b"{}", "", 401),
        ("/kill", b"{}", "lét", 401),
        ("/kill", None, TOKEN, 405),
        ("/kill", b"", TOKEN, 400),
        ("/kill", b"[]", TOKEN, 400),
        ("/kill", b"\xff", TOKEN, 400),
        ("/kill", b'{"x": 1}', TOKEN, 400),
        ("/kill", b"0" * 70_000, TOKEN, 400),
        ("/away", b"{}", TOKEN, 503),
        ("/other", b"{}", TOKEN, 404),
    ],
)
def test_the_token_opens_the_commands_and_nothing_else_does(
    web: str, path: str, body: bytes | None, token: str | None, status: int
) -> None:
    assert ask(web + path, body, token)[0] == status


def test_without_commands_there_are_no_such_pages() -> None:
    for commands in (None, WebCommands("", {"/kill": lambda _: {}})):
        url = served(commands)
        assert ask(f"{url}/kill")[0] == 404
        assert ask(f"{url}/health", None)[0] == 200


def test_who_connects_and_says_nothing_keeps_nobody_out(web: str) -> None:
    port = int(web.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)):
        assert ask(f"{web}/kill")[0] == 200


def test_there_is_a_web_desk_where_a_token_is_set(tmp_path: Path) -> None:
    assert web_desk(None, None, {}) is None
    assert web_desk(None, None, {"TICKSTREAM_DESK_TOKEN": ""}) is None
    file = tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        web_desk(None, None, {"TICKSTREAM_DESK_TOKEN_FILE": str(file)})
    file.chmod(0o600)
    found = web_desk(None, None, {"TICKSTREAM_DESK_TOKEN_FILE": str(file)})
    assert found is not None
    assert found.token == TOKEN
    assert TOKEN not in repr(found)


@pytest.mark.parametrize(
    ("posted", "error"),
    [
        ({}, "say which account"),
        ({"account": "nobody"}, "'nobody' is not configured"),
        ({"account": "paper", "flaten": True}, "unknown field flaten"),
        ({"account": "paper", "flatten": "true"}, "flatten must be of type bool"),
        ({"account": 3}, "account must be of type str"),
    ],
)
def test_what_the_web_desk_does_not_understand_it_refuses(
    posted: dict[str, Any], error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = web_desk(None, "127.0.0.1:1", {"TICKSTREAM_DESK_TOKEN": TOKEN})
    assert found is not None
    with pytest.raises(ValueError, match=error):
        found.commands["/kill"](posted)
