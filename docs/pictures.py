"""Draws the pictures of docs/bars.md and docs/books.md into docs/images, from recorded sessions.

python docs/pictures.py

Run it by hand when a chart or a kind of bar changes. Unlike docs/generate.py it is no check of the
tests, because it reads the recorded market data in ../shared/data, which this project does not
contain.
"""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from console.commands import heatmap  # noqa: E402
from console.commands.book import decimal  # noqa: E402
from console.report.candles import Candle, candles  # noqa: E402
from console.report.charts import standalone  # noqa: E402
from console.report.queues import Queue, queues  # noqa: E402
from console.times import show_ns  # noqa: E402
from research import bars, books  # noqa: E402
from streams.operators.market.bars import parse  # noqa: E402

DATA = ROOT.parent / "shared" / "data"
IMAGES = ROOT / "docs" / "images"
SESSION = DATA / "binance" / "usdm_btcusdt_20240808.gz"
ORDERS = DATA / "databento" / "orderbooks_mbo_2024-05-08.mbo.dbn.zst"
# a picture's name → its bars: such that the session gives about a hundred
BARS = {
    "bars-time": "time:5s",
    "bars-dollar": "dollar:1500000",
    "bars-imbalance": "dollar_imbalance:200,min=150,tick_span=1000",
    "bars-run": "volume_run:200,min=100,tick_span=1000",
    "bars-range": "range:20",
    "bars-renko": "renko:10",
}
PRICES = 5  # a side


def bar_pictures() -> Iterator[tuple[str, str]]:
    """(name, SVG) of each kind; all are made in one pass over the session."""
    made: dict[str, list[Candle]] = {spec: [] for spec in BARS.values()}
    for row in bars.read(SESSION, tuple(map(parse, BARS.values()))):
        made[f"{row['kind']}:{row['spec']}"].append(_candle(row))
    for name, spec in BARS.items():
        print(f"{spec}: {len(made[spec])} bars")
        yield name, standalone(candles(made[spec]), f"{spec} of {SESSION.name}")


def _candle(row: dict[str, Any]) -> Candle:
    values = (row[name] for name in ("open", "high", "low", "close", "volume"))
    return Candle(row["ts_open"] / 1e9, *map(float, values))


def heat_map() -> tuple[str, str]:
    with TemporaryDirectory() as folder:
        drawn = heatmap.draw(SESSION, None, None, Path(folder) / "heatmap.svg")
        return "heatmap", Path(drawn["out"]).read_text()


def queue_picture() -> tuple[str, str]:
    """The orders at the best prices, of the one instrument of the file, at its end."""
    (known,) = books.at(ORDERS).values()
    sides: dict[int, list[Queue]] = {1: [], -1: []}
    orders = known.orders().tolist()
    for (side, price), queue in groupby(orders, key=lambda order: (order[1], order[2])):
        sizes = [order[3] / 10**known.size_scale for order in queue]
        sides[side].append(Queue(decimal(price, known.price_scale), sizes))
    picture = queues(sides[1][:PRICES], sides[-1][:PRICES])
    return "queues", standalone(picture, f"{known.instrument} at {show_ns(known.ts_recv)} UTC")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    for name, picture in (*bar_pictures(), heat_map(), queue_picture()):
        (IMAGES / f"{name}.svg").write_text(picture)


if __name__ == "__main__":
    main()
