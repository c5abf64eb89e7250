"""``tickstream mirror FILE.csv``: what others did, to the log of each instrument.

A row's cause is the file's content and its line: publishing a file again adds nothing.
"""

import hashlib
from pathlib import Path
from typing import Any

from config.settings import load
from console import context
from console.disclosures import read
from console.errors import Failure
from streams.cause import Cause
from streams.kafka import KafkaWriter, partition_counts


def run(file: Path, config: Path | None, broker: str | None) -> dict[str, Any]:
    """What ``mirror --json`` prints. Raises Failure before anything is sent, and LogError."""
    told = list(read(file))
    settings = load(config)
    bootstrap = broker or settings.broker.bootstrap
    if not partition_counts(bootstrap).get("ticks", 0):
        raise Failure(f"{bootstrap}: there is no topic ticks; is this the right broker?")
    writer, codec = KafkaWriter(bootstrap, linger_ms=5), context.make_codec(settings)
    digest = hashlib.blake2b(file.read_bytes(), digest_size=8).hexdigest()
    for line, disclosure in told:
        cause = Cause("desk", f"file/{digest}", line, 0)
        writer.send("ticks", disclosure.instrument, codec.encode(disclosure), cause)
    writer.flush()
    who = sorted({each.who for _, each in told})
    return {"file": str(file), "disclosures": len(told), "who": who}
