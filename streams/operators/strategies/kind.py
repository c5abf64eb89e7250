"""A strategy as a small function, and what must be known to run it.

    @dataclass(frozen=True)
    class MyParams:
        period: int = number(14, 2, 500, "bars of the RSI")

    @strategy("my-idea", needs=lambda p: {"rsi": f"rsi({p.period})"})
    def my_idea(params: MyParams, view: View) -> Iterable[Signal]:
        if view["rsi"] < 30:
            yield view.target(+1, "oversold")

It is called once a feature vector, with what ``View`` shows of that moment. It keeps nothing but
in ``view.state``, reads nothing but ``params`` and ``view``, and is called only while all that it
needs is defined and the book has two sides. One that ``watches`` is called between vectors too:
``view.event`` says at what.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

INSTRUMENT = "instrument"
TOPS, TRADES = "tops", "trades"  # what a strategy may watch between vectors
_WATCHES = ((), (TOPS,), (TOPS, TRADES))
Needs = Mapping[str, str]
Function = Callable[[Any, Any], Iterable[Any]]  # (params, view) → what it wants
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class NoParams:
    """A strategy that takes no parameters."""


@dataclass(slots=True)
class NoState:
    """A strategy that remembers nothing."""


class Kind:
    """``needs``: name in the view → a feature, an indicator (``rsi(14)``) or one output of it
    (``bbands(20, 2).upper``). ``may_lack``: those of them that may be undefined when it is called.
    ``history``: how many vectors back it sees. ``hears``: whether it is told what becomes of its
    orders. ``follows``: whether it is told what others did. ``fails`` and ``source``: for its page.
    ``version``: changes with the code, where that is a user's. ``of``: what it looks at,
    ``INSTRUMENT`` or what ``groups/kind.py`` names; a group must have at least ``members[0]``
    and at most ``members[1]`` instruments. ``asks``: other strategies, by name, that think for it;
    it sees what they want. ``watches``: what it is called at between vectors besides the clock
    record that tells of fills, ``TOPS`` (each change of the best prices), or these and ``TRADES``;
    nothing: it is called at vectors alone."""

    def __init__(
        self,
        name: str,
        run: Function,
        params: type,
        state: type,
        needs: Callable[[Any], Needs],
        may_lack: tuple[str, ...],
        history: Callable[[Any], int],
        hears: bool,
        fails: str,
        source: str,
        version: str = "",
        of: str = INSTRUMENT,
        members: tuple[int, int] = (1, 1),
        asks: Callable[[Any], tuple[str, ...]] = lambda params: (),
        follows: bool = False,
        watches: Callable[[Any], tuple[str, ...]] = lambda params: (),
    ) -> None:
        self.name, self.run, self.params, self.state = name, run, params, state
        self.needs, self.may_lack, self.history, self.hears = needs, may_lack, history, hears
        self.fails, self.source, self.version = fails, source, version
        self.of, self.members = of, members
        self.asks = asks
        self.follows = follows
        self.watches = watches

    def __deepcopy__(self, memo: Any) -> "Kind":
        """A kind is a value, as a class is."""
        return self

    def __str__(self) -> str:
        return self.name


def strategy(
    name: str,
    *,
    needs: Needs | Callable[[Any], Needs] | None = None,
    may_lack: tuple[str, ...] = (),
    state: type = NoState,
    history: int | Callable[[Any], int] = 0,
    hears: bool = False,
    follows: bool = False,
    fails: str = "",
    source: str = "",
    of: str = INSTRUMENT,
    members: tuple[int, int] = (1, 1),
    asks: tuple[str, ...] | Callable[[Any], tuple[str, ...]] = (),
    watches: tuple[str, ...] | Callable[[Any], tuple[str, ...]] = (),
) -> Callable[[Function], Kind]:
    """Makes a kind of strategy of a function; see ``Kind``. Raises ValueError where the function's
    first parameter has no class, or it watches what nobody tells."""
    if not callable(watches) and watches not in _WATCHES:
        raise ValueError(f"strategy {name!r}: watches {watches!r}: it is (TOPS,) or (TOPS, TRADES)")

    def made(run: Function) -> Kind:
        params = get_type_hints(run).get("params")
        if not isinstance(params, type):
            raise ValueError(
                f"strategy {name!r}: write def {_name(run)}(params: MyParams, view: View)"
            )
        return Kind(
            name,
            run,
            params,
            state,
            _of_params({} if needs is None else needs),
            may_lack,
            _of_params(history),
            hears,
            fails,
            source,
            of=of,
            members=members,
            asks=_of_params(asks),
            follows=follows,
            watches=_of_params(watches),
        )

    return made


def _name(run: Function) -> str:
    return getattr(run, "__name__", "my_idea")


def _of_params(given: Any) -> Callable[[Any], Any]:
    return given if callable(given) else lambda params: given
