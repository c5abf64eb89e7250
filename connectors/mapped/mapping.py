"""A mapping: a TOML file that says how to read tables of one's own.

files = "ticks/*.csv"            # beside the mapping; .csv, .parquet, packed or zipped
kind = "quotes"                  # trades, quotes or bars
instrument = "TRUEFX:USD/JPY"    # or a column: venue = "TRUEFX" and symbol under [columns]
time = "iso"                     # or s, ms, us, ns, or a format such as "%Y%m%d %H:%M:%S"
timezone = "UTC"                 # of times that name none
delimiter = ","
header = ["t", "bid", "ask"]     # where the file has none
bar = "1m"                       # bars: their period

[columns]                        # ours = theirs
ts_event = "timestamp"
bid = "bid"
ask = "ask"
"""

import difflib
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from connectors.history import BARS

NEEDED = {
    "trades": ("ts_event", "price", "size"),
    "quotes": ("ts_event", "bid", "ask"),
    "bars": ("ts_open", "open", "high", "low", "close"),
}
ALLOWED = {
    "trades": ("ts_recv", "trade_id", "side", "symbol"),
    "quotes": ("ts_recv", "seq", "bid_size", "ask_size", "symbol"),
    "bars": ("volume", "trades", "symbol"),
}


class MappingError(ValueError):
    """A mapping, or a table, that cannot be used: which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """See the module's text. ``columns``: ours → theirs."""

    path: Path
    files: str
    kind: str
    columns: dict[str, str]
    instrument: str = ""
    venue: str = ""
    time: str = "iso"
    timezone: str = "UTC"
    delimiter: str = ","
    header: tuple[str, ...] = ()
    bar: str = ""

    def tables(self) -> list[Path]:
        """Raises MappingError when there is none."""
        found = sorted(self.path.parent.glob(self.files))
        if not found:
            raise MappingError(f"{self.path}: no file is named {self.files!r} beside it")
        return found


def load(path: Path) -> Mapping:
    """Raises MappingError."""
    try:
        tree = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path}: is not TOML: {error}") from error
    known = [field.name for field in fields(Mapping) if field.name != "path"]
    for name, value in tree.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise MappingError(f"{path}: unknown key {name}{hint}")
        if not isinstance(value, {"columns": dict, "header": list}.get(name, str)):
            raise MappingError(f"{path}: {name} is of the wrong type")
    missing = [name for name in ("files", "kind", "columns") if name not in tree]
    if missing:
        raise MappingError(f"{path}: lacks {', '.join(missing)}")
    mapping = Mapping(path, **tree | {"header": tuple(tree.get("header", ()))})
    _check(mapping)
    return mapping


def is_one(path: Path) -> bool:
    """Whether a file is meant as a mapping."""
    return path.suffix == ".toml" and path.is_file()


def _check(m: Mapping) -> None:
    def wrong(what: str) -> MappingError:
        return MappingError(f"{m.path}: {what}")

    if m.kind not in NEEDED:
        raise wrong(f"kind {m.kind!r}: choose one of {', '.join(NEEDED)}")
    allowed = NEEDED[m.kind] + ALLOWED[m.kind]
    for ours, theirs in m.columns.items():
        if ours not in allowed:
            raise wrong(f"{m.kind} have no column {ours!r}; there are {', '.join(allowed)}")
        if not isinstance(theirs, str):
            raise wrong(f"columns.{ours} must name a column of the file")
    missing = [name for name in NEEDED[m.kind] if name not in m.columns]
    if missing:
        raise wrong(f"[columns] lacks {', '.join(missing)}")
    if bool(m.instrument) == bool(m.venue and "symbol" in m.columns):
        raise wrong("give either instrument, or venue and a column for symbol")
    if m.instrument and ":" not in m.instrument:
        raise wrong(f"instrument {m.instrument!r}: write it as VENUE:SYMBOL")
    if (m.kind == "bars") != bool(m.bar) or (m.bar and m.bar not in BARS):
        raise wrong(f"bars need a period, and nothing else does: bar = one of {', '.join(BARS)}")


def describe(mapping: Mapping) -> str:
    """What it is called."""
    return f"{mapping.kind} of {mapping.files} by the mapping {mapping.path.name}"
