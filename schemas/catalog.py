"""The schema files, parsed once: today's, and every version that was ever released.

A reader must understand what an older program left in the log, so a record is decoded with
the schema it was written with and resolved to today's.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import fastavro
from fastavro.schema import fingerprint, to_parsing_canonical_form

FOLDER = Path(__file__).parent
RELEASED = FOLDER / "released"

Schema: TypeAlias = dict[str, Any]


@cache
def load(name: str) -> Schema:
    """Today's schema of a file stem such as ``market_frame``, as JSON."""
    return _read(FOLDER / f"{name}.avsc")


@cache
def current() -> dict[str, Schema]:
    """Full record name (``tickstream.Signal``) → today's schema."""
    return {full_name(s): s for s in map(_read, sorted(FOLDER.glob("*.avsc")))}


def released() -> list[tuple[str, Schema]]:
    """(version, schema) of every schema of every released version."""
    return [(path.parent.name, _read(path)) for path in sorted(RELEASED.glob("*/*.avsc"))]


def full_name(schema: Schema) -> str:
    return f"{schema['namespace']}.{schema['name']}"


def parse(schema: Schema) -> Schema:
    """fastavro's compiled form; each file stands alone, so named types never clash.

    Columns become plain ``bytes``: looking for a logical type's reader at every one of them
    costs a third of the decoding.
    """
    parsed: Schema = fastavro.parse_schema(_plain_columns(schema), named_schemas={})
    return parsed


def _plain_columns(node: Any) -> Any:
    match node:
        case {"logicalType": "column"}:
            return "bytes"
        case dict():
            return {key: _plain_columns(value) for key, value in node.items()}
        case list():
            return [_plain_columns(item) for item in node]
    return node


def rabin(schema: Schema) -> bytes:
    """The 8-byte CRC-64-AVRO fingerprint of the parsing canonical form, little-endian
    as single-object encoding wants it (Avro 1.12 specification)."""
    return _fingerprint(to_parsing_canonical_form(schema))


@cache  # fastavro makes its table anew for each, and most released schemas are today's
def _fingerprint(canonical: str) -> bytes:
    return bytes.fromhex(fingerprint(canonical, "CRC-64-AVRO"))


def _read(path: Path) -> Schema:
    schema: Schema = json.loads(path.read_text())
    return schema
