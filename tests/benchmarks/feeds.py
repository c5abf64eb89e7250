"""What venues sent, through codec and session, to encoded frames; beside reading the same messages
into dictionaries of decimals, as connectors do that make an object a message."""

import gzip
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from connectors import forms
from connectors.publish import Publisher
from schemas.codec import Codec
from streams.cause import Cause
from tests.benchmarks.timing import median_seconds
from tests.conftest import DATA

_FILES = {
    "binance_usdm": "binance/usdm_btcusdt_20240808.gz",
    "kraken_v1": "kraken/kraken_book1000_2021-04-17.txt.gz",
    "coinbase_exchange": "coinbase/COINBASE.ws.28.0.gz",
}


class Nowhere:
    """A log that forgets."""

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        """Nothing is kept."""

    def flush(self) -> None:
        """Nothing waits."""


def run() -> dict[str, Any]:
    return {name: _measured(DATA / file) for name, file in _FILES.items()}


def _measured(path: Path) -> dict[str, Any]:
    """Both read the compressed capture."""
    count = sum(1 for _ in _messages(path))
    return {
        "messages": count,
        "to_encoded_frames_messages_a_second": round(
            count / median_seconds(lambda: _framed(path), 3)
        ),
        "to_decimals_messages_a_second": round(count / median_seconds(lambda: _objects(path), 3)),
    }


def _messages(path: Path) -> Iterator[Any]:
    """The JSON of each line, behind its time."""
    with gzip.open(path, "rt") as file:
        for line in file:
            places = [at for at in (line.find("{"), line.find("[")) if at >= 0]
            with suppress(orjson.JSONDecodeError):
                yield orjson.loads(line[min(places, default=0) :])


def _objects(path: Path) -> None:
    for message in _messages(path):
        _decimals(message)


def _framed(path: Path) -> None:
    _, pieces = forms.recognise(path)
    publisher = Publisher(Nowhere(), Codec(), "benchmark", path.name, 1000, 10**9)
    for piece in pieces:
        for found in piece.found:
            publisher.take(found, piece.number, piece.at)
    publisher.flush()


def _decimals(value: Any) -> Any:
    """Every number in text as a decimal."""
    if isinstance(value, str):
        return Decimal(value) if value.replace(".", "", 1).isdigit() else value
    if isinstance(value, list):
        return [_decimals(item) for item in value]
    if isinstance(value, dict):
        return {key: _decimals(item) for key, item in value.items()}
    return value
