"""All rules of sizing, by kind."""

from streams.operators.strategies.sizing.fixed import Fixed
from streams.operators.strategies.sizing.sizing import Sizing

SIZINGS: dict[str, type[Sizing]] = {"fixed": Fixed}
