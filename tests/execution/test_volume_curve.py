"""The curve of volume by time of day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.canonical import pack as canonical
from streams.operators.execution import volume_curve
from streams.operators.execution.volume_curve import DAY_NS, CurveConfig, VolumeCurve

DAY0 = 20_000 * DAY_NS
HOUR = DAY_NS // 24


def learnt(days: list[list[int]], weight: float = 0.5) -> VolumeCurve:
    """A day has as many bars as it has numbers; a clock every ten minutes."""
    curve = VolumeCurve(CurveConfig(len(days[0]), weight))
    curve.advance(DAY0 - HOUR)
    width = curve.config.width_ns
    for ts in range(DAY0, DAY0 + len(days) * DAY_NS + HOUR, HOUR // 6):
        day, bucket = (ts - DAY0) // DAY_NS, (ts - DAY0) % DAY_NS // width
        if day < len(days) and (ts - DAY0) % width == 0:
            curve.add(ts, days[day][bucket])
        curve.advance(ts)
    return curve


def test_a_curve_that_knows_nothing_is_even() -> None:
    curve = VolumeCurve(CurveConfig())
    assert curve.share(DAY0, DAY0 + HOUR, DAY0 + 4 * HOUR) == pytest.approx(0.25)


def test_before_anything_is_learnt_the_configured_curve_counts() -> None:
    curve = VolumeCurve(CurveConfig(2, prior=(3.0, 1.0)))
    assert curve.share(DAY0, DAY0 + DAY_NS // 2, DAY0 + DAY_NS) == pytest.approx(0.75)


def test_days_are_averaged_and_new_ones_count_more() -> None:
    curve = learnt([[10, 20, 30, 40], [30, 20, 10, 0]])
    assert curve.average == [20, 20, 20, 20]
    assert curve.days == [2, 2, 2, 2]
    curve = learnt([[10, 20, 30, 40]])
    quarter = DAY_NS // 4
    shares = [curve.share(DAY0, DAY0 + n * quarter, DAY0 + DAY_NS) for n in range(5)]
    assert shares == pytest.approx([0, 0.1, 0.3, 0.6, 1])
    assert curve.share(DAY0, DAY0 + quarter // 2, DAY0 + 2 * quarter) == pytest.approx(5 / 30)


def test_an_order_over_midnight_goes_on_in_the_next_day() -> None:
    curve = learnt([[10, 20, 30, 40]])
    start, end = DAY0 + 3 * DAY_NS // 4, DAY0 + DAY_NS + DAY_NS // 4
    assert curve.share(start, DAY0 + DAY_NS, end) == pytest.approx(0.8)


def test_a_bucket_that_was_not_seen_whole_teaches_nothing() -> None:
    curve = VolumeCurve(CurveConfig(24))
    curve.advance(DAY0 + HOUR // 2)
    curve.add(DAY0 + HOUR // 2, 5)
    curve.advance(DAY0 + HOUR + HOUR // 2)
    curve.add(DAY0 + HOUR + HOUR // 2, 7)
    curve.advance(DAY0 + 2 * HOUR + HOUR // 2)
    assert (curve.days[0], curve.days[1], curve.average[1]) == (0, 1, 7)
    curve.advance(DAY0 + 9 * HOUR)  # away for hours: what came meanwhile is not known
    curve.advance(DAY0 + 10 * HOUR + HOUR // 2)
    assert sum(curve.days) == 1


@given(st.integers(0, 3 * DAY_NS), st.lists(st.integers(1, 2 * DAY_NS), min_size=2, max_size=6))
def test_shares_grow_from_nothing_to_all(start: int, lengths: list[int]) -> None:
    curve = learnt([[5, 0, 2, 9, 0, 1]])
    lengths.sort()
    start, end = DAY0 + start, DAY0 + start + lengths[-1]
    shares = [curve.share(start, start + length, end) for length in lengths]
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] == pytest.approx(1)


def test_a_curve_comes_back_as_it_was_and_other_buckets_begin_anew() -> None:
    curve = learnt([[10, 20, 30, 40]])
    packed = volume_curve.pack(curve)
    again = volume_curve.unpack(curve.config, packed)
    assert canonical(volume_curve.pack(again)) == canonical(packed)
    assert volume_curve.unpack(CurveConfig(6), packed) == VolumeCurve(CurveConfig(6))
