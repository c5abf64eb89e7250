"""Strategies of a user's own: files that are found, refused with file and line, and checked."""

from pathlib import Path

import pytest

from config import user_strategies
from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.user_strategies import Problem
from console.commands import strategy_check, strategy_list, strategy_new
from console.commands.strategy_run import params_of
from console.errors import Failure
from streams.operators.strategies.kind import Kind
from tests.strategies.made import toml

HEAD = """
from streams.strategy import NoParams, Signal, View, strategy
"""
BODY = """
@strategy("mine", needs={"rsi": "rsi(5)"})
def mine(params: NoParams, view: View):
    yield view.target(1 if view["rsi"] < 50 else -1, "RSI")
"""
GOOD = HEAD + BODY


def written(folder: Path, text: str, name: str = "mine") -> Path:
    file = folder / f"{name}.py"
    file.write_text(text)
    return file


def problem(file: Path) -> Problem:
    found = user_strategies.read(file)
    assert isinstance(found, Problem), found
    return found


def kinds(file: Path) -> list[Kind]:
    found = user_strategies.read(file)
    assert not isinstance(found, Problem), found
    return found


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("def x(:\n", 1, "is not Python"),
        (f"import time\n{GOOD}", 1, "imports time: a strategy may import"),
        (f"from os import path\n{GOOD}", 1, "imports os"),
        (f"import numpy.random\n{GOOD}", 1, "random source"),
        (f"import numpy as np\nx = np.random.normal()\n{GOOD}", 2, "random source"),
        (f"from . import other\n{GOOD}", 1, "imports ."),
        (f"x = open('x')\n{GOOD}", 1, "calls open()"),
        (f"x = 1\ndef f():\n    global x\n{GOOD}", 3, "keep it in view.state"),
        (f"x = 1\ny = 1 / 0\n{GOOD}", 2, "ZeroDivisionError"),
        ("x = 1\n", 1, "declares no strategy"),
        (GOOD.replace("params: NoParams, ", "params, "), 4, "write def mine(params: MyParams"),
        (GOOD.replace("needs=", 'watches=("top",), needs='), 4, "it is (TOPS,) or (TOPS, TRADES)"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(
    text: str, line: int, says: str, tmp_path: Path
) -> None:
    found = problem(written(tmp_path, text))
    assert says in found.text
    assert found.line == line
    assert str(found).startswith(f"{tmp_path}/mine.py:{line}: ")


def test_a_broken_file_does_not_stop_the_others(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    written(tmp_path, GOOD, "other")
    written(tmp_path, "1 +", "third")
    written(tmp_path, "1 +", "_left_out")
    written(tmp_path, GOOD.replace('"mine"', '"momentum"'), "zebra")
    found = user_strategies.in_folder(tmp_path)
    assert list(found.kinds) == ["mine"]
    texts = [str(one) for one in found.problems]
    assert [Path(one.file).name for one in found.problems] == ["other.py", "third.py", "zebra.py"]
    assert "mine.py: choose another" in texts[0]
    assert "comes with the system" in texts[2]


def test_a_changed_file_is_read_anew_and_known_by_another_version(tmp_path: Path) -> None:
    (first,) = kinds(written(tmp_path, GOOD))
    (second,) = kinds(written(tmp_path, GOOD.replace("< 50", "< 40")))
    (third,) = kinds(written(tmp_path, GOOD))
    assert first.version == third.version != second.version
    assert first.run is not third.run


CONFIG = """
[user_strategies]
folder = "{folder}"
[strategies.a]
kind = "mine"
account = "paper"
instruments = ["*"]
[strategies.a.sizing]
kind = "fixed"
notional = "10"
"""


def test_it_is_configured_as_any_other_and_its_indicators_come_by_themselves(
    tmp_path: Path,
) -> None:
    written(tmp_path, GOOD)
    settings = toml(CONFIG.format(folder=tmp_path), tmp_path)
    configs = operator_configs(settings, REPLAY_KEY)
    assert [one.name for one in configs.strategies.strategies] == ["ema_cross", "a"]
    assert [name for asked in configs.features.indicators for name in asked.names] == ["rsi_5"]


@pytest.mark.parametrize(
    ("file", "extra", "says"),
    [
        (GOOD, "perod = 5", "unknown key strategies.a.perod"),
        ("1 +", "", r"mine.py:1: is not Python"),
        (GOOD.replace("rsi(5)", "rsj(5)"), "", r"strategies.a \(mine\): no feature 'rsj\(5\)'|rsj"),
        (GOOD.replace("rsi(5)", "bbands(5).top"), "", "say which output: bbands"),
        (GOOD.replace("rsi(5)", "rsi(0)"), "", "from"),
        (GOOD.replace('"mine"', '"yours"'), "", "did you mean|known are"),
    ],
)
def test_what_is_wrong_shows_when_the_configuration_is_read(
    file: str, extra: str, says: str, tmp_path: Path
) -> None:
    written(tmp_path, file)
    text = CONFIG.format(folder=tmp_path).replace('kind = "mine"', f'kind = "mine"\n{extra}')
    with pytest.raises(ConfigError, match=says):
        toml(text, tmp_path)


LOSES = 'n = view.state.n = getattr(view.state, "n", 0) + 1'
KEEPS = """
from dataclasses import dataclass, field
@dataclass
class Memory:
    seen: {}
"""
WITH_MEMORY = BODY.replace('rsi(5)"}', 'rsi(5)"}, state=Memory')


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            HEAD
            + "seen = []\n"
            + BODY.replace("    yield", "    seen.append(1)\n    yield").replace(
                '"RSI")', 'f"{len(seen)}")'
            ),
            "second time",
        ),
        (GOOD.replace('view["rsi"] <', 'view["rsj"] <'), "add 'rsj' to its needs"),
        (
            HEAD
            + KEEPS.format("int = 0")
            + WITH_MEMORY.replace("    yield", f"    {LOSES}\n    yield").replace(
                '"RSI")', "str(n))"
            ),
            "goes on differently",
        ),
        (HEAD + KEEPS.format("set = field(default_factory=set)") + WITH_MEMORY, "cannot be kept"),
        (
            GOOD.replace("    yield", "    1 / 0\n    yield"),
            "ZeroDivisionError: division by zero (mine.py:6)",
        ),
    ],
)
def test_the_check_finds_what_a_replay_would_suffer_from(
    text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    facts = strategy_check.run([written(tmp_path, text)], None)
    assert not facts["ok"]
    assert any(says in one for one in facts["problems"]), facts["problems"]


def test_a_new_strategy_is_listed_and_passes_its_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert strategy_new.run("my-idea", None)["file"] == "strategies/my_idea.py"
    listed = strategy_list.run(None)["strategies"]
    assert listed["my-idea"]["from"] == "strategies/my_idea.py"
    assert listed["momentum"]["from"] == "the system"
    facts = strategy_check.run([], None)
    assert facts["ok"]
    assert "signals" in facts["strategies"]["my-idea"]


@pytest.mark.parametrize("name", ["My Idea", "momentum", "my-idea"])
def test_a_name_that_cannot_be_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    strategy_new.run("my-idea", None)
    with pytest.raises(Failure):
        strategy_new.run(name, None)


def test_parameters_of_the_command_line_are_toml_or_words() -> None:
    given = ("a=1", "b = 2.5", "c=true", "d=30s", 'e="x"', "f=[1]")
    assert params_of(given) == {"a": 1, "b": 2.5, "c": True, "d": "30s", "e": "x", "f": [1]}
    with pytest.raises(Failure, match="NAME=VALUE"):
        params_of(("a",))
