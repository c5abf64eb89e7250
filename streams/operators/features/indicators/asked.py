"""Indicators as a configuration asks for them: ``rsi(14)``, ``ema(20, of=volume)``, ``bbands``,
``corr(60, of=close, with=volume)``.

What an output is called says how it was made: ``rsi_14``, ``macd_12_26_9_signal``,
``ema_20_volume``, ``corr_60_with_volume``.
"""

from dataclasses import dataclass

from streams.operators.features.indicators.indicator import (
    BAR_COLUMNS,
    COLUMNS,
    OF_BOOK,
    OF_TRADES,
    TICK_RULE,
    Indicator,
    Parameter,
)
from streams.operators.features.indicators.library import LIBRARY


@dataclass(frozen=True, slots=True)
class Asked:
    """``params`` are the numbers that its kernel takes, the input columns last where it has any."""

    indicator: Indicator
    params: tuple[float, ...]
    names: tuple[str, ...]

    @property
    def warm_up(self) -> int:
        return self.indicator.warm_up(self.params)

    @property
    def made_of(self) -> int:
        """OF_BARS, OF_BOOK or OF_TRADES."""
        of = [OF_TRADES if c >= TICK_RULE else OF_BOOK for c in self._further]
        return max(self.indicator.made_of, *of, 0)

    @property
    def needs(self) -> tuple[int, ...]:
        """Columns that must be known at a bar."""
        return (*self.indicator.needs, *self._further)

    @property
    def levels(self) -> int:
        """How many levels of the book it looks at, a side."""
        given = zip(self.indicator.parameters, self.params, strict=False)
        asked = [int(value) for parameter, value in given if parameter.name == "levels"]
        named = [COLUMNS[column].rpartition("_")[2] for column in self._further]
        return max([*asked, *(int(n) for n in named if n.isdecimal())], default=1)

    @property
    def _further(self) -> tuple[int, ...]:
        """The input column, where it is not one of the bar's own."""
        columns = self.params[len(self.indicator.parameters) :]
        return tuple(int(column) for column in columns if column >= len(BAR_COLUMNS))


def parse(text: str) -> Asked:
    """Raises ValueError, which says what is wrong and what there is."""
    name, bracket, inside = text.strip().partition("(")
    if bool(bracket) != inside.endswith(")") or not name.strip().isidentifier():
        raise ValueError(f"{text!r} is no indicator; write name(number, …), such as rsi(14)")
    indicator = _named(name.strip())
    words = [word.strip() for word in inside.removesuffix(")").split(",") if word.strip()]
    columns = _columns(indicator, [w for w in words if "=" in w])
    numbers = _numbers(indicator, [w for w in words if "=" not in w])
    stem = "_".join([indicator.name, *(f"{n:g}" for n in numbers)])
    stem += "" if columns.get("of", "close") == "close" else f"_{columns['of']}"
    stem += f"_with_{columns['with']}" if "with" in columns else ""
    names = tuple(f"{stem}_{output}" if output else stem for output in indicator.outputs)
    params = (*numbers, *(float(COLUMNS.index(name)) for name in columns.values()))
    return Asked(indicator, params, names)


def _named(name: str) -> Indicator:
    found = LIBRARY.get(name)
    if found is None:
        raise ValueError(f"indicator {name!r} is unknown; there are {', '.join(_near(name))}")
    return found


def _near(name: str) -> list[str]:
    """Those that begin with as much of it as any does."""
    beginnings = (name.lower()[:length] for length in range(len(name), -1, -1))
    found = ([known for known in sorted(LIBRARY) if known.startswith(b)] for b in beginnings)
    return next(names for names in found if names)


def _columns(indicator: Indicator, words: list[str]) -> dict[str, str]:
    """What it is ``of``, and ``with`` what, in the order in which its kernel takes them."""
    columns = {"of": "close"} if indicator.any_input else {}
    columns |= {"with": indicator.other} if indicator.other else {}
    given = {which: name for which, _, name in (w.replace(" ", "").partition("=") for w in words)}
    if len(given) < len(words) or any(which not in columns for which in given):
        raise ValueError(f"{indicator.name}: {', '.join(words)} cannot be given")
    for which, name in given.items():
        if name not in COLUMNS:
            raise ValueError(f"{indicator.name}: {which}={name}: there are {', '.join(COLUMNS)}")
    return columns | given


def _numbers(indicator: Indicator, words: list[str]) -> tuple[float, ...]:
    known = indicator.parameters
    if len(words) > len(known):
        takes = ", ".join(p.name for p in known) or "no numbers"
        raise ValueError(f"{indicator.name} takes {takes}; {len(words)} were given")
    given = [_number(indicator, p, word) for p, word in zip(known, words, strict=False)]
    return (*given, *(float(p.default) for p in known[len(words) :]))


def _number(indicator: Indicator, parameter: Parameter, word: str) -> float:
    where = f"{indicator.name}: {parameter.name} {word}"
    try:
        value = float(word)
    except ValueError as error:
        raise ValueError(f"{where}: not a number") from error
    if not parameter.least <= value <= parameter.most:
        raise ValueError(f"{where}: from {parameter.least:g} to {parameter.most:g}")
    if parameter.whole and value != int(value):
        raise ValueError(f"{where}: a whole number")
    return value
