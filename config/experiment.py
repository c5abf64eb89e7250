"""What ``tickstream train`` is to do, as a TOML file says it: one table ``[train]``.

Every key has a default but ``name``; flags of the command are laid over the file.
"""

from dataclasses import dataclass, field

from config.period import NO_TIME, Period

TEN_SECONDS = Period(10 * 10**9)


@dataclass(frozen=True, slots=True)
class LabelTable:
    """``volatility``: a column (a log return) that barriers are multiples of; empty: they are basis
    points."""

    kind: str = "horizon"
    horizon: Period = TEN_SECONDS
    bars: int = 10
    up: float = 10.0
    down: float = 10.0
    vertical: str = "sign"
    volatility: str = ""


@dataclass(frozen=True, slots=True)
class ValidationTable:
    """``tested``: groups of a combinatorial split that are tested at once."""

    kind: str = "purged"
    folds: int = 5
    tested: int = 2
    embargo: Period = TEN_SECONDS


@dataclass(frozen=True, slots=True)
class LearnerTable:
    """``params`` hold still while tuning searches the others."""

    kind: str = "lightgbm"
    params: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TuningTable:
    """``ranges``: [least, most] of a parameter instead of the learner's own; ``timeout`` of all
    searches together, 0: none (a search that is cut short depends on the machine)."""

    trials: int = 20
    timeout: Period = NO_TIME
    ranges: dict[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Experiment:
    """``source``: a capture, a recording's folder, a lake, or ClickHouse (``clickhouse``, a URL or
    embedded:DIR). ``features``: patterns of columns; one that begins with ``!`` leaves out, and the
    output of a model is taken only by its full name. ``since``, ``until``: event times, UTC.
    ``kind``: classifier or regressor. ``feature_set``: in ClickHouse, where there are several."""

    name: str
    source: str = ""
    instruments: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    kind: str = "classifier"
    features: tuple[str, ...] = ("*", "!ema_fast", "!ema_slow")
    feature_set: str = ""
    weights: str = "uniqueness"
    calibration: str = "platt"
    seed: int = 7
    label: LabelTable = LabelTable()
    validation: ValidationTable = ValidationTable()
    learner: LearnerTable = field(default_factory=LearnerTable)
    tuning: TuningTable = field(default_factory=TuningTable)
