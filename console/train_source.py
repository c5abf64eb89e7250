"""Where the vectors come from that a model is trained on, and that it is tried on afterwards."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.experiment import Experiment
from connectors.selection import Selection
from console import experiments
from console.context import Context
from console.feeding import check_there, feed
from console.output import say
from research.train import streaming, table
from research.train.dataset import History
from research.train.parity import Parity
from research.train.training import Trained
from research.train.vectors import VectorFold
from sinks.clickhouse.target import open_client
from streams.models.description import Description
from streams.operators.features.features import FeaturesConfig

_CLICKHOUSE = ("embedded:", "http://", "https://")


class Source(Protocol):
    """``form``: what it was recognised as."""

    form: str

    def history(self) -> History: ...

    def parity(self, trained: Trained, described: Description, history: History) -> Parity:
        """Of the model in the stream and the fitted one. Raises TrainError where they differ."""
        ...


def open_source(experiment: Experiment, made: Context) -> Source:
    """Raises Failure where it is not there."""
    selection = experiments.selection(experiment)
    outputs = streaming.model_columns(made.configs.features)
    asked = [name for name in outputs if name in experiment.features]
    source = experiment.source
    if source == "clickhouse" or source.startswith(_CLICKHOUSE):
        target = made.settings.clickhouse.target if source == "clickhouse" else source
        ignored = [name for name in outputs if name not in asked]
        return _Table(target, selection, experiment.feature_set, ignored)
    path = Path(source)
    check_there(path)
    return _Files(path, made, selection, streaming.with_models(made.configs.features, asked))


@dataclass(slots=True)
class _Files:
    path: Path
    made: Context
    selection: Selection
    features: FeaturesConfig
    form: str = ""

    def history(self) -> History:
        say(f"vectors of {self.path.name}")
        return self._fold(self.features)

    def parity(self, trained: Trained, described: Description, history: History) -> Parity:
        say(f"the model in the stream of {self.path.name}")
        features = streaming.with_model(self.features, trained.onnx, described)
        return streaming.compare(trained, history, self._fold(features))

    def _fold(self, features: FeaturesConfig) -> History:
        fold = VectorFold(self.made.configs, self.made.codec, features)
        self.form = feed(self.path, self.made, fold, self.selection)
        return fold.history()


@dataclass(slots=True)
class _Table:
    target: str
    selection: Selection
    feature_set: str
    ignored: list[str]
    form: str = "clickhouse"

    def history(self) -> History:
        say("vectors of the table features")
        with open_client(self.target) as client:
            return table.read(client, self.selection, self.feature_set, self.ignored)

    def parity(self, trained: Trained, described: Description, history: History) -> Parity:
        say("the model over the vectors, one by one")
        return streaming.one_by_one(trained, trained.onnx, described, history)
