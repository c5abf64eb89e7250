"""Baskets as a user writes them."""

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from config.tree import Settings


def settings(folder: Path, text: str) -> Settings:
    file = folder / "mine.toml"
    file.write_text(text)
    return load(file, {})


def test_there_is_none_by_default() -> None:
    made = operator_configs(load(environment={}), REPLAY_KEY)
    assert made.builder.baskets == {}
    assert made.consolidated.baskets == {}


def test_operators_get_what_is_written(tmp_path: Path) -> None:
    text = '[baskets]\nBTC-USD = ["A:X", "B:X"]\n[consolidated]\nlevels = 2\nstale_after = "5s"\n'
    made = operator_configs(settings(tmp_path, text), REPLAY_KEY)
    assert made.builder.baskets == {"A:X": "BTC-USD", "B:X": "BTC-USD"}
    assert made.consolidated.baskets == {"BTC-USD": ("A:X", "B:X")}
    assert (made.consolidated.levels, made.consolidated.stale_ns) == (2, 5 * 10**9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[baskets]\nB = ["A:X"]', "baskets.B needs at least two"),
        ('[baskets]\nB = ["A:X", "A:X"]', "A:X stands in baskets.B and baskets.B"),
        ('[baskets]\nB = ["A:X", "B:X"]\nC = ["C:X", "A:X"]', "baskets.B and baskets.C"),
        ('[baskets]\nB = "A:X"', "baskets.B = 'A:X': must be a list"),
        ("[baskets]\nB = [1, 2]", "must be of type str"),
        ('baskets = "A:X"', r"\[baskets\] must be a table"),
        ('[baskets]\nB = ["A:X", "B:X"]\n[consolidated]\nlevels = 11', "1 … 10, market.levels"),
        ('[baskets]\nB = ["A:X", "B:X"]\n[consolidated]\nlevels = 0', "1 … 10, market.levels"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings(tmp_path, text)
