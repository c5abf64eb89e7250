"""What holds for every kind of model that learns online: a new one is covered by the table."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streams import canonical
from streams.operators.features.models import labels
from streams.operators.features.models.kinds import Online
from streams.operators.features.models.library import KINDS
from streams.operators.features.models.slot import Place, Slot
from streams.operators.period import Period
from tests.features.market import rows

SECOND = 10**9
COUNT = 240
TS, MID, X = rows(COUNT, inputs=4)
INPUTS = ("a", "b", "c", "d")
PLACE = Place("TEST:ONE", 60 * SECOND)
SMALL = {"models": 3, "grace_period": 20, "window": 40, "warm_up": 10, "delta": 0.1, "max_depth": 6}


def made(kind: str, **more: Any) -> Slot:
    """A slot of a kind, with parameters at which something happens within a few rows."""
    cls = KINDS[kind]
    there = cls.__dataclass_fields__
    wanted = {**SMALL, "horizon": Period(5 * SECOND), **more}
    model = cls(**{name: value for name, value in wanted.items() if name in there})
    model.check()
    return model.slot("m", INPUTS, PLACE)


def told(slot: Slot, lo: int = 0, hi: int = COUNT, step: int = COUNT) -> tuple[Any, list[Any]]:
    """Columns and records of the rows, folded ``step`` at a time."""
    columns, said = [], []
    for at in range(lo, hi, step):
        part = slice(at, min(at + step, hi))
        columns.append(slot.fold(TS[part], MID[part], X[part]))
        said += [(at + row, record) for row, record in slot.said()]
    return columns, said


def bytes_of(slot: Slot) -> bytes:
    return canonical.pack(slot.state())


kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
def test_rows_may_come_one_by_one_or_at_once(kind: str) -> None:
    whole, single = made(kind), made(kind)
    columns, said = told(whole)
    pieces, told_singly = told(single, step=1)
    np.testing.assert_array_equal(np.concatenate(pieces), columns[0])
    assert str(told_singly) == str(said)  # NaN equals NaN here
    assert bytes_of(single) == bytes_of(whole)
    assert np.isfinite(columns[0]).sum() > COUNT / 3


@kinds
def test_a_restored_model_goes_on_bit_for_bit(kind: str) -> None:
    first, second = made(kind), made(kind)
    told(first, 0, COUNT // 2)
    packed = bytes_of(first)
    second.restore(canonical.unpack(packed))
    assert bytes_of(second) == packed
    found, wanted = (told(slot, COUNT // 2) for slot in (second, first))
    assert found[0][0].tobytes() == wanted[0][0].tobytes()
    assert str(found[1]) == str(wanted[1])
    assert bytes_of(second) == bytes_of(first)


def says_the_same_whatever_follows(slots: list[Slot], at: int) -> bool:
    """Folds a history and one that differs from row ``at`` on, and compares what comes before."""
    columns = []
    rng = np.random.default_rng(9)
    for slot, changed in zip(slots, (False, True), strict=True):
        mid, x = MID.copy(), X.copy()
        if changed:
            mid[at:] = 100 * np.exp(rng.normal(0, 0.01, COUNT - at))
            x[at:] = rng.normal(0, 5, (COUNT - at, 4))
        columns.append(slot.fold(TS, mid, x)[:at])
    return columns[0].tobytes() == columns[1].tobytes()


@kinds
def test_no_model_sees_the_future(kind: str) -> None:
    for at in (60, 150):
        assert says_the_same_whatever_follows([made(kind), made(kind)], at)


class Peeking:
    """A planted leak: an input of each row is a mid to come."""

    def __init__(self, slot: Slot) -> None:
        self._slot, self.names = slot, slot.names

    def fold(self, ts: Any, mid: Any, inputs: Any) -> Any:
        peeked = inputs.copy()
        peeked[:-20, 0] = np.nan_to_num(mid[20:] - 100)
        return self._slot.fold(ts, mid, peeked)


class Early:
    """A planted leak: labels that are told three rows before they are known."""

    def __init__(self, waiting: labels.Waiting) -> None:
        self._waiting = waiting

    def __getattr__(self, name: str) -> Any:
        return getattr(self._waiting, name)

    def fold(self, *rows: Any) -> labels.Known:
        known = self._waiting.fold(*rows)
        return known._replace(row=np.maximum(known.row - 3, 0))


@kinds
def test_a_feature_that_peeks_at_the_future_is_caught(kind: str) -> None:
    leaky: list[Any] = [Peeking(made(kind)), Peeking(made(kind))]
    assert not says_the_same_whatever_follows(leaky, 150)


@pytest.mark.parametrize("kind", [kind for kind, cls in KINDS.items() if issubclass(cls, Online)])
def test_a_label_that_is_told_early_is_caught(kind: str) -> None:
    def leaky() -> Slot:
        slot = made(kind)
        slot._waiting = Early(slot._waiting)  # type: ignore[attr-defined]
        return slot

    tried = range(60, 230, 10)
    assert any(not says_the_same_whatever_follows([leaky(), leaky()], at) for at in tried)


def test_what_a_model_says_and_keeps_is_the_same_in_every_process(tmp_path: Path) -> None:
    """Python's hashes of words differ between processes; nothing here may depend on them."""
    program = (
        "import hashlib\n"
        "from streams.operators.features.models.library import KINDS\n"
        "from tests.features.test_models import bytes_of, made, told\n"
        "for kind in KINDS:\n"
        "    slot = made(kind)\n"
        "    columns, said = told(slot, 0, 120)\n"
        "    said = columns[0].tobytes() + bytes_of(slot)\n"
        "    print(kind, hashlib.sha256(said).hexdigest())\n"
    )
    root = Path(__file__).parent.parent.parent
    found = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        found.append(done.stdout)
    assert found[0] == found[1]
    assert len(found[0].splitlines()) == len(KINDS)
