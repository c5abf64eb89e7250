"""The last rows of a few numbers each."""

from typing import Any

import numpy as np
import numpy.typing as npt


class Ring:
    """Up to ``length`` rows; ``rows`` lies oldest first from ``length - count`` on."""

    __slots__ = ("count", "rows")

    def __init__(self, length: int, width: int) -> None:
        self.rows = np.full((length, width), np.nan)
        self.count = 0

    def add(self, row: list[float]) -> None:
        length = len(self.rows)
        if length:
            self.rows[:-1] = self.rows[1:]
            self.rows[-1] = row
            self.count = min(self.count + 1, length)

    def column(self, at: int) -> npt.NDArray[np.float64]:
        found: npt.NDArray[np.float64] = self.rows[len(self.rows) - self.count :, at].copy()
        return found

    def pack(self) -> list[Any]:
        return [self.count, self.rows]

    def fits(self, packed: list[Any]) -> bool:
        return bool(packed[1].shape == self.rows.shape)

    def unpack(self, packed: list[Any]) -> None:
        self.count, self.rows = packed
