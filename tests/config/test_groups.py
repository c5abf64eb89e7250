"""Groups as a user writes them."""

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from streams.topology import OperatorConfigs

GROUPS = """
[groups]
G = ["A:X", "A:Y"]
T = ["A:X", "A:Y", "B:Z"]
[baskets]
ONE = ["A:X", "B:X"]
"""
SIZING = '.sizing]\nkind = "fixed"\nnotional = "10000"\n'


def strategy(name: str, kind: str, group: str, keys: str = "") -> str:
    head = f'[strategies.{name}]\nkind = "{kind}"\naccount = "paper"\ngroup = "{group}"\n'
    return f"{head}{keys}\n[strategies.{name}{SIZING}"


def made(folder: Path, text: str) -> OperatorConfigs:
    file = folder / "mine.toml"
    file.write_text(text)
    return operator_configs(load(file, {}), REPLAY_KEY)


def test_there_is_none_by_default() -> None:
    configs = operator_configs(load(environment={}), REPLAY_KEY)
    assert configs.features.groups == {}
    assert configs.group_strategies.strategies == ()


def test_operators_are_told_what_is_written(tmp_path: Path) -> None:
    text = GROUPS + strategy("p", "pairs", "G", 'stale_after = "5s"\nperiod = 50')
    text += strategy("t", "triangular", "T") + strategy("c", "cross_venue", "ONE")
    configs = made(tmp_path, text)
    assert configs.features.groups == {"A:X": ("G", "T"), "A:Y": ("G", "T"), "B:Z": ("T",)}
    assert configs.builder.groups == {"A:X": ("T",), "A:Y": ("T",), "B:Z": ("T",)}
    assert configs.features.hearers == {"t": "T"}, "the basket's are told by the builder"
    pairs, _, cross = configs.group_strategies.strategies
    assert (pairs.group, pairs.members, pairs.stale_ns) == ("G", ("A:X", "A:Y"), 5 * 10**9)
    assert pairs.config.params.period == 50
    assert cross.members == ("A:X", "B:X")
    assert [one.name for one in configs.strategies.strategies] == ["ema_cross"]
    assert set(configs.gate.hearing) == {"t", "c"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[groups]\nG = ["A:X"]', "groups.G needs at least two"),
        ('[groups]\nG = ["A:X", "A:X"]', "each once"),
        ('[groups]\nONE = ["A:X", "A:Y"]\n[baskets]\nONE = ["A:X", "B:X"]', "a basket has that"),
        (GROUPS + strategy("p", "pairs", "H"), "'H' is not in .groups."),
        (GROUPS + strategy("p", "pairs", "ONE"), "'ONE' is not in .groups."),
        (GROUPS + strategy("t", "triangular", "G"), "G has 2 members; triangular needs 3 … 3"),
        (GROUPS + strategy("p", "pairs", "G", "entry = 0.1"), "exit 0.5 < entry 0.1"),
        (GROUPS + strategy("p", "pairs", "G", 'instruments = ["*"]'), "unknown key .*instruments"),
        (GROUPS + strategy("p", "pairs", "G", 'stale_after = "0s"'), "longer than nothing"),
        (GROUPS + strategy("t", "triangular", "T", 'pairs = "A/B"'), "no triangle"),
        (
            GROUPS + strategy("p", "pairs", "G") + '[market]\nbars = ["tick:5", "time:1s"]\n'
            '[features]\nbar = "tick:5"',
            "make features.bar a bar of time",
        ),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        made(tmp_path, text)
