"""Draws the picture of docs/execution-algorithms.md into docs/images, from a recorded session.

python docs/execution_picture.py

Every algorithm works the same order at the same time. The market is the recorded one: a slice that
takes is filled at once, one that rests is filled when the best ask comes down to its price. Run it
by hand, like docs/pictures.py.
"""

import sys
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from config.keys import REPLAY_KEY  # noqa: E402
from config.operators import operator_configs  # noqa: E402
from config.settings import load  # noqa: E402
from connectors import forms  # noqa: E402
from connectors.play import play  # noqa: E402
from connectors.publish import Publisher  # noqa: E402
from console.report import charts  # noqa: E402
from console.report.charts import Axis  # noqa: E402
from schemas.codec import Codec  # noqa: E402
from schemas.enums import OrdStatus, OrdType, Side, TimeInForce  # noqa: E402
from schemas.execution import ApprovedOrder  # noqa: E402
from schemas.frames import MarketFrame, TapeFrame  # noqa: E402
from schemas.inbox import OrderCommand, Signal  # noqa: E402
from schemas.ledger import OrderUpdate  # noqa: E402
from schemas.records import Clock  # noqa: E402
from streams.cause import Cause  # noqa: E402
from streams.chain import ChainFold  # noqa: E402
from streams.topology import chains  # noqa: E402

SESSION = ROOT.parent / "shared" / "data" / "binance" / "usdm_btcusdt_20240808.gz"
PICTURE = ROOT / "docs" / "images" / "execution.svg"
SIZE, SECONDS = Decimal(2), 300
PARAMS: dict[str, dict[str, str]] = {
    "twap": {"slices": "10"},
    "vwap": {"slices": "30"},
    "pov": {"rate": "0.007"},
    "iceberg": {"display": "0.2", "jitter": "0.3"},
    "is": {"slices": "30", "volatility": "20000", "temporary": "0.001", "risk_aversion": "5e-6"},
    "adaptive": {"slices": "10", "patience": "2"},
}
COLOURS = ("#2a9d8f", "#e76f51", "#457b9d", "#b5838d", "#e9a820", "#6a4c93")


@dataclass
class Market:
    """A ``Writer`` that folds ticks through builder and algorithms, and fills their slices."""

    fold: ChainFold
    open: dict[str, Signal] = field(default_factory=dict)
    done: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    now: int = 0
    asked: bool = False

    def __post_init__(self) -> None:
        self._codec = Codec()

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        if topic == "ticks":
            self._take(self._codec.decode(value))

    def flush(self) -> None:
        """Nothing waits."""

    def _take(self, message: Any) -> None:
        if isinstance(message, Clock):
            self.now = message.ts_event
        for emitted in self.fold.apply(message)[0]:
            self._said(emitted.output.message)
        if isinstance(message, MarketFrame) and self.now and not self.asked:
            self.asked = True
            for algo in PARAMS:
                self._take(_order(message, algo, self.now))

    def _said(self, message: Any) -> None:
        match message:
            case TapeFrame() if len(message.books.seq):
                self._touch(int(message.books.ask_price[:: message.levels].min()))
            case Signal() if message.parent and message.time_in_force is TimeInForce.IOC:
                self._end(message, OrdStatus.FILLED)
            case Signal() if message.parent:
                self.open[message.signal_id] = message
            case OrderCommand() if message.signal_id in self.open:
                self._end(self.open.pop(message.signal_id), OrdStatus.CANCELED)

    def _touch(self, ask: int) -> None:
        """Slices that rest where the best ask came down to."""
        for name in [name for name, slice_ in self.open.items() if slice_.price >= ask]:
            self._end(self.open.pop(name), OrdStatus.FILLED)

    def _end(self, slice_: Signal, after: OrdStatus) -> None:
        cum = slice_.size if after is OrdStatus.FILLED else 0
        if cum:
            points = self.done.setdefault(slice_.parent, [])
            before = points[-1][1] if points else 0.0
            points.append((self.now / 1e9, before + cum / 10**slice_.size_scale))
        self._take(
            OrderUpdate(
                slice_.account,
                slice_.strategy,
                slice_.signal_id,
                "",
                slice_.instrument,
                self.now,
                OrdStatus.NEW,
                after,
                "",
                cum,
                slice_.size - cum,
                slice_.size_scale,
                "",
                "",
            )
        )


def _order(market: MarketFrame, algo: str, now: int) -> ApprovedOrder:
    return ApprovedOrder(
        "picture",
        "picture",
        algo,
        algo,
        market.instrument,
        now,
        Side.BUY,
        OrdType.MARKET,
        TimeInForce.GTC,
        0,
        int(SIZE.scaleb(market.size_scale)),
        market.price_scale,
        market.size_scale,
        "",
        b"",
        algo=algo,
        params={"duration": f"{SECONDS}s", **PARAMS[algo]},
    )


def draw(done: dict[str, list[tuple[float, float]]]) -> str:
    """What each has bought over time, as steps."""
    start = min(points[0][0] for points in done.values())
    xs = Axis(start, start + SECONDS, charts.LEFT, charts.WIDTH - charts.RIGHT)
    ys = Axis(0, float(SIZE) * 1.05, charts.HEIGHT - charts.BOTTOM, charts.TOP)
    body = [charts.grid(xs, ys, charts.clock(SECONDS))]
    for n, (algo, points) in enumerate(done.items()):
        path, y = f"M{xs(start):.1f},{ys(0):.1f}", 0.0
        for at, y in points:
            path += f"H{xs(at):.1f}V{ys(y):.1f}"
        path += f"H{xs(start + SECONDS):.1f}"
        body.append(f'<path style="fill:none;stroke:{COLOURS[n]};stroke-width:2" d="{path}"/>')
        below = charts.HEIGHT - charts.BOTTOM - 96 + 16 * n
        label = charts.text(charts.WIDTH - 30, below, f"{algo} {y:g}", "end")
        body.append(label.replace("<text", f'<text style="fill:{COLOURS[n]}"'))
    return charts.svg("".join(body))


def main() -> None:
    configs = operator_configs(load(environment={}), REPLAY_KEY)
    market = Market(ChainFold(next(c for c in chains() if c.name == "builder"), configs))
    _, pieces = forms.recognise(SESSION, lambda _: None)
    publisher = Publisher(market, Codec(), "picture", SESSION.name, 1000, 10**9)
    play(pieces, publisher, (), 10**9)
    done = {algo: market.done[algo] for algo in PARAMS if algo in market.done}
    for algo, points in done.items():
        print(f"{algo}: {len(points)} fills, {points[-1][1]:g}")
    PICTURE.write_text(charts.standalone(draw(done), f"{SIZE} of {SESSION.name}"))


if __name__ == "__main__":
    main()
