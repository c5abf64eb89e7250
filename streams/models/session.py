"""A model of the registry, loaded: onnxruntime on one thread, with the same answer every time.

One row goes through buffers that are bound once (no allocation, 2 µs less than ``run``), several go
through together. That a row's value does not depend on those that come with it is tried when the
model is loaded; a model for which it does not hold is run row by row.
"""

import math
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from streams.models.description import Description, Kind
from streams.operators.features.models.predictor import FloatArray, ModelError

_TRIED = 64  # rows
_SLACK = 1e-5  # of a probability computed in float32
_LONGEST = 200  # characters of a reason
_FLOATS = {"tensor(float)": np.float32, "tensor(double)": np.float64}

Float32Array = npt.NDArray[np.float32]


class Session:
    """A ``Predictor``. Raises ModelError where the bytes are no model, or not the one described."""

    def __init__(self, data: bytes, described: Description) -> None:
        self.description = described
        self.is_classifier = described.kind is Kind.CLASSIFIER
        self._where = f"model {described.name} {described.version}"
        self._session = _open(data, self._where)
        self._output, dtype = _contract(self._session, described, self._where)
        self._x = np.zeros((1, len(described.inputs)), np.float32)
        self._bound_output = np.zeros(self._shape(), dtype)
        self._column = _column(self._bound_output.shape, described, self._where)
        self._flat = self._bound_output.reshape(-1)
        self._binding = self._bind(dtype)
        self._in_batches = self._rows_are_independent()

    @property
    def version(self) -> str:
        return self.description.version

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.description.inputs

    @property
    def feature_set(self) -> str:
        return self.description.feature_set

    @property
    def takes_nan(self) -> bool:
        return self.description.takes_nan

    @property
    def fallback(self) -> float:
        stated = self.description.fallback
        return math.nan if stated is None else stated

    @property
    def label(self) -> dict[str, Any]:
        return self.description.label

    def predict(self, rows: FloatArray) -> tuple[FloatArray, dict[int, str]]:
        if len(rows) == 1:
            return self._one(rows)
        if self._in_batches:
            try:
                values = self._values(self._run(rows.astype(np.float32, order="C")), len(rows))
            except Exception:  # noqa: BLE001  # onnxruntime's have no common class; told row by row
                return self._each(rows)
            return values, self._judged(values)
        return self._each(rows)

    def _one(self, rows: FloatArray) -> tuple[FloatArray, dict[int, str]]:
        self._x[0] = rows[0]
        try:
            self._session.run_with_iobinding(self._binding)
        except Exception as error:  # noqa: BLE001  # onnxruntime's have no common class
            return np.array([np.nan]), {0: _reason(error)}
        value = float(self._flat[self._column])
        if not self.is_classifier and math.isfinite(value):
            return np.array([value]), {}
        if self.is_classifier and 0.0 <= value <= 1.0:
            return np.array([value]), {}
        values = np.array([value])
        return values, self._judged(values)

    def _each(self, rows: FloatArray) -> tuple[FloatArray, dict[int, str]]:
        found = [self._one(row[np.newaxis]) for row in rows]
        failures = {n: why[0] for n, (_, why) in enumerate(found) if why}
        return np.concatenate([np.empty(0), *(value for value, _ in found)]), failures

    def _shape(self) -> tuple[int, ...]:
        """Of the output for one row. Raises ModelError where the model cannot make it."""
        try:
            return self._run(self._x).shape
        except Exception as error:
            raise ModelError(f"{self._where}: fails on zeros: {_reason(error)}") from error

    def _run(self, x: Float32Array) -> npt.NDArray[Any]:
        (out,) = self._session.run([self._output], {self._session.get_inputs()[0].name: x})
        return np.asarray(out)

    def _values(self, out: npt.NDArray[Any], rows: int) -> FloatArray:
        """Raises ValueError where there is not a result for each row."""
        width = self._bound_output.size
        return out.reshape(rows, width)[:, self._column].astype(np.float64)

    def _judged(self, values: FloatArray) -> dict[int, str]:
        """The rows whose values are none; probabilities a hair outside of 0 … 1 are put right."""
        if self.is_classifier:
            good = (values >= -_SLACK) & (values <= 1 + _SLACK)
            np.clip(values, 0.0, 1.0, out=values, where=good)
        else:
            good = np.isfinite(values)
        if good.all():
            return {}
        what = "is no probability" if self.is_classifier else "is no number"
        failures = {int(n): f"{values[n]:.9g} {what}" for n in np.flatnonzero(~good)}
        values[~good] = np.nan
        return failures

    def _bind(self, dtype: Any) -> Any:
        binding, x, out = self._session.io_binding(), self._x, self._bound_output
        name = self._session.get_inputs()[0].name
        binding.bind_input(name, "cpu", 0, np.float32, x.shape, x.ctypes.data)
        binding.bind_output(self._output, "cpu", 0, dtype, out.shape, out.ctypes.data)
        return binding

    def _rows_are_independent(self) -> bool:
        """Whether rows together give, bit for bit, what each gives alone. Warms the model up."""
        rng = np.random.default_rng(1)
        rows = (
            rng.normal(size=(_TRIED, len(self.inputs)))
            * 10.0 ** rng.integers(-3, 4, _TRIED)[:, np.newaxis]
        )
        alone, _ = self._each(rows)
        try:
            for size in (2, 3, 16, _TRIED):
                parts = [rows[n : n + size].astype(np.float32) for n in range(0, _TRIED, size)]
                together = [self._values(self._run(part), len(part)) for part in parts]
                values = np.concatenate(together)
                self._judged(values)
                if values.tobytes() != alone.tobytes():
                    return False
        except Exception:  # noqa: BLE001  # a model for one row at a time raises what it likes
            return False
        return True

    def microseconds(self, rounds: int = 2000) -> tuple[float, float]:
        """p50 and p99 of one row."""
        row, times = np.zeros((1, len(self.inputs))), []
        for _ in range(rounds):
            started = time.perf_counter_ns()
            self.predict(row)
            times.append(time.perf_counter_ns() - started)
        p50, p99 = np.percentile(times, [50, 99]) / 1e3
        return float(p50), float(p99)


