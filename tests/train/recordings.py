"""A recording of the simulated venue, as tickstream record makes one."""

from collections.abc import Iterator
from pathlib import Path

from connectors.sim.venue import SimConfig, SimVenue
from console import recording
from console.recording import Recorded
from schemas.codec import Codec
from schemas.frames import MarketFrame
from streams.cause import Cause
from streams.log import LogRecord


def frames(seconds: int = 240) -> Iterator[MarketFrame]:
    """Of three instruments, with little in them."""
    config = SimConfig(rate=60, frame_ns=10**9)
    return (frame for _, frame in SimVenue(config).advance(config.start_ns + seconds * 10**9))


def make(folder: Path, seconds: int = 240) -> Path:
    recording.write_partition(folder, "ticks", 0, _records(seconds))
    recording.write_manifest(folder, {"version": 1, "topics": {"ticks": {"0": [0, seconds]}}})
    return folder


def _records(seconds: int) -> Iterator[Recorded]:
    codec = Codec()
    for offset, frame in enumerate(frames(seconds)):
        cause = Cause("connector.sim", "sim", offset, 0)
        value = codec.encode(frame)
        record = LogRecord("ticks", 0, offset, frame.instrument, value, cause)
        yield Recorded(record, int(frame.depth.ts_recv[0] if len(frame.depth.ts_recv) else 0))
