"""Charts as inline SVG: lines, areas, bars and markers on two axes. Pure; no script needed."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

Point = tuple[float, float]

WIDTH, HEIGHT = 920, 260
LEFT, RIGHT, TOP, BOTTOM = 84, 12, 12, 26


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps values to pixels and says where the ticks are; a single value lies in the middle."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return self.start + share * (self.end - self.start)


def nice_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Multiples of 1, 2 or 5 × 10ⁿ inside [low, high] (Heckbert, "Nice numbers for graph labels",
    Graphics Gems, 1990)."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low]
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [step * n for n in range(first, math.floor(high / step + 1e-9) + 1)]


def line_chart(
    points: list[Point],
    kind: str,
    markers: list[tuple[float, float, str]] | None = None,
    area: bool = False,
) -> str:
    """A line over time (seconds since the epoch); ``markers`` are (time, value, CSS class);
    ``kind`` is the line's CSS class."""
    if len(points) < 2:
        return empty("not enough data for a line yet")
    marks = [m for m in markers or [] if points[0][0] <= m[0] <= points[-1][0]]
    xs = Axis(points[0][0], points[-1][0], LEFT, WIDTH - RIGHT)
    ys = _value_axis([y for _, y in points] + [y for _, y, _ in marks], area)
    path = "L".join(f"{xs(x):.1f},{ys(y):.1f}" for x, y in points)
    body = [grid(xs, ys, clock(points[-1][0] - points[0][0]))]
    if area:
        base = ys(0.0)
        body.append(
            f'<path class="area {kind}" d="M{xs(points[0][0]):.1f},{base:.1f}L{path}'
            f'L{xs(points[-1][0]):.1f},{base:.1f}Z"/>'
        )
    body.append(f'<path class="line {kind}" d="M{path}"/>')
    body += [marker(xs(x), ys(y), css) for x, y, css in marks]
    return svg("".join(body))


def lines_chart(lines: list[tuple[str, list[Point]]]) -> str:
    """Lines over one time (seconds since the epoch) on the same axes, each named by its CSS class,
    which stands beside its end."""
    shown = [(kind, points) for kind, points in lines if len(points) > 1]
    if not shown:
        return empty("not enough data for a line yet")
    times = [x for _, points in shown for x, _ in points]
    xs = Axis(min(times), max(times), LEFT, WIDTH - RIGHT)
    ys = _value_axis([y for _, points in shown for _, y in points], True)
    body = [grid(xs, ys, clock(max(times) - min(times)))]
    for n, (kind, points) in enumerate(shown):
        path = "L".join(f"{xs(x):.1f},{ys(y):.1f}" for x, y in points)
        body.append(f'<path class="line {kind}" d="M{path}"/>')
        left, top = LEFT + 10 + n * 100, TOP + 8
        body.append(f'<path class="line {kind}" d="M{left},{top}h18"/>')
        body.append(text(left + 24, top + 4, kind, "start"))
    return svg("".join(body))


def signed_chart(values: list[tuple[str, float]]) -> str:
    """A bar a value, up (CSS class "up") or down ("down") from zero, each labelled."""
    if not any(value for _, value in values):
        return empty("nothing differs")
    ys = _value_axis([value for _, value in values], True)
    step, zero = (WIDTH - LEFT - RIGHT) / len(values), ys(0.0)
    body = [value_grid(ys)]
    for n, (label, value) in enumerate(values):
        x, y = LEFT + n * step, ys(value)
        body.append(
            f'<rect class="{"up" if value >= 0 else "down"}" x="{x + step * 0.2:.1f}" '
            f'y="{min(y, zero):.1f}" width="{step * 0.6:.1f}" height="{abs(y - zero):.1f}">'
            f"<title>{escape(label)}: {value:+,.6g}</title></rect>"
        )
        body.append(text(x + step / 2, HEIGHT - 8, label, "middle"))
    return svg("".join(body))


