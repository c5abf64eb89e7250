"""Charts whose horizontal axis is no time: points with lines, and bars that lie."""

from collections.abc import Sequence
from html import escape

from console.report.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    Point,
    empty,
    grid,
    nice_ticks,
    svg,
    text,
)

_ROW = 22  # pixels a bar that lies
_NAMES = 190


def scatter(dots: Sequence[Point], line: Sequence[Point], kind: str, square: bool = False) -> str:
    """Dots of the CSS class ``kind``, and a dashed line. ``square``: both axes from 0 to 1."""
    if not dots:
        return empty("nothing to show")
    xs_of, ys_of = zip(*dots, *line, strict=True)
    low, high = (0.0, 1.0) if square else _spread(ys_of)
    left, right = (0.0, 1.0) if square else _spread(xs_of)
    xs, ys = Axis(left, right, LEFT, WIDTH - RIGHT), Axis(low, high, HEIGHT - BOTTOM, TOP)
    body = [grid(xs, ys, lambda x: f"{x:g}")]
    if len(line) > 1:
        path = "L".join(f"{xs(x):.1f},{ys(y):.1f}" for x, y in line)
        body.append(f'<path class="line paper" d="M{path}"/>')
    for x, y in dots:
        body.append(
            f'<circle class="{kind}" cx="{xs(x):.1f}" cy="{ys(y):.1f}" r="3.5">'
            f"<title>{x:,.6g}: {y:,.6g}</title></circle>"
        )
    return svg("".join(body))


def lying_bars(values: Sequence[tuple[str, float, float]]) -> str:
    """(name, value, error) of each, downwards; a whisker shows the error either way."""
    if not values:
        return empty("nothing to show")
    ends = [value + sign * error for _, value, error in values for sign in (-1, 1)]
    low, high = _spread([0.0, *ends])
    xs = Axis(low, high, _NAMES, WIDTH - RIGHT)
    height = TOP + _ROW * len(values) + BOTTOM
    body = []
    for x in nice_ticks(low, high, 7):
        body.append(f'<path class="grid" d="M{xs(x):.1f},{TOP}V{height - BOTTOM}"/>')
        body.append(text(xs(x), height - 8, f"{x:g}", "middle"))
    for n, (name, value, error) in enumerate(values):
        body.append(_bar(xs, TOP + n * _ROW, name, value, error))
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{"".join(body)}</svg>'


def _bar(xs: Axis, top: float, name: str, value: float, error: float) -> str:
    start, end, middle = xs(min(value, 0.0)), xs(max(value, 0.0)), top + _ROW / 2
    return (
        text(_NAMES - 8, middle + 4, name, "end")
        + f'<rect class="{"up" if value >= 0 else "down"}" x="{start:.1f}" y="{top + 4:.1f}" '
        f'width="{end - start:.1f}" height="{_ROW - 8}"><title>{escape(name)}: {value:+,.4g} '
        f"± {error:,.2g}</title></rect>"
        f'<path class="whisker" d="M{xs(value - error):.1f},{middle:.1f}'
        f'H{xs(value + error):.1f}"/>'
    )


def _spread(values: Sequence[float]) -> Point:
    low, high = min(values), max(values)
    margin = (high - low) * 0.06 or max(abs(high) * 1e-4, 1e-9)
    return low - margin, high + margin