def _open(data: bytes, where: str) -> Any:
    import onnxruntime  # 0.2 s, which most commands need not spend

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 4  # it raises as well
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's have no common class
        raise ModelError(f"{where}: onnxruntime cannot load it: {_reason(error)}") from error


def outputs_of(data: bytes, where: str) -> list[str]:
    """The one output that is a tensor of floats. Raises ModelError where it is not clear which."""
    found = [o.name for o in _open(data, where).get_outputs() if o.type in _FLOATS]
    if len(found) != 1:
        raise ModelError(
            f"{where}: has {len(found)} outputs that are tensors of floats"
            f"{': ' if found else ''}{', '.join(found)}; name one (--output), and convert a "
            "classifier with zipmap=False"
        )
    return found


def _contract(session: Any, described: Description, where: str) -> tuple[str, Any]:
    """The output's name and type. Raises ModelError where the graph is not as described."""
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 2:
        told = ", ".join(f"{i.name} {i.type} {i.shape}" for i in inputs)
        raise ModelError(f"{where}: must take one float32 tensor (rows, columns), not {told}")
    width = inputs[0].shape[1]
    if isinstance(width, int) and width != len(described.inputs):
        raise ModelError(
            f"{where}: takes {width} columns; its description names {len(described.inputs)}"
        )
    outputs = {o.name: o for o in session.get_outputs()}
    name = described.outputs[0]
    if name not in outputs:
        raise ModelError(f"{where}: has no output {name!r}; there are {', '.join(outputs)}")
    if outputs[name].type not in _FLOATS:
        raise ModelError(
            f"{where}: output {name!r} is {outputs[name].type}, not a tensor of floats; a "
            "classifier is converted with zipmap=False"
        )
    return name, _FLOATS[outputs[name].type]


def _column(shape: tuple[int, ...], described: Description, where: str) -> int:
    """Which number of a row's output is meant. Raises ModelError where that is not clear."""
    size = int(np.prod(shape))
    if shape[:1] != (1,) or len(shape) > 2 or size < 1:
        raise ModelError(f"{where}: gives {shape} for one row; (1,) or (1, classes) is wanted")
    if described.kind is Kind.REGRESSOR and size != 1:
        raise ModelError(f"{where}: gives {size} values for a row; a regressor gives one")
    if not -size <= described.rise < size:
        raise ModelError(f"{where}: rise = {described.rise}, of {size} classes")
    return described.rise % size


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:_LONGEST]
