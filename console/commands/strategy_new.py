"""``tickstream strategy new``: a first strategy that works, to be changed."""

import re
from pathlib import Path
from typing import Any

from config.settings import load
from config.strategy_tables import SHIPPED
from console.errors import Failure

_TEMPLATE = Path(__file__).parent.parent / "strategy_template.py"


def run(name: str, config: Path | None) -> dict[str, Any]:
    """Raises Failure for a name that cannot be one, or is taken."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise Failure(f"{name!r}: write a name of small letters, digits and dashes, as my-idea")
    if name in SHIPPED:
        raise Failure(f"{name!r} comes with the system; choose another name")
    folder = Path(load(config).user_strategies.folder)
    file = folder / f"{name.replace('-', '_')}.py"
    if file.exists():
        raise Failure(f"{file}: is there already; choose another name, or change that file")
    folder.mkdir(parents=True, exist_ok=True)
    text = _TEMPLATE.read_text().replace("my-idea", name)
    file.write_text(text.replace("my_idea", file.stem))
    return {
        "file": str(file),
        "check it": f"tickstream strategy check {file}",
        "replay it": f"tickstream strategy run {file} sim",
    }
