"""Every kind of model that learns online."""

from typing import get_args

from streams.operators.features.models.anomaly import HalfSpaceTrees, OneClass
from streams.operators.features.models.linear_kinds import Linear, Logistic
from streams.operators.features.models.river_kinds import (
    AdaptiveRandomForest,
    AdaptiveRandomForestRegressor,
    AdwinBagging,
    AdwinBoosting,
    HoeffdingAdaptiveTree,
    HoeffdingAdaptiveTreeRegressor,
    HoeffdingTree,
    HoeffdingTreeRegressor,
    NaiveBayes,
    Neighbours,
    NeighboursRegressor,
    RandomPatches,
)

OnlineModel = (
    Logistic
    | Linear
    | NaiveBayes
    | HoeffdingTree
    | HoeffdingTreeRegressor
    | HoeffdingAdaptiveTree
    | HoeffdingAdaptiveTreeRegressor
    | AdaptiveRandomForest
    | AdaptiveRandomForestRegressor
    | RandomPatches
    | AdwinBagging
    | AdwinBoosting
    | Neighbours
    | NeighboursRegressor
    | HalfSpaceTrees
    | OneClass
)
KINDS: dict[str, type[OnlineModel]] = {cls.kind: cls for cls in get_args(OnlineModel)}
