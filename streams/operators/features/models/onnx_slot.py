"""A slot whose predictions come from a model of the registry.

Its columns are what production says (NAME) and what a shadow says, which moves nothing
(NAME_shadow). A challenger takes the place of production for a share of the instruments, or of the
time. Where a version fails, something stands in for it: production for a challenger; for production
the column or number of the configuration, else the model's own; nothing for a shadow.

Where the model says what it was trained to foresee, its predictions are evaluated: NAME,
NAME_shadow, and, while there is a challenger, NAME_challenger and NAME_production, each where it
acted.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.enums import ModelCondition, ModelRole
from schemas.records import ModelChange, ModelState, Record
from streams.operators.features.models.judge import Judge, label_of
from streams.operators.features.models.predictor import Predictor
from streams.operators.features.models.slot import FloatArray, IntArray, Place, Said

Mask = npt.NDArray[np.bool_]

_SUFFIXES = ("", "_shadow", "_challenger", "_production")  # of what is evaluated apart
_ORDER = (ModelRole.PRODUCTION, ModelRole.CHALLENGER, ModelRole.SHADOW)


@dataclass(frozen=True, slots=True)
class Terms:
    """``columns`` of a version's inputs among those that the slot reads; ``stands_in``: a column
    that takes production's place where it fails, or a number, or neither; ``bucket_ns``: 0 where
    instruments are split, else how long a challenger's turn is."""

    model: str
    reads: tuple[str, ...]
    inputs: tuple[str, ...]
    stands_in: int | float | None
    bucket_ns: int


class _Version:
    """A version at work on one instrument."""

    def __init__(self, predictor: Predictor, terms: Terms) -> None:
        names = terms.inputs or predictor.inputs
        self.predictor = predictor
        self.columns = np.array([terms.reads.index(name) for name in names], np.intp)
        self.failing = False


