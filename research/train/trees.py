"""Tree ensembles of any library as one table of nodes, and that table as an ONNX node.

Libraries compare in double precision, the graph in float32. Models are fitted on float32 values
and every threshold is rounded towards the side that keeps the comparison's meaning: for a float32
x, ``x <= t`` says the same as ``x <= (largest float32 not above t)``. So no row takes another
branch in the stream than it took in training.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from research.train.graph import Graph

LEQ, LT = "BRANCH_LEQ", "BRANCH_LT"


class Tree(NamedTuple):
    """Node 0 is the root; ``left`` is taken when the comparison holds; a leaf has ``left`` -1 and
    its ``value``."""

    feature: Any
    threshold: Any
    left: Any
    right: Any
    value: Any


class Ensemble(NamedTuple):
    """What it says is ``base`` plus the sum of its trees' leaves."""

    trees: tuple[Tree, ...]
    mode: str
    base: float


def to_graph(graph: Graph, x: str, ensemble: Ensemble) -> str:
    """A column of sums, in doubles."""
    columns: dict[str, list[Any]] = {}
    for number, tree in enumerate(ensemble.trees):
        for name, values in _attributes(number, tree, ensemble.mode).items():
            columns.setdefault(name, []).extend(values)
    total = graph.node(
        "TreeEnsembleRegressor",
        x,
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        post_transform="NONE",
        **columns,
    )
    return graph.add(graph.wide(total), [[ensemble.base]])


def _attributes(number: int, tree: Tree, mode: str) -> dict[str, list[Any]]:
    nodes = len(tree.left)
    leaf = np.asarray(tree.left) < 0
    places = np.arange(nodes)
    at = np.flatnonzero(leaf)
    thresholds = np.where(leaf, 0.0, tree.threshold)
    rounded = below(thresholds) if mode == LEQ else above(thresholds)
    return {
        "nodes_treeids": [number] * nodes,
        "nodes_nodeids": places.tolist(),
        "nodes_featureids": np.where(leaf, 0, tree.feature).tolist(),
        "nodes_values": rounded.tolist(),
        "nodes_modes": ["LEAF" if ends else mode for ends in leaf.tolist()],
        "nodes_truenodeids": np.where(leaf, 0, tree.left).tolist(),
        "nodes_falsenodeids": np.where(leaf, 0, tree.right).tolist(),
        "target_treeids": [number] * len(at),
        "target_nodeids": at.tolist(),
        "target_ids": [0] * len(at),
        "target_weights": np.asarray(tree.value, np.float64)[at].tolist(),
    }


def below(thresholds: Any) -> Any:
    """The largest float32 not above each."""
    near = np.asarray(thresholds, np.float64).astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)


def above(thresholds: Any) -> Any:
    """The smallest float32 not below each."""
    return -below(-np.asarray(thresholds, np.float64))


def of_forest(forest: Any, classifier: bool) -> Ensemble:
    """scikit-learn's: the mean of its trees, a classifier's of the share of rises in a leaf."""
    count = len(forest.estimators_)
    trees = []
    for estimator in forest.estimators_:
        tree = estimator.tree_
        value = tree.value[:, 0, 1 if classifier else 0] / count
        left, right = tree.children_left, tree.children_right
        trees.append(Tree(tree.feature, tree.threshold, left, right, value))
    return Ensemble(tuple(trees), LEQ, 0.0)


def of_histogram_boosting(model: Any) -> Ensemble:
    """scikit-learn's; it has no public way to its trees."""
    trees = []
    for (predictor,) in model._predictors:
        nodes = predictor.nodes
        left = np.where(nodes["is_leaf"], -1, nodes["left"].astype(np.int64))
        right = nodes["right"].astype(np.int64)
        feature = nodes["feature_idx"].astype(np.int64)
        trees.append(Tree(feature, nodes["num_threshold"], left, right, nodes["value"]))
    return Ensemble(tuple(trees), LEQ, float(np.ravel(model._baseline_prediction)[0]))


def of_lightgbm(booster: Any) -> Ensemble:
    """The first tree holds the base."""
    found = booster.dump_model()["tree_info"]
    return Ensemble(tuple(_flat(t["tree_structure"]) for t in found), LEQ, 0.0)


def _flat(root: dict[str, Any]) -> Tree:
    nodes = list(_walk(root))
    number = {id(node): place for place, node in enumerate(nodes)}
    inner = ["split_feature" in node for node in nodes]

    def child(side: str) -> Any:
        pairs = zip(nodes, inner, strict=True)
        return np.array([number[id(node[side])] if has else -1 for node, has in pairs])

    return Tree(
        np.array([node.get("split_feature", 0) for node in nodes]),
        np.array([node.get("threshold", 0.0) for node in nodes]),
        child("left_child"),
        child("right_child"),
        np.array([node.get("leaf_value", 0.0) for node in nodes]),
    )


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for side in ("left_child", "right_child"):
        if side in node:
            yield from _walk(node[side])


def of_xgboost(described: dict[str, Any], base: float) -> Ensemble:
    """From the model's JSON, which writes float32 numbers as short as it can; a leaf's value stands
    where an inner node has its threshold."""
    found: Iterable[dict[str, Any]] = described["learner"]["gradient_booster"]["model"]["trees"]
    trees = []
    for tree in found:
        conditions = np.array(tree["split_conditions"], np.float32)
        left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
        trees.append(Tree(np.array(tree["split_indices"]), conditions, left, right, conditions))
    return Ensemble(tuple(trees), LT, base)
