"""Models of river that learn from labels. river is imported when the first is made: it takes two
seconds, of which a configuration without these needs none."""

from dataclasses import dataclass
from typing import Any, ClassVar

from streams.operators.features.models.kinds import Online
from streams.operators.features.models.learner import Learner
from streams.operators.features.models.parameter import number
from streams.operators.features.models.river_learner import RiverLearner


@dataclass(frozen=True, slots=True, kw_only=True)
class River(Online):
    scaler: ClassVar[str] = ""

    def learner(self, inputs: tuple[str, ...], seed: int) -> Learner:
        return RiverLearner(self.model(seed), inputs, self.sides, self.scaler, self.warm_up)

    def model(self, seed: int) -> Any:
        """river's, fresh."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree(River):
    grace_period: int = number(200, 1, 1_000_000, "labels in a leaf between attempts to split it")
    delta: float = number(1e-7, 1e-12, 1.0, "chance of a wrong split")
    tau: float = number(0.05, 0.0, 1.0, "splits nearer than this are a tie, and split")
    max_depth: int = number(20, 1, 1000, "of the tree")

    def options(self) -> dict[str, Any]:
        names = ("grace_period", "delta", "tau", "max_depth")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class HoeffdingTree(_Tree):
    """Hoeffding tree with naive Bayes in its leaves (Domingos and Hulten 2000)."""

    kind: ClassVar[str] = "hoeffding_tree"
    sides: ClassVar[bool] = True

    def model(self, seed: int) -> Any:
        from river import tree

        return tree.HoeffdingTreeClassifier(**self.options())


@dataclass(frozen=True, slots=True, kw_only=True)
class HoeffdingTreeRegressor(_Tree):
    """Hoeffding tree with linear models in its leaves (Ikonomovska et al. 2011)."""

    kind: ClassVar[str] = "hoeffding_tree_regressor"
    sides: ClassVar[bool] = False

    def model(self, seed: int) -> Any:
        from river import tree

        return tree.HoeffdingTreeRegressor(**self.options())


@dataclass(frozen=True, slots=True, kw_only=True)
class HoeffdingAdaptiveTree(_Tree):
    """Hoeffding tree that replaces branches whose error grows (Bifet and Gavaldà 2009)."""

    kind: ClassVar[str] = "hoeffding_adaptive_tree"
    sides: ClassVar[bool] = True

    def model(self, seed: int) -> Any:
        from river import tree

        return tree.HoeffdingAdaptiveTreeClassifier(**self.options(), seed=seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoeffdingAdaptiveTreeRegressor(_Tree):
    """The same for returns."""

    kind: ClassVar[str] = "hoeffding_adaptive_tree_regressor"
    sides: ClassVar[bool] = False

    def model(self, seed: int) -> Any:
        from river import tree

        return tree.HoeffdingAdaptiveTreeRegressor(**self.options(), seed=seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forest(_Tree):
    models: int = number(10, 1, 1000, "trees")
    grace_period: int = number(50, 1, 1_000_000, "labels in a leaf between attempts to split it")
    delta: float = number(0.01, 1e-12, 1.0, "chance of a wrong split")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveRandomForest(_Forest):
    """Adaptive random forest: trees over random inputs, replaced when they drift (Gomes et al.
    2017)."""

    kind: ClassVar[str] = "adaptive_random_forest"
    sides: ClassVar[bool] = True

    def model(self, seed: int) -> Any:
        from river import forest

        return forest.ARFClassifier(n_models=self.models, seed=seed, **self.options())


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveRandomForestRegressor(_Forest):
    """The same for returns (Gomes et al. 2018)."""

    kind: ClassVar[str] = "adaptive_random_forest_regressor"
    sides: ClassVar[bool] = False

    def model(self, seed: int) -> Any:
        from river import forest

        return forest.ARFRegressor(n_models=self.models, seed=seed, **self.options())


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomPatches(_Forest):
    """Streaming random patches: trees over random inputs and random weights (Gomes et al. 2019)."""

    kind: ClassVar[str] = "random_patches"
    sides: ClassVar[bool] = True

    def model(self, seed: int) -> Any:
        from river import ensemble, tree

        base = tree.HoeffdingTreeClassifier(**self.options())
        return ensemble.SRPClassifier(base, n_models=self.models, seed=seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdwinBagging(_Forest):
    """Online bagging of Hoeffding trees; the worst is replaced when ADWIN finds drift (Bifet et al.
    2009)."""

    kind: ClassVar[str] = "adwin_bagging"
    sides: ClassVar[bool] = True

    def model(self, seed: int) -> Any:
        from river import ensemble, tree

        base = tree.HoeffdingTreeClassifier(**self.options())
        return ensemble.ADWINBaggingClassifier(base, n_models=self.models, seed=seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdwinBoosting(_Forest):
    """Online boosting of Hoeffding trees (Oza and Russell 2001), with ADWIN."""

    kind: ClassVar[str] = "adwin_boosting"
    sides: ClassVar[bool] = True

    def model(self, seed: int) -> Any:
        from river import ensemble, tree

        base = tree.HoeffdingTreeClassifier(**self.options())
        return ensemble.ADWINBoostingClassifier(base, n_models=self.models, seed=seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class NaiveBayes(River):
    """Gaussian naive Bayes."""

    kind: ClassVar[str] = "naive_bayes"
    sides: ClassVar[bool] = True

    def model(self, seed: int) -> Any:
        from river import naive_bayes

        return naive_bayes.GaussianNB()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Neighbours(River):
    scaler: ClassVar[str] = "standard"
    neighbours: int = number(5, 1, 10_000, "that are asked")
    window: int = number(500, 1, 100_000, "latest labels that are kept")

    def engine(self) -> Any:
        """Looks at all that are kept: exact, and the same in every process."""
        from river import neighbors, utils

        distance = utils.math._euclidean_distance
        return neighbors.LazySearch(self.window, 0.0, distance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours(_Neighbours):
    """The nearest neighbours among the latest vectors, over standardised inputs."""

    kind: ClassVar[str] = "knn"
    sides: ClassVar[bool] = True

    def model(self, seed: int) -> Any:
        from river import neighbors

        return neighbors.KNNClassifier(self.neighbours, self.engine())


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighboursRegressor(_Neighbours):
    """The same for returns."""

    kind: ClassVar[str] = "knn_regressor"
    sides: ClassVar[bool] = False

    def model(self, seed: int) -> Any:
        from river import neighbors

        return neighbors.KNNRegressor(self.neighbours, self.engine())
