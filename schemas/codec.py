"""Bytes ↔ messages, in both wire formats.

With a schema registry a value is framed as Confluent's clients do (0x00, schema id as four
big-endian bytes, Avro body); without one as Avro single-object encoding (0xC3 0x01, the schema's
CRC-64-AVRO fingerprint as eight little-endian bytes, Avro body). Reading takes either, so a topic
may hold both. A frame's columns are Avro ``bytes`` whose logical type ``column`` names their
dtype; numpy looks at the decoded bytes in place.

Errors: ``CodecError`` ← ``UnknownSchema`` (nobody here knows how to read it), ``Malformed``
(it is not what its schema says). Both mean: dead letter, go on.
"""

import struct
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Protocol, TypeAlias, get_origin, get_type_hints

import numpy as np
from fastavro import schemaless_reader, schemaless_writer
from fastavro.read import SchemaResolutionError

from schemas import catalog, execution, frames, inbox, ledger, records
from schemas.catalog import Schema
from schemas.frame_avro import frame_writer

Message: TypeAlias = frames.Frame | records.Record | inbox.Inbox | execution.Signed | ledger.Entry

CONFLUENT, SINGLE_OBJECT = b"\x00", b"\xc3\x01"
# What fastavro raises on bytes that are not what the schema says (found by fuzzing).
_NOT_AVRO = (
    SchemaResolutionError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    ArithmeticError,
    MemoryError,
    StopIteration,
)


class CodecError(Exception):
    """A payload that cannot become a message."""


class UnknownSchema(CodecError):
    """The payload names a schema that neither this program nor the registry knows."""


class Malformed(CodecError):
    """The payload is not what its schema says."""


class Registry(Protocol):
    """What the codec needs of a schema registry."""

    def register(self, name: str, schema: Schema) -> int: ...
    def schema(self, schema_id: int) -> Schema: ...


class Codec:
    """Encodes and decodes every message; ``registry`` switches to Confluent's framing."""

    def __init__(self, registry: Registry | None = None) -> None:
        self._registry = registry
        self._forms = {form.cls: form for form in map(_Form, catalog.current().values())}
        self._readers: dict[bytes, Callable[[BytesIO], Message]] = {}
        self._prefixes: dict[type, bytes] = {}
        by_name = {form.full_name: form for form in self._forms.values()}
        self._by_name = by_name
        older = [schema for _, schema in catalog.released()]
        for schema in [*older, *catalog.current().values()]:
            if form := by_name.get(catalog.full_name(schema)):
                self._readers[SINGLE_OBJECT + catalog.rabin(schema)] = form.reader(schema)

    def encode(self, message: Message) -> bytes:
        """The message's bytes as they go on a topic."""
        cls = type(message)
        return self._forms[cls].write(message, self._prefixes.get(cls) or self._prefix(cls))

    def decode(self, payload: bytes) -> Message:
        """The message in a payload. Raises UnknownSchema or Malformed."""
        size = 5 if payload[:1] == CONFLUENT else 10
        read = self._readers.get(payload[:size]) or self._unknown(payload[:size])
        stream = BytesIO(payload)
        stream.seek(size)
        try:
            message = read(stream)
        except _NOT_AVRO as error:
            raise Malformed(f"not what its schema says: {error or type(error).__name__}") from error
        if stream.tell() != len(payload):
            raise Malformed(f"{len(payload) - stream.tell()} bytes left over after the record")
        return message

    def _prefix(self, cls: type) -> bytes:
        form = self._forms[cls]
        if self._registry is None:
            prefix = SINGLE_OBJECT + catalog.rabin(form.schema)
        else:
            prefix = CONFLUENT + struct.pack(
                ">I", self._registry.register(form.full_name, form.schema)
            )
            self._readers[prefix] = form.reader(form.schema)
        self._prefixes[cls] = prefix
        return prefix

    def _unknown(self, prefix: bytes) -> Callable[[BytesIO], Message]:
        """A prefix not met before: ask the registry, or say what is wrong with it."""
        if prefix[:1] == CONFLUENT and len(prefix) == 5:
            return self._from_registry(prefix)
        if prefix[:2] == SINGLE_OBJECT and len(prefix) == 10:
            raise UnknownSchema(
                f"no schema here has fingerprint {prefix[2:].hex()}; "
                "was it written by a newer program?"
            )
        raise Malformed(
            f"starts with {prefix.hex() or 'nothing'}: "
            "neither Confluent's framing nor Avro single-object"
        )

    def _from_registry(self, prefix: bytes) -> Callable[[BytesIO], Message]:
        schema_id = int.from_bytes(prefix[1:], "big")
        if self._registry is None:
            raise UnknownSchema(
                f"schema id {schema_id} needs a schema registry; set [registry] url"
            )
        schema = self._registry.schema(schema_id)
        form = self._by_name.get(catalog.full_name(schema))
        if form is None:
            raise UnknownSchema(
                f"schema id {schema_id} is {catalog.full_name(schema)}, which is not ours"
            )
        self._readers[prefix] = form.reader(schema)
        return self._readers[prefix]


