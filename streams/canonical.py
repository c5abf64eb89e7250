"""Canonical bytes of an operator's state: equal states give equal bytes.

JSON with sorted keys; floats as their shortest round-trip form; bytes and numpy arrays as
base64 with their dtype and shape. Readable enough to look into a snapshot with any tool.
"""

import base64
import json
from decimal import Decimal
from typing import Any

import numpy as np


def pack(state: dict[str, Any]) -> bytes:
    """Dicts with str keys, lists, str, int, float, bool, None, bytes, Decimal, numpy arrays."""
    return json.dumps(state, sort_keys=True, separators=(",", ":"), default=_encode).encode()


def unpack(data: bytes) -> dict[str, Any]:
    """The state that ``pack`` was given. Raises ValueError on anything else."""
    state: dict[str, Any] = json.loads(data, object_hook=_decode)
    return state


def _encode(value: Any) -> Any:
    match value:
        case np.ndarray():
            data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
            return {"$array": data, "dtype": value.dtype.str, "shape": value.shape}
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case Decimal():
            return {"$decimal": str(value)}
        case np.integer():
            return int(value)
        case np.floating():
            return float(value)
    raise TypeError(f"no canonical form for {type(value).__name__}")


def _decode(node: dict[str, Any]) -> Any:
    if "$array" in node:
        data = base64.b64decode(node["$array"])
        return np.frombuffer(data, node["dtype"]).reshape(node["shape"]).copy()
    if "$bytes" in node:
        return base64.b64decode(node["$bytes"])
    if "$decimal" in node:
        return Decimal(node["$decimal"])
    return node
