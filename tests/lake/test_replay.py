"""A lake goes through the whole topology as the capture does that it was made of."""

from pathlib import Path

from connectors import forms
from connectors.play import play
from connectors.publish import Publisher
from schemas.codec import Codec, Message
from schemas.frames import FeatureFrame, MarketFrame, TapeFrame
from streams.local_host import LocalHost
from streams.log import LogRecord
from streams.topology import OperatorConfigs
from tests.lake.history import head, put


def said(path: Path, configs: OperatorConfigs, codec: Codec) -> dict[str, list[object]]:
    """Every row of every topic, whatever frame it came in."""
    rows: dict[str, list[object]] = {}

    def keep(_: LogRecord, message: Message) -> None:
        match message:
            case MarketFrame():
                return
            case TapeFrame():
                books, bars = message.books, message.bars
                prices = books.bid_price.reshape(-1, message.levels).tolist()
                tops = zip(books.ts_event.tolist(), books.seq.tolist(), prices, strict=True)
                rows.setdefault("books", []).extend(tops)
                closed = zip(*(column.tolist() for column in bars), strict=True)
                rows.setdefault("bars", []).extend(closed)
            case FeatureFrame():
                rows.setdefault("features", []).append(message.vectors.values.tobytes())
            case _:
                rows.setdefault(type(message).__name__, []).append(str(message))

    host = LocalHost(configs, codec, [keep])
    _, pieces = forms.recognise(path)
    play(pieces, Publisher(host, codec, "test", path.name, 1000, 10**9), ("paper",), 10**9)
    rows["features"] = [b"".join(rows["features"])]  # type: ignore[arg-type]
    return rows


def test_bars_books_clocks_and_signals_are_those_of_the_capture(
    recorded: Path, tmp_path: Path, configs: OperatorConfigs, codec: Codec
) -> None:
    source = recorded / "binance" / "spot_btcusdt_20240808.gz"
    capture = head(source, tmp_path / "spot.gz", 12_000)
    put(tmp_path / "lake", capture)
    found, expected = (said(path, configs, codec) for path in (tmp_path / "lake", capture))
    assert len(expected["bars"]) > 50
    assert len(expected["Clock"]) > 50
    assert {name: len(rows) for name, rows in found.items()} == {
        name: len(rows) for name, rows in expected.items()
    }
    assert found == expected