class _Form:
    """One schema and its Python class: how a message becomes an Avro datum and back."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.full_name = catalog.full_name(schema)
        self.cls: type = next(
            vars(module)[schema["name"]] for module in _MODULES if schema["name"] in vars(module)
        )
        self._parsed = catalog.parse(schema)
        sections = any(_is_record(f) for f in schema["fields"])
        # (message, prefix) → the prefix and the message's bytes
        self.write = frame_writer(schema) if sections else _record_writer(self._parsed)
        self._from_datum = _frame_maker(self.cls, schema) if sections else _record_maker(self.cls)

    def reader(self, written: Schema) -> Callable[[BytesIO], Message]:
        """Reads what was written with ``written`` as this class; resolves where they differ."""
        same = written == self.schema or catalog.rabin(written) == catalog.rabin(self.schema)
        writer = self._parsed if same else catalog.parse(written)
        target, make = (None if same else self._parsed), self._from_datum
        return lambda stream: make(schemaless_reader(stream, writer, target))


_MODULES = (frames, records, inbox, execution, ledger)


def _is_record(field: dict[str, Any]) -> bool:
    return isinstance(field["type"], dict) and field["type"]["type"] == "record"


def _columns(fields_: list[dict[str, Any]]) -> list[tuple[str, np.dtype[Any]]]:
    return [
        (f["name"], np.dtype(f["type"]["dtype"]))
        for f in fields_
        if isinstance(f["type"], dict) and f["type"].get("logicalType") == "column"
    ]


def _record_writer(parsed: Schema) -> Callable[[Any, bytes], bytes]:
    def write(message: Any, prefix: bytes) -> bytes:
        out = BytesIO()
        out.write(prefix)
        datum = {name: getattr(message, name) for name in message.__slots__}
        schemaless_writer(out, parsed, datum)
        return out.getvalue()

    return write


def _record_maker(cls: type) -> Callable[[dict[str, Any]], Message]:
    assert is_dataclass(cls)
    hints = get_type_hints(cls)
    typed = [
        (f.name, _plain(hints[f.name]))
        for f in fields(cls)
        if issubclass(_plain(hints[f.name]), StrEnum | tuple)
    ]

    def make(datum: dict[str, Any]) -> Message:
        for name, as_type in typed:
            datum[name] = as_type(datum[name])
        message: Message = cls(**datum)  # type: ignore[assignment]
        return message

    return make


def _plain(hint: Any) -> type:
    """The class behind a hint such as ``tuple[str, ...]``."""
    plain = get_origin(hint) or hint
    return plain if isinstance(plain, type) else dict


def _frame_maker(cls: type, schema: Schema) -> Callable[[dict[str, Any]], Message]:
    hints = get_type_hints(cls)
    sections = [
        (f["name"], hints[f["name"]], inner, hints[f["name"]]._make([_EMPTY[d] for _, d in inner]))
        for f in schema["fields"]
        if _is_record(f) and (inner := _columns(f["type"]["fields"]))
    ]
    columns = _columns(schema["fields"])
    lists = [
        f["name"]
        for f in schema["fields"]
        if isinstance(f["type"], dict) and f["type"]["type"] == "array"
    ]

    def make(datum: dict[str, Any]) -> Message:
        for name, dtype in columns:
            datum[name] = _from_bytes(datum[name], dtype)
        for name, section, inner, nothing in sections:
            raw = datum[name]
            datum[name] = (
                section._make([_from_bytes(raw[c], dtype) for c, dtype in inner])
                if any(raw.values())
                else nothing
            )
        for name in lists:
            datum[name] = tuple(datum[name])
        message: frames.Frame = cls(**datum)
        message.check()
        return message

    return make


_frombuffer = np.frombuffer
# Read-only, as every decoded column is: each operator would make a view of a writable one.
_EMPTY = {np.dtype(d): np.frombuffer(b"", d) for d in ("|u1", "|i1", "<i4", "<i8", "<u8", "<f8")}


def _from_bytes(data: bytes, dtype: np.dtype[Any]) -> Any:
    return _frombuffer(data, dtype) if data else _EMPTY[dtype]
