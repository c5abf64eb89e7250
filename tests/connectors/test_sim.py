"""The simulated venue: its messages make a sound book, its statistics look like a market's, and the
same seed gives the same events however they are framed."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from connectors.sim.venue import DEFAULT, SimConfig, SimInstrument, SimVenue, check
from schemas.frames import DEPTH, QUOTE, TRADE, MarketFrame

SECOND = 10**9
ONE = DEFAULT[:1]


def frames(config: SimConfig, seconds: float) -> list[tuple[int, MarketFrame]]:
    return list(SimVenue(config).advance(config.start_ns + int(seconds * SECOND)))


def cell(rate: float) -> int:
    """A grid that is not mostly empty."""
    return SECOND if rate < 1_000 else SECOND // 100


def events(config: SimConfig, seconds: float):
    """(kind, row as a tuple, levels) of every event."""
    for _, frame in frames(config, seconds):
        rows = [0, 0, 0, 0]
        level = 0
        sections = {TRADE: frame.trades, QUOTE: frame.quotes, DEPTH: frame.depth}
        for kind in frame.kinds.tolist():
            n, section = rows[kind], sections[kind]
            rows[kind] += 1
            row = tuple(int(column[n]) for column in section[:7] if n < len(column))
            levels = []
            if kind == DEPTH:
                end = level + row[5] + row[6]
                prices, sizes = section.price[level:end], section.size[level:end]
                levels = list(zip(prices.tolist(), sizes.tolist(), strict=True))
                level = end
            yield kind, row, levels


@settings(max_examples=25, phases=(Phase.explicit, Phase.generate))
@given(
    seed=st.integers(0, 2**32),
    rate=st.sampled_from([1.0, 30.0, 2_000.0, 100_000.0]),
    volatility=st.sampled_from([1e-6, 1.5e-4, 0.02]),
    jumps=st.sampled_from([0.0, 0.02, 5.0]),
)
def test_a_naive_book_agrees_with_every_quote_and_is_never_crossed(
    seed: int, rate: float, volatility: float, jumps: float
) -> None:
    instrument = replace(DEFAULT[0], volatility=volatility, jumps=jumps)
    config = SimConfig(seed, rate, frame_ns=cell(rate), instruments=(instrument,))
    bids: dict[int, int] = {}
    asks: dict[int, int] = {}
    traded: dict[int, int] = {}
    seq = 0
    for kind, row, levels in events(config, 2_000 / rate):
        if kind == DEPTH:
            assert row[4] or row[3] == seq
            seq = row[2]
            for n, (price, size) in enumerate(levels):
                side = bids if n < row[5] else asks
                assert size % instrument.lot == 0
                if size:
                    side[price] = size
                else:
                    assert side.pop(price) > 0
            for price, size in traded.items():
                assert (bids.get(price) or asks.get(price, 0)) == size
            traded = {}
            assert not (bids and asks) or max(bids) < min(asks)
        elif kind == QUOTE:
            best_bid, best_ask = max(bids), min(asks)
            assert row[2:] == (seq, best_bid, bids[best_bid], best_ask, asks[best_ask])
            assert best_ask - best_bid <= 8 * instrument.spread
        else:
            price, size, aggressor = row[3:]
            side = asks if aggressor > 0 else bids
            traded[price] = side[price] - size
            assert traded[price] >= 0 < size


def test_times_and_numbers_only_grow() -> None:
    config = SimConfig(rate=20_000.0, max_events=50)
    steps, before = [], {}
    for step, frame in frames(config, 0.5):
        steps.append(step)
        assert 0 < len(frame.kinds) <= 50
        for section in (frame.trades, frame.quotes, frame.depth):
            ts = section.ts_event
            assert (np.diff(ts) >= 0).all()
            assert (section.ts_recv > ts).all()
            key = (frame.instrument, type(section))
            if len(ts):
                assert before.get(key, 0) <= ts[0]
                before[key] = ts[-1]
    assert (np.diff(steps) > 0).all()


@pytest.mark.parametrize("rate", [1.0, 50.0, 5_000.0, 1_000_000.0])
def test_the_rate_is_what_was_asked(rate: float) -> None:
    seconds = max(0.3, 20_000 / rate)
    config = SimConfig(rate=rate, frame_ns=cell(rate))
    count = sum(len(frame.kinds) for _, frame in frames(config, seconds))
    assert count == pytest.approx(rate * seconds, rel=0.05)


def test_returns_have_fat_tails_and_volatility_clusters() -> None:
    config = SimConfig(rate=300.0, frame_ns=SECOND, instruments=ONE)
    quotes = [frame.quotes for _, frame in frames(config, 4_000) if len(frame.quotes.bid)]
    ts = np.concatenate([quote.ts_event for quote in quotes])
    middle = np.concatenate([(quote.bid + quote.ask) / 2 for quote in quotes])
    grid = np.arange(ts[0], ts[-1], SECOND)
    returns = np.diff(np.log(middle[np.searchsorted(ts, grid, "right") - 1]))
    kurtosis = ((returns - returns.mean()) ** 4).mean() / returns.var() ** 2
    size = np.abs(returns)
    clustering = [float(np.corrcoef(size[:-k], size[k:])[0, 1]) for k in (1, 5, 10)]
    assert kurtosis > 4
    assert min(clustering) > 0.05
    assert abs(np.corrcoef(returns[:-1], returns[1:])[0, 1]) < 0.2
    assert returns.std() == pytest.approx(ONE[0].volatility, rel=1.0)


def test_instruments_move_together_as_configured() -> None:
    def correlation(wanted: float) -> float:
        config = SimConfig(
            rate=300.0,
            frame_ns=SECOND // 10,
            correlation=wanted,
            instruments=tuple(replace(i, jumps=0.0) for i in DEFAULT[:2]),
        )
        grid = config.start_ns + np.arange(1, 600, 5) * SECOND
        paths = []
        for instrument in config.instruments:
            quotes = [
                frame.quotes
                for _, frame in frames(config, 600)
                if frame.instrument == instrument.name
            ]
            ts = np.concatenate([quote.ts_event for quote in quotes])
            bid = np.concatenate([quote.bid for quote in quotes])
            paths.append(np.log(bid[np.searchsorted(ts, grid, "right") - 1]))
        a, b = map(np.diff, paths)
        return float(np.corrcoef(a, b)[0, 1])

    assert correlation(0.9) > correlation(0.0) + 0.3


def test_framing_changes_nothing() -> None:
    def digest(config: SimConfig) -> str:
        return hashlib.sha256(repr(list(events(config, 1.0))).encode()).hexdigest()

    whole = SimConfig(rate=5_000.0, instruments=ONE)
    assert digest(whole) == digest(replace(whole, max_events=7))


def test_the_same_seed_gives_the_same_bytes_on_every_machine() -> None:
    digest = hashlib.sha256()
    for step, frame in frames(SimConfig(seed=7, rate=5_000.0), 2.0):
        digest.update(step.to_bytes(8, "little") + frame.kinds.tobytes())
        for column in (*frame.trades, *frame.quotes, *frame.depth):
            digest.update(column.tobytes())
    assert digest.hexdigest() == "62dfcd3baa9ac11856389c400e7458cd312b5380d9e5a8498257d13b03366eff"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"rate": 0.5}, "sim.rate"),
        ({"rate": 2e6}, "sim.rate"),
        ({"max_events": 0}, "at least 1 event"),
        ({"frame_ns": 2 * SECOND}, "at most a second"),
        ({"correlation": 1.0}, "correlation"),
        ({"instruments": ()}, "names of their own"),
        ({"instruments": ONE + ONE}, "names of their own"),
        ({"instruments": (replace(ONE[0], lot=0),)}, "SIM:BTC-USD"),
        ({"instruments": (replace(ONE[0], spread=100.0),)}, "lower price_scale"),
        ({"instruments": (SimInstrument("SIM:X", 1.0, 2, 2, 1e-4, 1, 5.0, 2.0),)}, "price_scale"),
    ],
)
def test_what_cannot_be_simulated_is_refused_by_name(bad: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check(replace(SimConfig(), **bad))
