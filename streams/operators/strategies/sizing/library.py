"""All rules of sizing, by kind."""

from streams.operators.strategies.sizing.drawdown import Drawdown
from streams.operators.strategies.sizing.fixed import Fixed
from streams.operators.strategies.sizing.kelly import Kelly
from streams.operators.strategies.sizing.percent_risk import PercentRisk
from streams.operators.strategies.sizing.risk_parity import RiskParity
from streams.operators.strategies.sizing.sizing import Sizing
from streams.operators.strategies.sizing.volatility_target import VolatilityTarget

SIZINGS: dict[str, type[Sizing]] = {
    "fixed": Fixed,
    "percent_risk": PercentRisk,
    "volatility_target": VolatilityTarget,
    "kelly": Kelly,
    "risk_parity": RiskParity,
    "drawdown": Drawdown,
}
