"""Python models as plain data and back: what they hold, which objects they share, and nothing else.

A river model is a graph of objects: trees, nodes, statistics, generators of random numbers. Pickle
would keep it, but its bytes differ between equal graphs, and reading them runs whatever they name.
Here a graph becomes a table with a row for each object that can change, in the order in which a
walk from the model meets them; rows refer to one another by number, so that shared objects stay
shared, and deep trees need no recursion. Equal graphs give equal tables.

What always holds:

- Only classes and functions of river are named in a table, and those few of the standard library
  that river's models hold. Anything else is refused, when written and when read.
- An object is taken apart and put together as the copy protocol says (``__reduce_ex__``), which is
  also what river's compiled parts support.
- A generator of random numbers that was never seeded, as each of river's distributions holds one,
  is left out: what asks it for a number fails after a restore instead of going on by chance.
- Dicts keep the order of insertion, which river's trees depend on. Sets are sorted: none of the
  models used here depends on a set's order.
"""

import builtins
import collections
import copyreg
import functools
import random
import statistics
from collections import deque
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

from streams import canonical

_PLAIN = (bool, int, float, str, bytes, type(None))
_ALLOWED = {
    "builtins": (builtins, ("bool", "dict", "float", "getattr", "int", "list", "set", "tuple")),
    "collections": (collections, ("Counter", "OrderedDict", "defaultdict", "deque")),
    "copyreg": (copyreg, ("__newobj__",)),
    "functools": (functools, ("partial",)),
    "random": (random, ("Random",)),
    "statistics": (statistics, ("NormalDist",)),
}
_REFERENCE, _TUPLE, _NAME, _NUMBER = "r", "t", "c", "n"
_LIST, _DICT, _SET, _OBJECT = "l", "d", "s", "o"


def to_plain(model: Any) -> list[Any]:
    """The table; its first row is the model's. Raises TypeError for what is not allowed in it."""
    return _Writer().table(model)


def from_plain(table: list[Any]) -> Any:
    """The model of a table. Raises ValueError for a table that is none, or names what is not
    allowed. river must have been imported as far as the table needs it."""
    return _Reader(table).model()


class _Writer:
    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._alive: list[Any] = []  # an id is good as long as its object lives
        self._waiting: deque[Any] = deque()

    def table(self, model: Any) -> list[Any]:
        self._value(model)
        rows = []
        while self._waiting:
            rows.append(self._row(self._waiting.popleft()))
        return rows

    def _value(self, value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN or kind is np.ndarray:
            return value
        if kind is tuple:
            return [_TUPLE, *map(self._value, value)]
        if isinstance(value, type | FunctionType | BuiltinFunctionType):
            return [_NAME, *_name_of(value)]
        if isinstance(value, np.generic):
            return [_NUMBER, value.dtype.str, value.item()]
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._numbers)
            self._alive.append(value)
            self._waiting.append(value)
        return [_REFERENCE, number]

    def _row(self, value: Any) -> list[Any]:
        kind = type(value)
        if kind is list:
            return [_LIST, *map(self._value, value)]
        if kind is dict:
            return [_DICT, *(self._value(part) for item in value.items() for part in item)]
        if kind is set:
            return [_SET, *sorted(map(self._value, value), key=_order)]
        made = value.__reduce_ex__(4)
        if not isinstance(made, tuple):
            raise TypeError(f"no plain form for {kind.__module__}.{kind.__qualname__}")
        make, arguments, state, items, pairs = (*made, None, None, None)[:5]
        if isinstance(state, dict) and state.get("seed", 0) is None and "_rng" in state:
            state = {**state, "_rng": None}
        return [
            _OBJECT,
            self._value(make),
            [self._value(each) for each in arguments],
            self._value(state),
            [self._value(each) for each in items or ()],
            [self._value(part) for pair in pairs or () for part in pair],
        ]


def _order(plain: Any) -> str:
    return canonical.pack({"": plain}).decode()


def _name_of(value: Any) -> tuple[str, str]:
    module, name = value.__module__, value.__qualname__
    if _named(module, name) is not value:
        raise TypeError(f"{module}.{name} may not be part of a model's state")
    return module, name


def _named(module: str, name: str) -> Any:
    """What a name stands for, where it is allowed; None otherwise."""
    if module in _ALLOWED:
        home, names = _ALLOWED[module]
        return getattr(home, name) if name in names else None
    if module.split(".")[0] != "river":
        return None
    import river

    found: Any = river
    for part in [*module.split(".")[1:], *name.split(".")]:
        found = getattr(found, part, None)
    own = getattr(found, "__module__", None) == module  # not what river's module imports
    return found if own and isinstance(found, type | FunctionType | BuiltinFunctionType) else None


class _Reader:
    def __init__(self, table: list[Any]) -> None:
        self._table = table
        self._made: dict[int, Any] = {}
        self._filled: dict[int, bool] = {}
        self._waiting: deque[int] = deque()

    def model(self) -> Any:
        try:
            found = self._value([_REFERENCE, 0])
            while self._waiting:
                self._fill(self._waiting.popleft())
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no model's state: {error}") from error
        return found

    def _value(self, plain: Any) -> Any:
        if not isinstance(plain, list):
            return plain
        match plain[0]:
            case "t":
                return tuple(map(self._value, plain[1:]))
            case "r":
                return self._object(plain[1])
            case "n":
                return np.dtype(plain[1]).type(plain[2])
            case "c":
                found = _named(plain[1], plain[2])
                if found is None:
                    raise ValueError(f"{plain[1]}.{plain[2]} may not be part of a model's state")
                return found
        raise ValueError(f"this is no model's state: {plain[0]!r}")

    def _object(self, number: int) -> Any:
        if number not in self._made:
            row = self._table[number]
            self._made[number] = self._empty(row)
            self._waiting.append(number)
        return self._made[number]

    def _empty(self, row: list[Any]) -> Any:
        if row[0] in (_LIST, _DICT, _SET):
            return {_LIST: list, _DICT: dict, _SET: set}[row[0]]()
        make, arguments = self._value(row[1]), [self._whole(each) for each in row[2]]
        return make(*arguments)

    def _whole(self, plain: Any) -> Any:
        """What must be complete before it is used: an argument of a call, an object's state."""
        value = self._value(plain)
        if isinstance(plain, list) and plain[0] == _REFERENCE:
            self._fill(plain[1])
        elif isinstance(plain, list) and plain[0] == _TUPLE:
            for each in plain[1:]:
                self._whole(each)
        return value

    def _fill(self, number: int) -> None:
        if number in self._filled:
            return
        self._filled[number] = True
        row, made = self._table[number], self._made[number]
        match row[0]:
            case "l":
                made.extend(map(self._value, row[1:]))
            case "d":
                made.update(zip(*[map(self._value, row[1:])] * 2, strict=True))
            case "s":
                made.update(map(self._value, row[1:]))
            case _:
                self._fill_object(row, made)

    def _fill_object(self, row: list[Any], made: Any) -> None:
        _, _, _, state, items, pairs = row
        for item in items:
            made.append(self._value(item))
        for at in range(0, len(pairs), 2):
            made[self._value(pairs[at])] = self._value(pairs[at + 1])
        if state is None:
            return
        whole = self._whole(state)
        if hasattr(made, "__setstate__"):
            made.__setstate__(whole)
            return
        plain, slots = whole if isinstance(whole, tuple) else (whole, None)
        if plain:
            made.__dict__.update(plain)
        for name, value in (slots or {}).items():
            setattr(made, name, value)
