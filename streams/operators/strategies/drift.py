"""What drifts → the circuit breakers of the accounts that trade by it.

- ``model_drift``: how many times larger the error of a model became than it was
- ``feature_drift``: the largest population stability index of a period, of features that a model or
  a strategy is given
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from math import inf, isnan

from schemas.inbox import Health
from schemas.records import DriftDetected, FeatureDrift
from streams.operator import Output

MEASURES = ("model_drift", "feature_drift")
Accounts = Iterable[tuple[str, tuple[str, ...]]]


def health(said: DriftDetected | FeatureDrift, accounts: Accounts) -> list[Output]:
    """For the inboxes of those among ``accounts`` (name, patterns) that trade the instrument."""
    measure, value, source = _measured(said)
    name, ts = said.instrument, said.ts_event
    return [
        Output("orders", account, Health(account, ts, name, measure, value, source))
        for account, patterns in accounts
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    ]


def _measured(said: DriftDetected | FeatureDrift) -> tuple[str, float, str]:
    if isinstance(said, DriftDetected):
        before, after = said.error_before, said.error_after
        return "model_drift", after / before if before > 0 else inf, said.model
    known = [psi for psi in said.psi if not isnan(psi)]
    return "feature_drift", max(known, default=0.0), said.feature_set
