"""Whether today's program reads what every released version wrote, and they what it writes.

Messages are made at random from one schema and read with the other: what fastavro resolves is
what a reader will meet.
"""

from io import BytesIO

from fastavro import schemaless_reader, schemaless_writer
from fastavro.read import SchemaResolutionError
from fastavro.utils import generate_many

from schemas import catalog
from schemas.catalog import Schema

_SAMPLES = 20


def problems() -> list[str]:
    """A line for each released schema that does not fit today's; empty when all is well."""
    today = catalog.current()
    found = []
    for version, old in catalog.released():
        name = catalog.full_name(old)
        new = today.get(name)
        if new is None:
            found.append(f"{name} of {version} is gone; a log may still hold it")
            continue
        for writer, reader, who in (
            (old, new, "today's reader"),
            (new, old, f"{version}'s reader"),
        ):
            if problem := _resolve(writer, reader):
                found.append(f"{name}: {who} fails: {problem}")
    return found


def _resolve(writer: Schema, reader: Schema) -> str:
    written, wanted = catalog.parse(writer), catalog.parse(reader)
    try:
        for sample in generate_many(written, _SAMPLES):
            out = BytesIO()
            schemaless_writer(out, written, sample)
            out.seek(0)
            schemaless_reader(out, written, wanted)
    except (SchemaResolutionError, ValueError, TypeError, LookupError, EOFError) as error:
        return str(error) or type(error).__name__
    return ""
