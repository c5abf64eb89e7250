"""Paper orders of every kind in a recorded Binance session: fills that must not change without a
reason, however the session is framed."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.binance import capture_form
from connectors.play import play
from connectors.publish import Publisher
from schemas.codec import Codec
from schemas.enums import OrderAction, OrdType, Side, TimeInForce
from schemas.frames import MarketFrame, cut_market
from schemas.records import PaperOrder
from streams.cause import Cause
from streams.operators.market.follow import Book
from streams.operators.market.levels import ASK, BID, best
from streams.operators.paper_venue.venue import PaperVenue, PaperVenueConfig
from streams.topology import OperatorConfigs

EVERY = 500  # events between two orders
SIZE = 100  # thousandths
SHA256 = "8f0ef675690bbab7d187b4acd9f4ab1793f2dc796f4644ce51ce6a359d73f854"


class Kept:
    """Takes what a broker would, and keeps the market frames."""

    def __init__(self, codec: Codec) -> None:
        self._codec, self.frames = codec, list[MarketFrame]()

    def send(self, topic: str, key: str, value: bytes, cause: Cause) -> None:
        message = self._codec.decode(value)
        if isinstance(message, MarketFrame):
            self.frames.append(message)

    def flush(self) -> None:
        """Everything is kept already."""


@pytest.fixture(scope="module")
def script(recorded: Path, codec: Codec) -> list[Any]:
    """The session's frames, with an order after each that follows from the book as it then is."""
    path, kept = recorded / "binance" / "usdm_btcusdt_20240808.gz", Kept(codec)
    publisher = Publisher(kept, codec, "golden", path.name, EVERY, 10**9)
    play(capture_form.pieces(path), publisher, (), 10**9)
    book, made = Book(), list[Any]()
    for n, frame in enumerate(kept.frames):
        book.fold(frame)
        made += [frame, *orders(n, frame, book)]
    return made


def orders(n: int, frame: MarketFrame, book: Book) -> Iterator[PaperOrder]:
    state = book.state
    if not state.meta[0] or not len(frame.trades.price):
        return
    bid, ask = (int(best(state.levels, side)[0]) for side in (BID, ASK))
    side, near, far = (Side.BUY, bid, ask) if n % 2 else (Side.SELL, ask, bid)
    kinds: list[dict[str, Any]] = [
        {"ord_type": OrdType.LIMIT, "price": near, "time_in_force": TimeInForce.DAY},
        {"ord_type": OrdType.LIMIT, "price": near, "display_size": SIZE // 4},
        {"ord_type": OrdType.LIMIT, "price": near, "post_only": True},
        {"ord_type": OrdType.LIMIT, "price": far, "time_in_force": TimeInForce.FOK},
        {"ord_type": OrdType.MARKET, "reduce_only": True},
        {"ord_type": OrdType.STOP, "stop_price": far},
        {"ord_type": OrdType.TRAILING_STOP, "trail": ask - bid},
    ]
    ts = int(frame.trades.ts_event[-1])
    order = PaperOrder(
        *(frame.instrument, "paper", f"o{n}", ts, OrderAction.NEW, side, OrdType.MARKET),
        *(TimeInForce.GTC, 0, SIZE, frame.price_scale, frame.size_scale),
    )
    yield replace(order, **kinds[n % len(kinds)])
    yield replace(order, cl_ord_id=f"o{n - 60}", action=OrderAction.CANCEL)


def reports(config: PaperVenueConfig, messages: list[Any]) -> list[Any]:
    venue = PaperVenue(config)
    return [output.message for message in messages for output in venue.apply(message)]


def test_the_fills_are_those_of_every_earlier_run(
    script: list[Any], configs: OperatorConfigs, codec: Codec
) -> None:
    made = reports(configs.paper_venue, script)
    kinds = Counter(str(report.exec_type) for report in made)
    assert min(kinds[k] for k in ("TRADE", "TRIGGERED", "EXPIRED", "CANCELED", "REJECTED")) > 5
    assert hashlib.sha256(b"".join(map(codec.encode, made))).hexdigest() == SHA256


def test_cut_frames_give_the_same_reports(script: list[Any], configs: OperatorConfigs) -> None:
    rng, cut = random.Random(5), list[Any]()
    for message in script:
        if isinstance(message, MarketFrame):
            at = rng.randrange(1, len(message)) if len(message) > 1 else 0
            parts = cut_market(message, 0, at), cut_market(message, at, len(message))
            cut += [part for part in parts if len(part)]
        else:
            cut.append(message)
    config = replace(configs.paper_venue, queue_model="power", self_trade="decrement")
    assert reports(config, cut) == reports(config, script)


def test_a_share_of_the_cancellations_ahead_fills_more_than_none(
    script: list[Any], configs: OperatorConfigs
) -> None:
    made = {}
    for model in ("conservative", "power"):
        done = reports(replace(configs.paper_venue, queue_model=model), script)
        made[model] = sum(r.last_size for r in done if str(r.liquidity) == "MAKER")
    assert made["conservative"] < made["power"]
