"""The orders at the best prices as boxes: a row a price, the order first in the queue on the left,
each box as long as its order is large."""

from collections.abc import Sequence
from typing import NamedTuple

from console.report.charts import (
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    empty,
    nice_ticks,
    svg,
    text,
)

_BOTTOM, _GAP = 24, 10


class Queue(NamedTuple):
    """``sizes`` of the orders at a price, the first in the queue first."""

    price: str
    sizes: Sequence[float]


def queues(bids: Sequence[Queue], asks: Sequence[Queue]) -> str:
    """Both sides best first. CSS classes "bid" and "ask"."""
    if not bids and not asks:
        return empty("no order is known")
    most = max(sum(queue.sizes) for queue in (*bids, *asks))
    xs = Axis(0.0, most * 1.02, LEFT, WIDTH - RIGHT)
    high = (HEIGHT - TOP - _BOTTOM - _GAP) / (len(bids) + len(asks))
    rows = [(queue, "ask") for queue in reversed(asks)] + [(queue, "bid") for queue in bids]
    body = [_sizes(xs)]
    for n, (queue, side) in enumerate(rows):
        y = TOP + n * high + (_GAP if side == "bid" else 0)
        body.append(text(LEFT - 8, y + high / 2 + 4, queue.price, "end"))
        body.append(_row(queue, side, xs, y + 1, high - 2))
    return svg("".join(body))


def _row(queue: Queue, side: str, xs: Axis, y: float, high: float) -> str:
    boxes, ahead = [], 0.0
    for size in queue.sizes:
        left, right = xs(ahead), xs(ahead + size)
        boxes.append(
            f'<rect class="{side}" x="{left:.1f}" y="{y:.1f}" '
            f'width="{max(right - left - 1, 0.5):.1f}" height="{high:.1f}"/>'
        )
        ahead += size
    return "".join(boxes)


def _sizes(xs: Axis) -> str:
    parts = []
    for size in nice_ticks(xs.low, xs.high, 8):
        parts.append(f'<path class="grid" d="M{xs(size):.1f},{TOP}V{HEIGHT - _BOTTOM}"/>')
        parts.append(text(xs(size), HEIGHT - 8, f"{size:g}", "middle"))
    return "".join(parts)
