"""A small ONNX graph, node by node. Names are numbered and nothing else enters, so the same model
has the same bytes.

Everything between the input and the output is computed in doubles, as the libraries do, where
ONNX has an operator for it: only tree ensembles sum their leaves in float32.
"""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUT, PROBABILITIES, VALUES = "x", "probabilities", "values"
_OPSET, _ML_OPSET, _IR = 17, 3, 8  # what every runtime since 2022 reads


class Graph:
    """Names of tensors are what its methods take and return."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, value: Any, dtype: Any = np.float64) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def node(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        name = f"t{len(self._nodes)}"
        made = helper.make_node(kind, list(inputs), [name], name, domain=domain, **attributes)
        self._nodes.append(made)
        return name

    def wide(self, name: str) -> str:
        """As doubles."""
        return self.node("Cast", name, to=TensorProto.DOUBLE)

    def add(self, name: str, value: Any) -> str:
        return self.node("Add", name, self.constant(value))

    def times(self, name: str, value: Any) -> str:
        return self.node("Mul", name, self.constant(value))

    def affine(self, name: str, weights: Any, intercept: Any) -> str:
        return self.add(self.node("MatMul", name, self.constant(weights)), intercept)

    def probabilities(self, rise: str) -> str:
        """Of a fall and a rise, from a column of those of a rise."""
        fall = self.node("Sub", self.constant([[1.0]]), rise)
        return self.node("Concat", fall, rise, axis=1)

    def finish(self, result: str, features: int, classifier: bool) -> bytes:
        """The model: ``x`` (rows, features) → ``probabilities`` (rows, 2) or ``values`` (rows,)."""
        output = PROBABILITIES if classifier else VALUES
        if not classifier:
            result = self.node("Squeeze", result, self.constant([1], np.int64))
        self._nodes.append(
            helper.make_node("Cast", [result], [output], output, to=TensorProto.FLOAT)
        )
        rows = ["rows", 2] if classifier else ["rows"]
        made = helper.make_graph(
            self._nodes,
            "tickstream",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["rows", features])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, rows)],
            self._constants,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("ai.onnx.ml", _ML_OPSET)]
        model = helper.make_model(made, opset_imports=opsets, ir_version=_IR)
        onnx.checker.check_model(model)
        data: bytes = model.SerializeToString(deterministic=True)
        return data
