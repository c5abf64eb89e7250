"""Which columns of a vector a model takes."""

import difflib
from fnmatch import fnmatchcase

from research.train.errors import TrainError


def chosen(patterns: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, in their own order, that a pattern takes; one that begins with ``!`` leaves out.
    Raises TrainError for a pattern of nothing, with the nearest name."""
    kept: dict[str, None] = {}
    for pattern in patterns:
        bare = pattern.removeprefix("!")
        found = [name for name in names if fnmatchcase(name, bare)]
        if not found:
            raise TrainError(f"{bare!r} is no feature of the vectors{_hint(bare, names)}")
        for name in found:
            kept.pop(name, None)
            if bare == pattern:
                kept[name] = None
    if not kept:
        raise TrainError(f"{', '.join(patterns) or 'no pattern'} leaves no feature to train on")
    return tuple(name for name in names if name in kept)


def _hint(name: str, names: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(names)}"
