"""``tickstream replay``: a capture or a recording through the whole topology, on the local host.

The same input gives the same records, byte for byte, on every run: nothing in the topology reads
a clock, and the signing key is the replay's own.
"""

import time
from pathlib import Path
from typing import Any

from config.keys import REPLAY_KEY
from connectors.selection import EVERYTHING, Selection
from console import context
from console.feeding import check_there, feed
from console.tally import Tally
from sinks.clickhouse.writer import ClickHouseWriter
from streams.local_host import LocalHost
from streams.warm_up import warm_up


def replay(
    source: Path, config: Path | None, clickhouse: str | None, wanted: Selection = EVERYTHING
) -> dict[str, Any]:
    """What ``replay --json`` prints. Raises Failure for what is neither capture nor recording."""
    made = context.make(config, REPLAY_KEY)
    check_there(source)
    warm_up(made.configs)
    tally = Tally()
    writer = ClickHouseWriter(clickhouse) if clickhouse else None
    host = LocalHost(made.configs, made.codec, [tally, writer.add] if writer else [tally])
    started = time.perf_counter()
    form = feed(source, made, host, wanted)
    if writer:
        writer.close()
    facts = tally.facts(time.perf_counter() - started)
    return {"source": str(source), "form": form, **facts}
