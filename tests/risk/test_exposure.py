"""Exposures, summed plainly and weighted with correlations."""

from collections import defaultdict
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.operators.risk.correlation import Correlation, UnknownCorrelation
from streams.operators.risk.exposure import (
    INFINITE,
    Dimension,
    Exposure,
    by,
    by_instrument,
    summary,
)

names = st.sampled_from("abc")
rows = st.lists(
    st.builds(Exposure, names, st.decimals(-1000, 1000, places=6), names, names, names),
    max_size=12,
)


@given(rows)
def test_summaries_follow_from_netted_values(made: list[Exposure]) -> None:
    for dimension in Dimension:
        for name, found in by(made, dimension).items():
            netted: dict[str, Decimal] = defaultdict(Decimal)
            for row in made:
                if getattr(row, dimension) == name:
                    netted[row.instrument] += row.value
            assert found.net == sum(netted.values())
            assert found.gross == sum(abs(v) for v in netted.values())
            assert found.largest == max(abs(v) for v in netted.values())
            assert found.long - found.short == found.net
            assert min(found.long, found.short) >= 0
            assert 0 <= found.concentration <= 1


@given(rows)
def test_grouping_loses_nothing_and_netting_only_lowers_the_gross(made: list[Exposure]) -> None:
    whole = summary(made)
    for dimension in Dimension:
        parts = by(made, dimension).values()
        assert sum(part.net for part in parts) == whole.net
        assert sum(part.gross for part in parts) >= whole.gross


def test_leverage_and_concentration() -> None:
    held = [
        Exposure("a", Decimal(600), strategy="s"),
        Exposure("b", Decimal(-300), strategy="s"),
        Exposure("b", Decimal(100), strategy="t"),
    ]
    whole = summary(held)
    assert (whole.long, whole.short, whole.net, whole.gross) == (600, 200, 400, 800)
    assert (whole.concentration, whole.largest_instrument) == (Decimal("0.75"), "a")
    assert whole.leverage(Decimal(400)) == 2
    assert by(held, Dimension.STRATEGY)["s"].gross == 900
    for equity in (Decimal(0), Decimal(-5)):
        assert whole.leverage(equity) == INFINITE
        assert summary([]).leverage(equity) == 0


def correlation(seed: int, n: int) -> Correlation:
    matrix = np.corrcoef(np.random.default_rng(seed).normal(size=(n, 4 * n)))
    matrix = np.clip((matrix + matrix.T) / 2, -1, 1)
    np.fill_diagonal(matrix, 1)
    return Correlation(tuple(f"i{k}" for k in range(n)), matrix)


@given(st.integers(0, 99), st.lists(st.decimals(-1000, 1000, places=3), min_size=2, max_size=6))
def test_correlated_exposure_is_the_matrix_product(seed: int, values: list[Decimal]) -> None:
    rho = correlation(seed, len(values))
    held = dict(zip(rho.instruments, values, strict=True))
    v = np.array([float(x) for x in values])
    exposures = [rho.exposure(name, held) for name in rho.instruments]
    np.testing.assert_allclose(exposures, rho.matrix @ v, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(rho.total(held), np.sqrt(v @ rho.matrix @ v), rtol=1e-7, atol=1e-6)
    assert rho.total(held) <= float(sum(abs(x) for x in values)) + 1e-9


def test_things_that_move_as_one_count_as_one() -> None:
    ones = Correlation(("a", "b"), np.ones((2, 2)))
    assert ones.total({"a": Decimal(3), "b": Decimal(4)}) == 7
    assert ones.total({"a": Decimal(3), "b": Decimal(-3)}) == 0
    apart = Correlation(("a", "b"), np.eye(2))
    assert apart.total({"a": Decimal(3), "b": Decimal(4)}) == 5
    assert ones.exposure("a", {"b": Decimal(4)}) == 4


def test_what_is_not_in_the_matrix_is_unknown() -> None:
    rho = Correlation(("a",), np.eye(1))
    assert rho.total({"a": Decimal(1), "b": Decimal(0)}) == 1
    with pytest.raises(UnknownCorrelation, match="of b"):
        rho.total({"b": Decimal(1)})
    with pytest.raises(UnknownCorrelation, match="of b"):
        rho.exposure("b", {"a": Decimal(1)})


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (np.eye(3), "shape"),
        (np.array([[1, 1.1], [1.1, 1]]), "between"),
        (np.array([[1, np.nan], [np.nan, 1]]), "between"),
        (np.array([[0.9, 0], [0, 1]]), "diagonal"),
        (np.array([[1, 0.5], [0.4, 1]]), "symmetric"),
    ],
)
def test_what_cannot_be_correlations_is_refused(matrix: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Correlation(("a", "b"), matrix)


def test_three_that_contradict_each_other_are_refused() -> None:
    matrix = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    with pytest.raises(ValueError, match="eigenvalue"):
        Correlation(("a", "b", "c"), matrix)


def test_values_by_instrument_are_netted_and_sorted() -> None:
    held = [Exposure("b", Decimal(1)), Exposure("a", Decimal(2)), Exposure("b", Decimal(-3))]
    assert list(by_instrument(held).items()) == [("a", 2), ("b", -2)]
