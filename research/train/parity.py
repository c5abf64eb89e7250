"""That the exported model says what the fitted one says.

Graphs sum in float32 where libraries sum in double precision: a difference in the seventh digit is
theirs. A larger one means that a row took another branch, and the model is not written.
"""

from typing import Any, NamedTuple

import numpy as np

from research.train.errors import TrainError

TOLERANCE = 1e-4  # of a probability; of a value, times the largest


class Parity(NamedTuple):
    """The largest difference over so many rows."""

    rows: int
    largest: float


def run(data: bytes, x: Any) -> Any:
    """What a graph says: the probability of a rise, or basis points; float64."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, ["CPUExecutionProvider"])
    (said,) = session.run(None, {"x": np.ascontiguousarray(x, np.float32)})
    wide = np.asarray(said, np.float64)
    return wide[:, 1] if wide.ndim == 2 else wide


def compare(what: str, said: Any, expected: Any) -> Parity:
    """Raises TrainError where they differ."""
    largest = float(np.abs(said - expected).max())
    limit = TOLERANCE * max(1.0, float(np.abs(expected).max()))
    if not largest <= limit:
        raise TrainError(
            f"{what} differs from the fitted model by {largest:.3g} on one of {len(expected)} "
            f"rows, more than {limit:.3g}: nothing is written; try another learner, and report it"
        )
    return Parity(len(expected), largest)
