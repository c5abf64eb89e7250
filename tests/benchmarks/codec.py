"""Frames of 1,000 trades through the codec, beside Avro with arrays of longs (what a schema without
byte columns would be) and JSON."""

from io import BytesIO
from typing import Any

import fastavro
import numpy as np
import orjson

from schemas.codec import Codec
from schemas.frames import TRADE, Depth, MarketFrame, Quotes, Trades
from tests.benchmarks.timing import median_seconds

EVENTS, FRAMES = 1000, 200
COLUMNS = ("ts_event", "ts_recv", "trade_id", "price", "size", "side")
ARRAYS = fastavro.parse_schema(
    {
        "type": "record",
        "name": "TradeArrays",
        "fields": [{"name": n, "type": {"type": "array", "items": "long"}} for n in COLUMNS],
    }
)


def frame() -> MarketFrame:
    n = np.arange(EVENTS, dtype=np.int64)
    none = np.empty(0, np.int64)
    trades = Trades(n + 10**18, n + 10**18, n, n + 6_000_000, n + 1, np.ones(EVENTS, np.int8))
    return MarketFrame(
        "BENCH:BTC-USD",
        2,
        5,
        np.full(EVENTS, TRADE, np.uint8),
        trades,
        Quotes(*[none] * 7),
        Depth._make([none] * 4 + [none.astype("u1")] + [none.astype("i4")] * 2 + [none] * 2),
    )


def run() -> dict[str, Any]:
    codec, made = Codec(), frame()
    payload = codec.encode(made)
    lists = {name: column.tolist() for name, column in zip(COLUMNS, made.trades, strict=True)}
    out = BytesIO()
    fastavro.schemaless_writer(out, ARRAYS, lists)
    arrays, text = out.getvalue(), orjson.dumps(lists)

    def rate(decode: Any, data: bytes, frames: int) -> float:
        def work() -> None:
            for _ in range(frames):
                decode(data)

        return round(EVENTS * frames / median_seconds(work) / 1e6, 2)

    ours = rate(codec.decode, payload, FRAMES)
    avro = rate(lambda d: fastavro.schemaless_reader(BytesIO(d), ARRAYS, None), arrays, 20)
    return {
        "unit": "million events a second, decoding frames of 1000",
        "tickstream": ours,
        "tickstream_encode": rate(lambda _: codec.encode(made), b"", FRAMES),
        "avro_arrays_of_longs": avro,
        "json_orjson": rate(orjson.loads, text, 50),
        "ratio_to_avro_arrays": round(ours / avro, 1),
    }
