"""A strategy of several instruments in a file of a user's own."""

from pathlib import Path

from config import user_strategies
from console.commands import strategy_check, strategy_list
from console.commands.strategy_check import alone
from streams.operators.strategies.groups.library import GROUP_KINDS
from tests.strategies.made import toml

PAIR = """
from streams.strategy import GroupView, NoParams, group_strategy

@group_strategy("my-pair", history=20)
def my_pair(params: NoParams, view: GroupView):
    if view.silent or view.seen < 20:
        return
    a, b = view.history(0), view.history(1)
    wide = (a - b)[-1] - (a - b).mean()
    yield view.hold([-1, 1] + [0] * (len(view.legs) - 2) if wide > 0 else [0] * len(view.legs), "x")
"""


def test_it_is_found_and_checked_on_a_made_group(tmp_path: Path) -> None:
    file = tmp_path / "pair.py"
    file.write_text(PAIR)
    facts = strategy_check.run([file], None)
    assert facts["problems"] == []
    assert "signals and commands" in facts["strategies"]["my-pair"]


def test_what_it_does_wrong_is_told(tmp_path: Path) -> None:
    file = tmp_path / "pair.py"
    file.write_text(PAIR.replace("len(view.legs) - 2", "7"))
    problems = strategy_check.run([file], None)["problems"]
    assert any("weights: the group has 3" in text for text in problems)


def test_the_list_has_those_of_groups(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[groups]\nG = ["A:X", "A:Y"]\n[strategies.p]\nkind = "pairs"\naccount = "paper"\n'
        'group = "G"\n[strategies.p.sizing]\nkind = "fixed"\nnotional = "1"\n'
    )
    facts = strategy_list.run(config)
    assert set(GROUP_KINDS) <= set(facts["strategies"])
    assert facts["configured"]["p"] == "pairs on G"


def test_a_run_takes_the_first_group_of_the_configuration(tmp_path: Path) -> None:
    settings = toml('[groups]\nG = ["A:X", "A:Y"]\nH = ["A:X", "A:Z"]', tmp_path)
    kind = GROUP_KINDS["pairs"]
    assert alone(settings, kind).strategies["pairs"].group == "G"
    assert alone(settings, kind, {"group": "H"}).strategies["pairs"].group == "H"
    found = user_strategies.in_folder(tmp_path)
    assert found.kinds == {}
