"""Small ONNX models from a seed, and registries that hold them."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from streams.models.description import Description, Stage, describe
from streams.models.store import Store

OPSET = [helper.make_opsetid("", 15)]


def network(inputs: int, seed: int = 1, hidden: tuple[int, ...] = (32, 16)) -> bytes:
    """A classifier: ReLU layers and a softmax over two classes."""
    rng = np.random.default_rng(seed)
    widths = (inputs, *hidden, 2)
    nodes, weights, current = [], [], "x"
    for n, (before, after) in enumerate(itertools.pairwise(widths)):
        w = (rng.normal(size=(before, after)) / np.sqrt(before)).astype(np.float32)
        weights += [_named(w, f"w{n}"), _named(rng.normal(size=after).astype(np.float32), f"b{n}")]
        nodes.append(helper.make_node("Gemm", [current, f"w{n}", f"b{n}"], [f"g{n}"]))
        if n < len(hidden):
            nodes.append(helper.make_node("Relu", [f"g{n}"], [f"r{n}"]))
            current = f"r{n}"
    nodes.append(helper.make_node("Softmax", [f"g{len(hidden)}"], ["probabilities"], axis=1))
    return _graph(nodes, inputs, "probabilities", [None, 2], weights)


def constant(inputs: int, probability: float) -> bytes:
    """A classifier that always says the same."""
    zeros = _named(np.zeros((inputs, 2), np.float32), "w")
    out = _named(np.array([1 - probability, probability], np.float32), "b")
    node = helper.make_node("Gemm", ["x", "w", "b"], ["probabilities"])
    return _graph([node], inputs, "probabilities", [None, 2], [zeros, out])


def linear(weights: list[float]) -> bytes:
    """A regressor: the weighted sum of its inputs."""
    w = _named(np.array(weights, np.float32)[:, np.newaxis], "w")
    node = helper.make_node("MatMul", ["x", "w"], ["value"])
    return _graph([node], len(weights), "value", [None, 1], [w])


def logarithm() -> bytes:
    """A regressor that gives no number below zero."""
    shifted = _named(np.array([1.0], np.float32), "one")
    nodes = [
        helper.make_node("Add", ["x", "one"], ["y"]),
        helper.make_node("Log", ["y"], ["value"]),
    ]
    return _graph(nodes, 1, "value", [None, 1], [shifted])


def picky(*values: float, output: str = "value") -> bytes:
    """It raises where its input is no row of a table (of three: 0.5, 1.5 and 2.5)."""
    table = _named(np.array(values or (0.5, 1.5, 2.5), np.float32), "table")
    nodes = [
        helper.make_node("Cast", ["x"], ["row"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "row"], [output]),
    ]
    return _graph(nodes, 1, output, [None, 1], [table])


def _named(values: Any, name: str) -> Any:
    return numpy_helper.from_array(values, name)


def _graph(nodes: Any, inputs: int, output: str, shape: Any, weights: Any) -> bytes:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, inputs])
    out = helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "made", [x], [out], weights)
    model: bytes = helper.make_model(graph, opset_imports=OPSET, ir_version=8).SerializeToString()
    return model


def put(
    store: Store,
    name: str,
    data: bytes,
    inputs: tuple[str, ...],
    stage: Stage = Stage.CANDIDATE,
    **more: Any,
) -> Description:
    """A model into a registry; a regressor where its output is called ``value``."""
    told = {"kind": "classifier", "outputs": ["probabilities"], **more}
    described = store.registry.add(data, describe(data, name, inputs=inputs, **told))
    if stage is Stage.CANDIDATE:
        return described
    return store.registry.move(name, described.version, stage)


REGRESSOR: dict[str, Any] = {"kind": "regressor", "outputs": ["value"]}


def store_in(folder: Path) -> Store:
    return Store(folder / "models")
