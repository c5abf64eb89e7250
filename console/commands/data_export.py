"""``tickstream data export``: rows of the lake into a file for other programs."""

from pathlib import Path
from typing import Any

from connectors.selection import Selection
from console.errors import Failure
from research.export import export
from schemas.lake.kinds import KINDS


def run(lake: Path, kind: str, wanted: Selection, to: str, out: Path | None) -> dict[str, Any]:
    """What ``export --json`` prints. Raises Failure and LakeError."""
    if kind not in KINDS:
        raise Failure(f"{kind!r} is no kind: choose one of {', '.join(KINDS)}")
    target = out or Path(f"{kind}.{to}")
    try:
        rows = export(lake, kind, wanted, to, target)
    except ValueError as error:
        raise Failure(str(error)) from error
    return {"lake": str(lake), "out": str(target), "rows": rows}
