"""Every message survives the wire in both formats; rubbish is refused by name."""

import json
import random
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from io import BytesIO
from typing import Any, get_origin, get_type_hints

import numpy as np
import pytest
from confluent_kafka.schema_registry._sync.mock_schema_registry_client import (
    MockSchemaRegistryClient,
)
from fastavro import schemaless_writer
from fastavro.utils import generate_many
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sim.venue import SimConfig, SimVenue
from schemas import catalog, compatibility, execution, frames, inbox, ledger, records
from schemas.codec import Codec, CodecError, Malformed, UnknownSchema
from schemas.inbox import Mark
from schemas.records import Clock
from streams.registry import SchemaRegistry

MARK = Mark("paper", "SIM:BTC-USD", 1, 10, 11, 2)
RECORDS = [
    c
    for module in (records, inbox, execution, ledger)
    for c in vars(module).values()
    if is_dataclass(c) and isinstance(c, type)
]


def frame() -> frames.MarketFrame:
    config = SimConfig(rate=50_000)
    return next(iter(SimVenue(config).advance(config.start_ns + 10**8)))[1]


@pytest.mark.parametrize("cls", RECORDS)
def test_dataclasses_are_the_schemas_field_by_field(cls: type) -> None:
    schema = catalog.current()[f"tickstream.{cls.__name__}"]
    assert [f["name"] for f in schema["fields"]] == [f.name for f in fields(cls)]


@pytest.mark.parametrize("cls", RECORDS)
def test_every_record_survives_the_wire(cls: type, codec: Codec) -> None:
    schema = catalog.parse(catalog.current()[f"tickstream.{cls.__name__}"])
    hints = get_type_hints(cls)
    for datum in generate_many(schema, 5):
        message = cls(**{name: as_typed(hints[name], value) for name, value in datum.items()})
        assert codec.decode(codec.encode(message)) == message


def as_typed(hint: Any, value: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(value)
    if get_origin(hint) is tuple:
        return tuple(value)
    if hint is Decimal and not isinstance(value, Decimal):
        return Decimal(0)
    return value


def test_a_frame_survives_the_wire_and_is_not_copied(codec: Codec) -> None:
    sent = frame()
    got = codec.decode(codec.encode(sent))
    assert isinstance(got, frames.MarketFrame)
    for mine, theirs in zip((*sent.trades, *sent.depth), (*got.trades, *got.depth), strict=True):
        assert mine.dtype == theirs.dtype
        assert np.array_equal(mine, theirs)
    assert isinstance(got.trades.price.base, bytes)


def test_confluents_framing_works_with_a_registry_and_reads_single_objects_too(
    codec: Codec,
) -> None:
    registry = SchemaRegistry(MockSchemaRegistryClient({"url": "mock://"}))
    writer, reader = Codec(registry), Codec(registry)
    payload = writer.encode(MARK)
    assert payload[0] == 0
    assert reader.decode(payload) == MARK
    assert reader.decode(codec.encode(MARK)) == MARK


def test_a_registry_id_without_a_registry_says_what_to_do() -> None:
    with pytest.raises(UnknownSchema, match="needs a schema registry"):
        Codec().decode(b"\x00\x00\x00\x00\x07rest")


def test_an_unknown_fingerprint_is_named(codec: Codec) -> None:
    with pytest.raises(UnknownSchema, match="0102030405060708"):
        codec.decode(b"\xc3\x01\x01\x02\x03\x04\x05\x06\x07\x08rest")


def test_bytes_left_over_are_malformed(codec: Codec) -> None:
    with pytest.raises(Malformed, match="left over"):
        codec.decode(codec.encode(MARK) + b"x")


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(CodecError):
        CODEC.decode(data)


@settings(max_examples=300)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_damaged_payloads_never_raise_anything_else(seed: int, damage: int) -> None:
    rng = random.Random(seed)
    codec = CODEC
    for payload in PAYLOADS:
        broken = bytearray(payload)
        for _ in range(damage):
            broken[rng.randrange(10, len(broken))] = rng.randrange(256)
        broken = broken[: rng.randrange(10, len(broken) + 1)]
        try:
            codec.decode(bytes(broken))
        except CodecError:
            continue


CODEC = Codec()
PAYLOADS = [CODEC.encode(m) for m in (MARK, Clock("k", 5))]


def test_columns_of_unequal_length_are_malformed(codec: Codec) -> None:
    good = frame()
    short = good.trades._replace(price=good.trades.price[:-1])
    bad = frames.MarketFrame("X:Y", 1, 1, good.kinds, short, good.quotes, good.depth)
    with pytest.raises(Malformed, match="trades"):
        codec.decode(codec.encode(bad))


def test_every_released_schema_fits_todays() -> None:
    assert compatibility.problems() == []


def test_a_changed_field_is_reported(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = json.loads((catalog.FOLDER / "mark.avsc").read_text())
    schema["fields"].append({"name": "new", "type": "long", "doc": "without a default"})
    folder = tmp_path / "9.9.9"
    folder.mkdir()
    (folder / "mark.avsc").write_text(json.dumps(schema))
    monkeypatch.setattr(catalog, "RELEASED", tmp_path)
    assert any("9.9.9's reader fails" in problem for problem in compatibility.problems())


@pytest.mark.parametrize("rows", [0, 1, 9, 200, 20_000])
@pytest.mark.parametrize("name", [n for n in catalog.current() if n.endswith("Frame")])
def test_frames_are_written_as_an_avro_library_writes_them(
    name: str, rows: int, codec: Codec
) -> None:
    schema, cls = catalog.current()[name], vars(frames)[name.split(".")[1]]
    hints = get_type_hints(cls)
    datum = {f["name"]: datum_of(f["type"], rows) for f in schema["fields"]}
    message = cls(**{n: as_columns(hints[n], value) for n, value in datum.items()})
    out = BytesIO()
    schemaless_writer(out, catalog.parse(schema), as_bytes(datum))
    assert codec.encode(message)[10:] == out.getvalue()


def datum_of(kind: Any, rows: int) -> Any:
    """A value of a field, as arrays where it is columns; every second row of a longer one, so
    that they are not contiguous."""
    match kind:
        case "int":
            return rows - 1
        case "string":
            return "ä" * rows
        case {"type": "array"}:
            return ["x" * n for n in range(min(rows, 99))]
        case {"type": "record", "fields": inner}:
            return {f["name"]: datum_of(f["type"], rows) for f in inner}
    return np.arange(2 * rows).astype(kind["dtype"])[::2]


def as_columns(hint: Any, value: Any) -> Any:
    if isinstance(value, dict):
        return hint(**value)
    return tuple(value) if isinstance(value, list) else value


def as_bytes(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_bytes(inner) for name, inner in value.items()}
    return value.tobytes() if isinstance(value, np.ndarray) else value