def bar_chart(values: list[tuple[str, float]], kind: str, every: int = 1) -> str:
    """A bar a value; every so manieth is labelled."""
    if not any(value for _, value in values):
        return empty("nothing to count")
    ys = Axis(0.0, max(value for _, value in values) * 1.05, HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / len(values)
    body = [value_grid(ys)]
    for n, (label, value) in enumerate(values):
        x, top = LEFT + n * step, ys(value)
        body.append(
            f'<rect class="{kind}" x="{x + step * 0.08:.1f}" y="{top:.1f}" '
            f'width="{step * 0.84:.1f}" height="{HEIGHT - BOTTOM - top:.1f}">'
            f"<title>{escape(label)}: {value:,.6g}</title></rect>"
        )
        if n % every == 0:
            body.append(text(x + step / 2, HEIGHT - 8, label, "middle"))
    return svg("".join(body))


def log_histogram(values: list[float], per_decade: int = 8) -> list[tuple[str, float]]:
    """Counts of positive values in logarithmic bins, labelled by the bin's lower end in ms."""
    positive = [v for v in values if v > 0]
    if not positive:
        return []
    index = [math.floor(math.log10(v) * per_decade) for v in positive]
    counts = dict.fromkeys(range(min(index), max(index) + 1), 0)
    for i in index:
        counts[i] += 1
    return [(f"{10 ** (i / per_decade) * 1000:.3g}", float(n)) for i, n in counts.items()]


def _value_axis(values: list[float], with_zero: bool) -> Axis:
    low, high = min(values), max(values)
    if with_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    margin = (high - low) * 0.06 or max(abs(high) * 1e-4, 1e-9)
    return Axis(low - margin, high + margin, HEIGHT - BOTTOM, TOP)


def grid(xs: Axis, ys: Axis, label: Callable[[float], str]) -> str:
    ticks = [text(xs(x), HEIGHT - 8, label(x), "middle") for x in nice_ticks(xs.low, xs.high, 7)]
    return value_grid(ys) + "".join(ticks)


def value_grid(ys: Axis) -> str:
    ticks = nice_ticks(ys.low, ys.high)
    decimals = max(0, -math.floor(math.log10(ticks[1] - ticks[0]))) if len(ticks) > 1 else 2
    parts = []
    for value in ticks:
        y = ys(value)
        parts.append(f'<path class="grid" d="M{LEFT},{y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(text(LEFT - 8, y + 4, f"{value:,.{decimals}f}", "end"))
    return "".join(parts)


def clock(span: float) -> Callable[[float], str]:
    pattern = "%H:%M:%S.%f" if span < 10 else "%H:%M:%S" if span < 7200 else "%m-%d %H:%M"
    cut = -4 if span < 10 else None
    return lambda at: datetime.fromtimestamp(at, UTC).strftime(pattern)[:cut]


def marker(x: float, y: float, css: str) -> str:
    tip = -6 if css == "buy" else 6
    return (
        f'<path class="mark {css}" d="M{x:.1f},{y:.1f}l-4.5,{-tip * 1.5:.1f}h9Z">'
        f"<title>{escape(css)}</title></path>"
    )


def text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def svg(body: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{body}</svg>'


def standalone(picture: str, title: str) -> str:
    """A chart as a file of its own: with its name, its style and a background."""
    style = (
        "svg{background:#fff;font:12px system-ui,sans-serif}text{fill:#555}"
        ".grid{stroke:#ddd;fill:none}.mark.buy{fill:#0b6e4f}.mark.sell{fill:#9b2226}"
        ".rise,.bid{fill:#2a9d8f;stroke:#2a9d8f}.fall,.ask{fill:#e76f51;stroke:#e76f51}"
        ".line{fill:none;stroke:#2a9d8f;stroke-width:1.4}rect{stroke-width:0}.volume{opacity:.45}"
        "@media(prefers-color-scheme:dark){svg{background:#14171c}text{fill:#aaa}"
        ".grid{stroke:#333}.mark.buy{fill:#7ae7c7}.mark.sell{fill:#ffb4a2}}"
    )
    opening, _, rest = picture.partition(">")
    opening = opening.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"{opening}><title>{escape(title)}</title><style>{style}</style>{rest}\n"


def empty(why: str) -> str:
    return svg(text(WIDTH / 2, HEIGHT / 2, why, "middle"))
