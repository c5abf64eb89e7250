"""``tickstream data export``: rows of the lake into a file for other programs."""

from functools import cache, partial
from pathlib import Path
from typing import Any

from config.tree import Settings
from connectors.selection import Selection
from console.commands import data_calendar
from console.errors import Failure
from research.corporate_actions import ADJUSTMENTS, Step, adjust, close_before, load, steps
from research.export import View, export, raw
from schemas.lake.kinds import KINDS
from schemas.lake.rows import Rows
from streams.calendars import midnight_ns


def run(
    settings: Settings,
    lake: Path,
    kind: str,
    wanted: Selection,
    to: str,
    out: Path | None,
    adjusted: str = "none",
) -> dict[str, Any]:
    """What ``export --json`` prints. Raises Failure and LakeError."""
    for name, given, known in (("kind", kind, KINDS), ("adjustment", adjusted, ADJUSTMENTS)):
        if given not in known:
            raise Failure(f"{given!r} is no {name}: choose one of {', '.join(known)}")
    target = out or Path(f"{kind}.{to}")
    view = raw if adjusted == "none" else _adjusted(settings, lake, adjusted)
    try:
        rows = export(lake, kind, wanted, to, target, view)
    except ValueError as error:
        raise Failure(str(error)) from error
    return {"lake": str(lake), "out": str(target), "rows": rows, "adjusted": adjusted}


def _adjusted(settings: Settings, lake: Path, adjusted: str) -> View:
    kinds = ("split", "dividend") if adjusted == "all" else ("split",)
    actions = [action for action in load(lake) if action.kind in kinds]

    @cache
    def of(instrument: str) -> list[Step]:
        own = [action for action in actions if action.instrument == instrument]
        begins = partial(midnight_ns, data_calendar.name_of(settings, instrument))
        return steps(own, begins, partial(close_before, lake, instrument))

    def view(rows: Rows) -> Rows:
        return adjust(rows, of(rows.instrument))

    return view
