"""``tickstream data list``: what a lake holds."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from rich.table import Table

from connectors.selection import Selection
from console.output import console
from console.times import show_ns
from schemas.lake import files, layout
from schemas.lake.files import Manifest
from schemas.lake.layout import Place


def run(lake: Path, wanted: Selection) -> dict[str, Any]:
    """What ``list --json`` prints. Raises LakeError."""
    held: dict[tuple[str, str], list[tuple[Place, Manifest]]] = defaultdict(list)
    for place in layout.places(lake):
        if wanted.wants(place.instrument):
            held[place.instrument, place.kind].append((place, files.read_manifest(lake, place)))
    entries = [_entry(lake, held[key]) for key in sorted(held)]
    return {
        "lake": str(lake),
        "rows": sum(entry["rows"] for entry in entries),
        "bytes": sum(entry["bytes"] for entry in entries),
        "entries": entries,
    }


def _entry(lake: Path, days: list[tuple[Place, Manifest]]) -> dict[str, Any]:
    place, _ = days[0]
    manifests = [manifest for _, manifest in days]
    return {
        "instrument": place.instrument,
        "kind": place.kind,
        "days": len(days),
        "first": show_ns(min(m.first_event for m in manifests)),
        "last": show_ns(max(m.last_event for m in manifests)),
        "rows": sum(m.rows for m in manifests),
        "bytes": sum(place.path(lake).stat().st_size for place, _ in days),
        "sources": sorted({name for m in manifests for name in m.sources}),
        "licences": sorted({m.licence for m in manifests if m.licence}),
    }


def show(facts: dict[str, Any]) -> None:
    """A line for each kind of an instrument."""
    table = Table(box=None, padding=(0, 1))
    for name in ("instrument", "kind", "days", "first", "last", "rows", "MB"):
        right = name in ("days", "rows", "MB")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for entry in facts["entries"]:
        cells = [entry["instrument"], entry["kind"], str(entry["days"])]
        cells += [entry["first"][:10], entry["last"][:10]]
        table.add_row(*cells, f"{entry['rows']:,}", f"{entry['bytes'] / 1e6:,.2f}")
    console.print(table)
