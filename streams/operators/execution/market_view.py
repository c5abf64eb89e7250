"""What the algorithms know of a market: its book as last shown, and how much has traded."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from schemas.frames import TapeFrame
from streams.operators.execution import shown_book, volume_curve
from streams.operators.execution.shown_book import ShownBook
from streams.operators.execution.volume_curve import CurveConfig, VolumeCurve


@dataclass(slots=True)
class MarketView:
    """``volume`` is all that the bars of one kind have counted, scaled."""

    curve: VolumeCurve
    book: ShownBook = field(default_factory=ShownBook)
    volume: int = 0

    def fold(self, tape: TapeFrame, bar: str) -> None:
        """The book, and the volume of the bars of kind ``bar``. Corrections of late trades are left
        out: their volume was never in time to be traded with."""
        shown_book.check(tape)
        if (tape.price_scale, tape.size_scale) != self.book.scales:
            self.volume = 0
        self.book.fold(tape)
        if len(tape.bars.spec) and bar in tape.specs:
            self._count(tape, tape.specs.index(bar))

    def _count(self, tape: TapeFrame, spec: int) -> None:
        bars = tape.bars
        for row in np.flatnonzero((bars.spec == spec) & (bars.revision == 0)).tolist():
            volume = int(bars.volume[row])
            self.volume += volume
            self.curve.add(int(bars.ts_open[row]), volume)


def pack(view: MarketView) -> dict[str, Any]:
    return {
        "curve": volume_curve.pack(view.curve),
        "book": shown_book.pack(view.book),
        "volume": view.volume,
    }


def unpack(config: CurveConfig, packed: dict[str, Any]) -> MarketView:
    curve = volume_curve.unpack(config, packed["curve"])
    return MarketView(curve, shown_book.unpack(packed["book"]), packed["volume"])
