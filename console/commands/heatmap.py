"""``tickstream heatmap``: a book over time as a picture."""

from pathlib import Path
from typing import Any

from console.errors import Failure
from console.reading import reading
from console.report.charts import standalone
from console.report.heat_map import Column, Levels, heat_map
from research import depth
from research.depth import Sampled
from streams.operators.market.queries import Level


def draw(
    source: Path, instrument: str | None, until_ns: int | None, out: Path | None
) -> dict[str, Any]:
    """What ``heatmap --json`` prints. Raises Failure when there is no book to draw."""
    with reading(source) as tell:
        found = depth.read(source, 100, until_ns, instrument, tell)
    drawn = max(found.values(), key=lambda one: len(one.samples) * one.events, default=None)
    if drawn is None or len(drawn.samples) < 2:
        raise Failure(f"{source}: there is no book of {instrument or 'any instrument'} to draw")
    target = out or Path(f"{source.name.split('.')[0]}.svg")
    target.write_text(standalone(_picture(drawn), drawn.instrument))
    return {
        "source": str(source),
        "instrument": drawn.instrument,
        "out": str(target),
        "columns": len(drawn.samples),
        "trades": len(drawn.trades),
    }


def _picture(drawn: Sampled) -> str:
    price, size = 10.0**-drawn.price_scale, 10.0**-drawn.size_scale

    def side(levels: list[Level]) -> Levels:
        return [(level.price * price, level.size * size) for level in levels]

    columns = [Column(s.ts / 1e9, side(s.bids), side(s.asks)) for s in drawn.samples]
    trades = [
        (t.ts / 1e9, t.price * price, t.size * size, "buy" if t.side > 0 else "sell")
        for t in drawn.trades
    ]
    return heat_map(columns, trades)