class OnnxSlot:
    def __init__(self, name: str, place: Place, terms: Terms) -> None:
        self.names: tuple[str, ...] = (name, f"{name}_shadow")
        self.name, self._place, self._terms = name, place, terms
        self._judge: Judge | None = None
        self._told: list[tuple[int, int, Record]] = []
        self._versions: dict[ModelRole, _Version] = {}
        players, self._share = place.lineup.now(name, place.instrument)
        for role, version in players.items():
            self._put(role, version)

    def swap(self, change: ModelChange) -> None:
        """A version that ``Lineup`` has taken, from the next row on."""
        self._put(change.role, change.version)
        if change.role is ModelRole.CHALLENGER:
            self._share = change.share

    def _put(self, role: ModelRole, version: str) -> None:
        self._versions.pop(role, None)
        if version:
            predictor = self._place.lineup.predictors.get(self._terms.model, version)
            self._versions[role] = _Version(predictor, self._terms)
            if role is ModelRole.PRODUCTION:
                self._appoint(predictor)

    def _appoint(self, predictor: Predictor) -> None:
        """Predictions are judged by the label of what is in production. Where that is another than
        before, those that wait for their labels are dropped."""
        if self._judge and self._judge.by == (predictor.label, predictor.is_classifier):
            return
        found = label_of(predictor.label)
        if found is None:
            self._judge = None
            return
        label, column = found
        width = self._terms.reads.index(column) if column else None
        names = tuple(f"{self.name}{suffix}" for suffix in _SUFFIXES)
        by = (predictor.label, predictor.is_classifier)
        self._judge = Judge(self._place, label, width, by, names)

    def fold(self, ts: IntArray, mid: FloatArray, inputs: FloatArray) -> FloatArray:
        out = np.full((len(ts), 2), np.nan)
        said: dict[str, FloatArray] = {}
        out[:, 0] = self._acting(ts, inputs, said)
        if ModelRole.SHADOW in self._versions:
            out[:, 1] = self._predict(ModelRole.SHADOW, ts, inputs)[0]
            said[self.names[1]] = out[:, 1]
        if self._judge:
            said[self.name] = out[:, 0]
            for row, record in self._judge.fold(ts, mid, inputs, said):
                self._told.append((row, len(_ORDER), record))
        return out

    def _acting(self, ts: IntArray, inputs: FloatArray, said: dict[str, FloatArray]) -> FloatArray:
        """What production says, or the challenger in its turn; each goes to ``said`` where both are
        there."""
        turn = self._turn(ts)
        if turn is None:
            return self._production(ts, inputs, None)
        challenger, production = np.full((2, len(ts)), np.nan)
        theirs, mine = np.flatnonzero(turn), np.flatnonzero(~turn)
        challenger[theirs], failed = self._predict(ModelRole.CHALLENGER, ts, inputs, theirs)
        mine = np.sort(np.concatenate([mine, theirs[failed]]))
        production[mine] = self._production(ts, inputs, mine)
        said[f"{self.name}_challenger"], said[f"{self.name}_production"] = challenger, production
        values = challenger.copy()
        values[mine] = production[mine]
        return values

    def _production(self, ts: IntArray, inputs: FloatArray, rows: IntArray | None) -> FloatArray:
        values, failed = self._predict(ModelRole.PRODUCTION, ts, inputs, rows)
        if len(failed):
            stands_in = self._terms.stands_in
            if isinstance(stands_in, int):
                values[failed] = inputs[failed if rows is None else rows[failed], stands_in]
            else:
                own = self._versions[ModelRole.PRODUCTION].predictor.fallback
                values[failed] = own if stands_in is None else stands_in
        return values

    def _predict(
        self, role: ModelRole, ts: IntArray, inputs: FloatArray, rows: IntArray | None = None
    ) -> tuple[FloatArray, IntArray]:
        """Values of these rows (all where none are named), and the places among them at which the
        version failed."""
        chosen = inputs if rows is None else inputs[rows]
        version, x = self._versions[role], chosen[:, self._versions[role].columns]
        known = np.isfinite(x)
        if len(x) and (version.predictor.takes_nan or known.all()):
            usable = np.arange(len(x))
            values, failures = version.predictor.predict(x)
        else:
            usable, values = np.flatnonzero(known.all(axis=1)), np.full(len(x), np.nan)
            if not len(usable):
                return values, _NONE
            values[usable], failures = version.predictor.predict(x[usable])
        if not failures and not version.failing:
            return values, _NONE
        failed = usable[np.array(list(failures), np.intp)]
        places = {int(usable[n]): why for n, why in failures.items()}
        self._tell(role, version, ts, usable, places, rows)
        return values, failed

    def _tell(
        self,
        role: ModelRole,
        version: _Version,
        ts: IntArray,
        usable: IntArray,
        failures: dict[int, str],
        rows: IntArray | None,
    ) -> None:
        """The rows at which it began to fail, and those at which it works again."""
        for n in usable.tolist():
            if (n in failures) is version.failing:
                continue
            version.failing = not version.failing
            row = n if rows is None else int(rows[n])
            condition = ModelCondition.FAILED if version.failing else ModelCondition.RECOVERED
            detail = f"{failures[n]}; {self._stand_in(role)}" if n in failures else ""
            state = ModelState(
                self._place.instrument,
                int(ts[row]),
                self.name,
                self._terms.model,
                version.predictor.version,
                role,
                condition,
                detail,
            )
            self._told.append((row, _ORDER.index(role), state))

    def _stand_in(self, role: ModelRole) -> str:
        if role is ModelRole.SHADOW:
            return "nothing stands in"
        if role is ModelRole.CHALLENGER:
            return "production stands in"
        stands_in = self._terms.stands_in
        if isinstance(stands_in, int):
            return f"{self._terms.reads[stands_in]} stands in"
        own = self._versions[role].predictor.fallback if stands_in is None else stands_in
        return "nothing stands in" if np.isnan(own) else f"{own:g} stands in"

    def _turn(self, ts: IntArray) -> Mask | None:
        """The rows that are the challenger's; None where it has none."""
        if ModelRole.CHALLENGER not in self._versions:
            return None
        if not self._terms.bucket_ns:
            mine = _drawn(self._share, self.name, self._place.instrument)
            return np.full(len(ts), mine)
        buckets, which = np.unique(ts // self._terms.bucket_ns, return_inverse=True)
        drawn = [_drawn(self._share, self.name, self._place.instrument, str(b)) for b in buckets]
        turn: Mask = np.array(drawn, bool)[which]
        return turn

    def said(self) -> list[Said]:
        told, self._told = self._told, []
        told.sort(key=lambda each: each[:2])
        return [(row, state) for row, _, state in told]

    def state(self) -> dict[str, Any]:
        return {
            "failing": [str(role) for role in _ORDER if self._fails(role)],
            "judge": self._judge.state() if self._judge else None,
        }

    def restore(self, state: dict[str, Any]) -> None:
        for role in map(ModelRole, state["failing"]):
            if role in self._versions:
                self._versions[role].failing = True
        if self._judge and state["judge"]:
            self._judge.restore(state["judge"])

    def _fails(self, role: ModelRole) -> bool:
        return role in self._versions and self._versions[role].failing


_NONE: IntArray = np.empty(0, np.int64)


def _drawn(share: float, *names: str) -> bool:
    """Whether these names fall into a share of all: the same on every machine, for ever."""
    digest = hashlib.blake2b("|".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64
