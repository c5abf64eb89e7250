"""A worker that takes up after its configuration was changed: what is still asked for goes on, the
rest begins anew, and nothing stops."""

from pathlib import Path

import numpy as np
import pytest

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from connectors.sim.venue import SimConfig, SimVenue
from schemas.codec import Message
from schemas.frames import FeatureFrame
from streams.chain import ChainFold
from streams.topology import OperatorConfigs, chains

FIRST = """
[market]
bars = ["time:1s"]
[features]
bar = "time:1s"
indicators = ["sma(5)", "rsi(7)", "stddev(5)", "cdldoji"]
[models.tree]
kind = "hoeffding_tree"
horizon = "2s"
inputs = ["ret_1", "imbalance"]
"""
MEAN, WHERE = '"sma(5)"', "[models.tree]"
CHANGES = {
    "an indicator more": FIRST.replace(MEAN, f'"bbands(9)", {MEAN}'),
    "an indicator less": FIRST.replace('"rsi(7)", ', ""),
    "a pattern less": FIRST.replace(', "cdldoji"', ""),
    "another volatility": FIRST.replace("[features]", "[features]\nvol_window = 55"),
    "no model": FIRST[: FIRST.index(WHERE)],
    "another kind of model": FIRST.replace("hoeffding_tree", "naive_bayes"),
    "other inputs": FIRST.replace('"imbalance"', '"sma_5"'),
    "a model more": FIRST + '[models.more]\nkind = "logistic"\nhorizon = "2s"\n',
    "bars more": FIRST.replace('["time:1s"]', '["time:1s", "time:1m"]'),
    "bars in another order": FIRST.replace('["time:1s"]', '["tick:50", "time:1s"]'),
    "an account more": FIRST
    + '[accounts.more]\nvenue = "paper"\nlimits = { max_position = "1" }\n',
    "a strategy more": FIRST
    + '[strategies.rsi_2]\nkind = "rsi_2"\naccount = "paper"\ninstruments = ["*"]\n'
    + '[strategies.rsi_2.sizing]\nkind = "fixed"\nnotional = "1000"\n',
    "a strategy of another kind": FIRST
    + '[strategies.ema_cross]\nkind = "breakout"\naccount = "paper"\ninstruments = ["*"]\n'
    + '[strategies.ema_cross.sizing]\nkind = "volatility_target"\n',
    "a basket": FIRST + '[baskets]\nBOTH = ["SIM:BTC-USD", "SIM:ETH-USD"]\n',
}
VENUE = SimConfig(rate=200, frame_ns=10**8)
FRAMES = [frame for _, frame in SimVenue(VENUE).advance(VENUE.start_ns + 24 * 10**9)]
HALF = len(FRAMES) // 2


def configured(text: str, folder: Path) -> OperatorConfigs:
    (folder / "config.toml").write_text(text)
    return operator_configs(load(folder / "config.toml", {}), REPLAY_KEY)


def folded(fold: ChainFold, messages: list[Message]) -> dict[str, list[Message]]:
    """What it says, by topic. Nothing is refused."""
    said: dict[str, list[Message]] = {}
    for message in messages:
        emitted, troubles = fold.apply(message)
        assert not troubles
        for each in emitted:
            said.setdefault(each.output.topic, []).append(each.output.message)
    return said


def column(said: dict[str, list[Message]], name: str) -> list[float]:
    frames = [m for m in said["features"] if isinstance(m, FeatureFrame)]
    assert frames
    return [
        value
        for frame in frames
        if frame.instrument == "SIM:BTC-USD"
        for value in frame.vectors.values.reshape(len(frame), -1)[:, frame.names.index(name)]
    ]


def add(said: dict[str, list[Message]], more: dict[str, list[Message]]) -> None:
    for topic, messages in more.items():
        said.setdefault(topic, []).extend(messages)


@pytest.mark.parametrize("change", CHANGES)
def test_every_chain_takes_up(change: str, tmp_path: Path) -> None:
    before, after = configured(FIRST, tmp_path), configured(CHANGES[change], tmp_path)
    earlier: dict[str, list[Message]] = {"ticks": FRAMES[:HALF]}
    later: dict[str, list[Message]] = {"ticks": FRAMES[HALF:]}
    for chain in chains():
        first, second = ChainFold(chain, before), ChainFold(chain, after)
        add(earlier, folded(first, earlier.get(chain.reads, [])))
        second.restore(first.snapshot())
        add(later, folded(second, later.get(chain.reads, [])))
    assert later["features"]


def test_what_is_still_asked_for_goes_on_and_the_rest_begins_anew(tmp_path: Path) -> None:
    (builder,) = (chain for chain in chains() if chain.reads == "ticks" and chain.name == "builder")
    undisturbed = ChainFold(builder, configured(FIRST, tmp_path))
    changed = ChainFold(builder, configured(CHANGES["an indicator more"], tmp_path))
    folded(undisturbed, FRAMES[:HALF])
    changed.restore(undisturbed.snapshot())
    whole, other = folded(undisturbed, FRAMES[HALF:]), folded(changed, FRAMES[HALF:])
    for name in ("sma_5", "rsi_7", "stddev_5", "cdldoji", "ret_1", "tree"):
        assert np.array_equal(column(whole, name), column(other, name), equal_nan=True), name
    bands = column(other, "bbands_9_2_upper")
    assert np.isnan(bands[0])
    assert np.isfinite(bands[-1])
