"""Feature vectors by the very operators that make them in the stream: the builder, and the features
behind it. Nothing else of the topology runs, so no order is made.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from research.train.dataset import History, Vectors
from research.train.errors import TrainError
from schemas.codec import Codec, Message
from schemas.frames import FeatureFrame
from schemas.mids import mids
from streams.cause import Cause
from streams.chain import ChainFold
from streams.operator import Refused
from streams.operators.features.features import FeaturesConfig
from streams.topology import Chain, OperatorConfigs, chains


@dataclass(slots=True)
class VectorFold:
    """A ``Writer``: whatever feeds a log may feed it. ``features`` takes the place of what
    the configuration has. ``refused`` counts records that could not be folded, as a host writes
    them to the dead letters."""

    configs: OperatorConfigs
    codec: Codec
    features: FeaturesConfig
    refused: int = 0
    _frames: dict[str, list[FeatureFrame]] = field(default_factory=dict)
    _fold: ChainFold = field(init=False)

    def __post_init__(self) -> None:
        configs = replace(self.configs, features=self.features)
        self._fold = ChainFold(feature_chain(), configs)

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        """What does not go to ``ticks`` changes no vector."""
        if topic == "ticks":
            self.take(self.codec.decode(value))

    def flush(self) -> None:
        """Everything sent is folded already."""

    def take(self, message: Message) -> None:
        try:
            emitted, troubles = self._fold.apply(message)
        except Refused:
            self.refused += 1
            return
        self.refused += len(troubles)
        for item in emitted:
            if isinstance(item.output.message, FeatureFrame):
                frame = item.output.message
                self._frames.setdefault(frame.instrument, []).append(frame)

    def history(self) -> History:
        """Raises TrainError where there is no vector at all."""
        first = next((frames[0] for frames in self._frames.values()), None)
        if first is None:
            raise TrainError(
                "the source gives no feature vector: it needs a bar of features.bar; check the "
                "instruments and the span, or choose a shorter bar"
            )
        found = {name: _joined(frames) for name, frames in self._frames.items()}
        return History(first.feature_set, first.names, found)


def feature_chain() -> Chain:
    """The part of the market's chain that makes vectors."""
    (whole,) = (chain for chain in chains() if chain.name == "builder")
    stages = tuple(s for s in whole.stages if s.name in ("builder", "features"))
    return Chain(whole.name, whole.reads, stages)


def _joined(frames: list[FeatureFrame]) -> Vectors:
    return Vectors(
        np.concatenate([f.vectors.ts_event for f in frames]),
        np.concatenate([mids(f) for f in frames]),
        np.concatenate([f.vectors.values.reshape(len(f), -1) for f in frames]),
    )
