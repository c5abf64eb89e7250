"""``tickstream strategy check``: the laws that hold for the system's own strategies, for yours."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from config import user_strategies
from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load, strategy_of
from config.tree import Settings
from console.errors import Failure
from research.strategies.group_sample import messages as group_messages
from research.strategies.laws import LAWS, Config, say, with_fills
from research.strategies.sample import vectors
from streams.operators.strategies.kind import INSTRUMENT, Kind

_MADE = "SAMPLE"
_REPEATS = 3  # of the made market: 2 700 vectors


def run(files: list[Path], config: Path | None) -> dict[str, Any]:
    """Raises Failure where there is nothing to check."""
    settings = load(config)
    folder = Path(settings.user_strategies.folder)
    for file in files:
        if not file.is_file():
            raise Failure(f"{file}: there is no such file")
    found = user_strategies.of_files(files) if files else user_strategies.in_folder(folder)
    if not found.kinds and not found.problems:
        raise Failure(f"{folder}: there is no strategy; tickstream strategy new NAME makes one")
    checked = {name: _checked(settings, kind) for name, kind in found.kinds.items()}
    problems = [str(problem) for problem in found.problems]
    problems += [
        f"{found.files[n]}: {n}: {text}" for n, (_, bad) in checked.items() for text in bad
    ]
    return {
        "ok": not problems,
        "strategies": {name: said for name, (said, _) in checked.items()},
        "problems": problems,
    }


def _checked(settings: Settings, kind: Kind) -> tuple[str, list[str]]:
    """What it did on a made market, and which laws it breaks."""
    made = {_MADE: tuple(f"SAMPLE:{n}" for n in range(max(kind.members[0], 3)))}
    try:
        one = alone(replace(settings, groups=made), kind)
        configs = operator_configs(one, REPLAY_KEY)
    except (ConfigError, ValueError) as error:
        return "cannot be configured", [str(error)]
    its: Config
    if kind.of == INSTRUMENT:
        its = configs.strategies.strategies[0]
        messages = with_fills(its, vectors(configs.features, repeats=_REPEATS))
    else:
        its = configs.group_strategies.strategies[0]
        messages = with_fills(its, group_messages(its, _REPEATS * 900))
    bad = [text for law in LAWS for text in law(its, messages)]
    said = len(say(its, messages))
    words = f"{said} signals and commands" if said else "says nothing: are its thresholds in reach?"
    return f"{words} on a made market of {_REPEATS * 15} minutes", bad


def alone(
    settings: Settings, kind: Kind, params: dict[str, Any] | None = None, notional: str = "10000"
) -> Settings:
    """The settings with this strategy on paper, for every instrument, and no other that trades; one
    that trades a group, for the one that ``params`` name, or the first."""
    paper = [name for name, account in settings.accounts.items() if account.venue == "paper"]
    if not paper:
        raise ConfigError('there is no account with venue = "paper" to replay on: add one')
    table = {
        "kind": kind.name,
        "account": paper[0],
        **({"instruments": ["*"]} if kind.of == INSTRUMENT else _group(settings, kind)),
        "sizing": {"kind": "fixed", "notional": notional},
        **(params or {}),
    }
    made = strategy_of(table, {kind.name: kind}, kind.name)
    there = settings.strategies
    asked = [name for name in kind.asks(made.params) if name in there]
    silent = {name: replace(there[name], enabled=False) for name in asked}
    return replace(settings, strategies={**silent, kind.name: made})


def _group(settings: Settings, kind: Kind) -> dict[str, Any]:
    if not settings.groups:
        raise ConfigError(f"{kind.name} trades several instruments: name them in [groups]")
    return {"group": next(iter(settings.groups))}
