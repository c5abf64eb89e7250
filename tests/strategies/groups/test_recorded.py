"""Bitcoin on Binance, spot and perpetual future, as recorded in the same minutes."""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load, strategy_of
from config.strategy_tables import SHIPPED
from connectors import forms
from connectors.piece import Piece
from connectors.play import play
from connectors.publish import Publisher
from schemas.codec import Codec, Message
from schemas.inbox import Signal
from schemas.ledger import Fill
from schemas.records import DeadLetter
from streams.local_host import LocalHost

SECOND = 10**9
MEMBERS = ("BINANCE:BTC-USDT", "BINANCEUSDM:BTCUSDT")
FILES = ("spot_btcusdt_20240808.gz", "usdm_btcusdt_20240808.gz")
SECONDS = 60


def pieces(folder: Path) -> Iterator[Piece]:
    """Both recordings by receive time, from when both had begun."""
    made = [iter(forms.recognise(folder / "binance" / name)[1]) for name in FILES]
    merged = heapq.merge(*made, key=lambda piece: piece.at)
    end = 0
    for number, piece in enumerate(merged):
        end = end or piece.at + SECONDS * SECOND
        if piece.at > end:
            return
        yield replace(piece, number=number)


def signals(
    folder: Path, strategies: dict[str, dict[str, Any]], fee: str = "0.0005"
) -> list[Message]:
    """What the strategies want, what is filled, and what fails."""
    shared = {"account": "paper", "group": "G"}
    shared["sizing"] = {"kind": "fixed", "notional": "1000"}  # type: ignore[assignment]
    execution = load(None, {}).execution
    routing = execution.routing
    other = replace(routing.other, taker_fee=Decimal(fee))
    settings = replace(
        load(None, {}),
        execution=replace(execution, routing=replace(routing, other=other)),
        groups={"G": MEMBERS},
        strategies={n: strategy_of({**t, **shared}, SHIPPED, n) for n, t in strategies.items()},
    )
    found: list[Message] = []

    def keep(record: Any, message: Message) -> None:
        if isinstance(message, Signal | DeadLetter) or record.topic == "ledger":
            found.append(message)

    host = LocalHost(operator_configs(settings, REPLAY_KEY), Codec(), [keep])
    play(pieces(folder), Publisher(host, Codec(), "test", "binance", 500, SECOND), (), SECOND)
    return found


def test_the_pair_is_traded_on_both_sides_the_same_each_time(recorded: Path) -> None:
    pair = {"kind": "pairs", "period": 30, "retest": 10, "significance": 0.5, "entry": 1.0}
    pair |= {"drop": 1.0, "half_life": 10.0}
    found = signals(recorded, {"pair": pair})
    wanted = [m for m in found if isinstance(m, Signal)]
    assert {m.instrument for m in wanted} == set(MEMBERS)
    assert not [m for m in found if isinstance(m, DeadLetter)]
    assert {m.instrument for m in found if isinstance(m, Fill)} == set(MEMBERS)
    assert all(0.5 < m.features["hedge"] < 2 for m in wanted)
    assert list(map(repr, signals(recorded, {"pair": pair}))) == list(map(repr, found))


def test_the_two_are_apart_by_less_than_the_fees(recorded: Path) -> None:
    """Spot and future differ by some basis points; two taker fees are ten."""
    cross = {"cross": {"kind": "cross_venue"}}
    assert signals(recorded, cross) == []
    assert any(isinstance(m, Signal) for m in signals(recorded, cross, fee="0"))
