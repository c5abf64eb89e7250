"""[models.NAME]: a table of the class that its kind names."""

import re
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from streams.operators.features.features import Features
from streams.operators.features.models.linear_kinds import Logistic
from streams.operators.features.models.river_kinds import AdaptiveRandomForest, NaiveBayes

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "learn-online.md"


def loaded(text: str, folder: Path) -> Features:
    config = folder / "models.toml"
    config.write_text(text)
    return Features(operator_configs(load(config, {}), REPLAY_KEY).features)


def test_the_default_is_a_logistic_model_over_the_core_features() -> None:
    settings = load(environment={})
    assert list(settings.models) == ["p_up"]
    model = settings.models["p_up"]
    assert isinstance(model, Logistic)
    assert (model.horizon, model.warm_up, model.learning_rate) == (10 * 10**9, 30, 0.05)


def test_a_table_is_laid_over_the_default_of_its_kind_and_replaces_that_of_another(
    tmp_path: Path,
) -> None:
    config = tmp_path / "a.toml"
    config.write_text('[models.p_up]\nhorizon = "1m"\n')
    model = load(config, {}).models["p_up"]
    assert isinstance(model, Logistic)
    assert (model.horizon, model.inputs[0]) == (60 * 10**9, "ret_1")
    config.write_text('[models.p_up]\nkind = "naive_bayes"\n')
    other = load(config, {}).models["p_up"]
    assert isinstance(other, NaiveBayes)
    assert other.inputs == ()


def test_the_configuration_that_the_documentation_shows_is_understood(tmp_path: Path) -> None:
    texts = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    config = tmp_path / "page.toml"
    config.write_text("\n".join(texts))
    settings = load(config, {})
    assert operator_configs(settings, REPLAY_KEY).strategies.drift[0][0] == "paper"
    assert isinstance(settings.models["forest"], AdaptiveRandomForest)
    made = Features(operator_configs(settings, REPLAY_KEY).features)
    assert made._names[-4:] == ("p_up", "forest", "unusual", "stacked")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[models.a]\nkind = "hofding_tree"', "models.a.kind 'hofding_tree'; did you mean"),
        ("[models.a]\nwarm_up = 3", "models.a.kind None"),
        ('[models.a]\nkind = "logistic"\ndepth = 3', "unknown key models.a.depth"),
        ('[models.a]\nkind = "logistic"\nl2 = 99.0', "models.a: l2 99: from 0 to 10"),
        ('[models.a]\nkind = "logistic"\ninputs = ["b*"]', r"models.a: input 'b\*' is no column"),
        ('[models.a]\nkind = "linear"\nvolatility = "sigma"', "input 'sigma' is no column"),
        ('[models.rsi]\nkind = "logistic"', "models.rsi: there is a column rsi already"),
        ('[models.a]\nkind = "logistic"\nlabel = "soon"', "label 'soon': use horizon"),
        ('[models.a]\nkind = "logistic"\nhorizon = "0s"', "horizon must be longer"),
        ('[models.a]\nkind = "knn"\ndrift = "adwim"', "drift 'adwim': use nothing, adwin"),
        ('[models."a b"]\nkind = "logistic"', "models.a b: a name is a word of letters"),
        ("[models]\na = 3", r"\[models.a\] must be a table"),
        ('[evaluation]\nperiod = "0s"', "evaluation: periods"),
        ("[evaluation]\ndrift_reference = -1", "drift_reference must lie"),
    ],
)
def test_a_model_with_a_slip_is_refused_by_name(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        loaded(text, tmp_path)


def test_a_model_that_takes_a_later_one_is_refused(tmp_path: Path) -> None:
    text = '[models.a]\nkind = "logistic"\ninputs = ["b"]\n[models.b]\nkind = "logistic"\n'
    with pytest.raises(ConfigError, match=r"models\.a: input 'b' is no column"):
        loaded(text, tmp_path)
