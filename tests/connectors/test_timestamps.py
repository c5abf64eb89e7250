"""RFC 3339 ↔ nanoseconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.decimals import decimals_of, scaled, text_of
from connectors.timestamps import ns_rfc3339, rfc3339_ns


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2022-04-19T13:45:04.981350886-04:00", 1650390304981350886),
        ("2022-04-19T17:45:05.0249167161Z", 1650390305024916716),
        ("2022-04-19 17:45:05.5+00:00", 1650390305500000000),
    ],
)
def test_times_are_read_exactly(text: str, ns: int) -> None:
    assert rfc3339_ns(text) == ns


@pytest.mark.parametrize("text", ["", "2022-04-19", "2022-13-19T00:00:00Z", "9999-01-01T00:00:00Z"])
def test_what_is_no_time_or_beyond_64_bits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        rfc3339_ns(text)


@given(st.integers(0, 2**62))
def test_there_and_back(ns: int) -> None:
    assert rfc3339_ns(ns_rfc3339(ns)) == ns


@given(st.integers(-(10**15), 10**15), st.integers(0, 12))
def test_a_scaled_integer_as_text_is_the_same_number(value: int, scale: int) -> None:
    text = text_of(value, scale)
    assert scaled(text, scale) == value
    assert decimals_of(text) <= scale
