"""``tickstream data check``: whether a lake is whole, and what is missing in it."""

from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import track

from config.tree import Settings
from connectors.selection import Selection
from console.commands import data_calendar
from console.output import console, progress, result
from console.times import show_ns
from research.gaps import Gap, Overlap, Problem, check
from schemas.lake import layout

_UNITS = {"sequence": "numbers", "calendar": "sessions", "silence": "s"}


def run(settings: Settings, lake: Path, wanted: Selection, silence_ns: int) -> dict[str, Any]:
    """What ``check --json`` prints; ``ok``: every file is as it was written. Raises LakeError and
    Failure."""
    places = [place for place in layout.places(lake) if wanted.wants(place.instrument)]
    shown = track(places, "checking", console=progress, transient=True)
    findings = list(check(lake, list(shown), partial(data_calendar.of, settings), silence_ns))
    problems = [f for f in findings if isinstance(f, Problem)]
    return {
        "lake": str(lake),
        "ok": not problems,
        "files": len(places),
        "problems": [found._asdict() for found in problems],
        "gaps": [_gap(found) for found in findings if isinstance(found, Gap)],
        "overlaps": [found._asdict() for found in findings if isinstance(found, Overlap)],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    missing = gap.missing // 10**9 if gap.by == "silence" else gap.missing
    return {
        "instrument": gap.instrument,
        "kind": gap.kind,
        "by": gap.by,
        "from": show_ns(gap.start),
        "to": show_ns(gap.end),
        "missing": missing,
        "unit": _UNITS[gap.by],
    }


def show(facts: dict[str, Any]) -> None:
    """The counts, then a line for each finding."""
    lists = ("problems", "gaps", "overlaps")
    result({k: len(v) if k in lists else v for k, v in facts.items()}, False)
    for problem in facts["problems"]:
        console.print(f"{problem['file']}: {problem['what']}", markup=False, soft_wrap=True)
    for gap in facts["gaps"]:
        what = f"{gap['instrument']} {gap['kind']}: {gap['missing']:,} {gap['unit']} by {gap['by']}"
        span = f"from {gap['from'][:19]} to {gap['to'][:19]}"
        console.print(f"gap  {what}, {span}", markup=False, soft_wrap=True)
    for both in facts["overlaps"]:
        what = f"{both['instrument']} {both['kind']} {both['date']}"
        console.print(
            f"overlap  {what}: {', '.join(both['sources'])}", markup=False, soft_wrap=True
        )
