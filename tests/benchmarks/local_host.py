"""The whole topology on the local host: the recorded futures session turned into frames, from the
encoded frame to every encoded output; beside the same fold a frame of one event at a time."""

from pathlib import Path
from typing import Any

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from connectors.batch import Batch
from connectors.binance import capture_form
from connectors.events import DepthEvent, QuoteEvent, TradeEvent
from schemas.codec import Codec
from streams.cause import Cause
from streams.local_host import LocalHost
from tests.benchmarks.timing import median_seconds
from tests.conftest import DATA

CAPTURE = DATA / "binance" / "usdm_btcusdt_20240808.gz"


def frames(path: Path, events_a_frame: int) -> tuple[str, list[bytes], int, int]:
    """Instrument, encoded frames, events, depth levels."""
    codec, batch, made, total, levels = Codec(), None, [], 0, 0
    for piece in capture_form.pieces(path):
        for event in piece.found:
            if isinstance(event, TradeEvent | QuoteEvent | DepthEvent):
                batch = batch or Batch(event.instrument)
                batch.add(event)
                total += 1
                if isinstance(event, DepthEvent):
                    levels += len(event.bids) + len(event.asks)
                if len(batch) >= events_a_frame:
                    made.append(codec.encode(batch.frame()))
    assert batch is not None
    if len(batch):
        made.append(codec.encode(batch.frame()))
    return "BINANCEUSDM:BTCUSDT", made, total, levels


def run() -> dict[str, Any]:
    if not CAPTURE.exists():
        return {"skipped": "needs the recorded market data in ../shared/data"}
    configs, codec = operator_configs(load(environment={}), REPLAY_KEY), Codec()
    name, thousand, events, levels = frames(CAPTURE, 1000)
    _, hundred, _, _ = frames(CAPTURE, 100)
    _, one, _, _ = frames(CAPTURE, 1)

    def fold(payloads: list[bytes]) -> Any:
        def work() -> None:
            host = LocalHost(configs, codec)
            for n, payload in enumerate(payloads):
                host.send("ticks", name, payload, Cause("bench", "bench", n, 0))

        return work

    seconds = median_seconds(fold(thousand), 9)
    single = median_seconds(fold(one[:5000]), 3) * len(one) / 5000
    return {
        "unit": "events a second; an event is a trade, a quote or a depth message",
        "events": events,
        "depth_levels": levels,
        "frames_of_1000": round(events / seconds),
        "depth_levels_a_second": round(levels / seconds),
        "frames_of_100": round(events / median_seconds(fold(hundred), 5)),
        "a_record_an_event": round(events / single),
    }
