"""What the reports are made of: the document, tiles, figures and tables."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

from streams.operators.risk.money import plain

_STYLE = Path(__file__).parent / "style.css"


def document(title: str, when: str, facts: str, sections: Iterable[str], footer: str) -> str:
    """One HTML file that needs nothing else, for light and dark."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}, {escape(when)}</title><style>{_STYLE.read_text()}</style></head>"
        f'<body><main><h1>{escape(title)}</h1><p class="facts">{escape(facts)}</p>'
        f"{''.join(sections)}<footer>{escape(footer)}</footer></main></body></html>\n"
    )


def tiles_of(tiles: list[tuple[str, str, str]]) -> str:
    """(name, value, CSS class) of each."""
    cells = (
        f'<div class="tile"><b class="{css}">{escape(value)}</b><span>{escape(name)}</span></div>'
        for name, value, css in tiles
    )
    return f'<div class="tiles">{"".join(cells)}</div>'


def figure(caption: str, chart: str) -> str:
    return f"<figure><figcaption>{escape(caption)}</figcaption>{chart}</figure>"


def table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]], empty: str) -> str:
    rows = list(rows)
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    if not rows:
        return f"{heading}<p>{escape(empty)}</p>"
    numeric = [isinstance(value, int | float | Decimal) for value in rows[0]]
    head = "".join(
        f'<th class="{"n" if n else ""}">{escape(c)}</th>'
        for c, n in zip(columns, numeric, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return (
        f'{heading}<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(value: Any) -> str:
    match value:
        case Decimal():
            return f'<td class="n">{plain(round(value, 8))}</td>'
        case int() | float():
            return f'<td class="n">{value:,}</td>'
        case datetime():
            return f"<td>{value.strftime('%H:%M:%S.%f')[:-3]}</td>"
    return f"<td>{escape(str(value))}</td>"
