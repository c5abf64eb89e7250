"""The map of the system: who reads what, who writes what. Start reading here.

    venue → connector ─┐
                       ▼
        ┌────────── ticks ◄────────────────────────┐
        ▼              ▼                           │
     builder      paper venue ──────┐              │
        │ tape         ▲ (fills)    │              │
        ├──► algos ────┼── slices ──┤              │
        ▼              │            ▼              │
     features          │         orders ──► gate ──┼─► execution ──► router
        │ features     │            ▲              │                   │
        ▼              │            │              ▼                   │
    strategies ────────┼── signals ─┘           ledger ──► sink        │
                       └───── paper orders, parents of slices ◄────────┘

     builder ── baskets ──► consolidated ── consolidated ──► sink
     features ──┘  ├──────► smart router ── orders for its venues ──► orders
                   └──────► group strategies ── signals ──► orders

What always holds:

- A stage reads one topic. Order between two sources is the broker's, in that one topic.
- A stage that ``follows`` another is the only reader of what that one writes for it, under the
  same key; a host may fold the whole chain in process (fusion) and still publish everything.
- Hosts, topic creation, the docs' diagram and the tests are made from this table.
"""

from collections.abc import Callable
from dataclasses import dataclass

from streams.operator import Operator
from streams.operators.execution.algos import Algos, AlgosConfig
from streams.operators.execution.router import Router, RouterConfig
from streams.operators.execution.smart_router import SmartRouter, SmartRouterConfig
from streams.operators.features.features import Features, FeaturesConfig
from streams.operators.market.builder import Builder, BuilderConfig
from streams.operators.market.consolidated import Consolidated, ConsolidatedConfig
from streams.operators.paper_venue.venue import PaperVenue, PaperVenueConfig
from streams.operators.risk.gate import Gate, GateConfig
from streams.operators.strategies.config import StrategiesConfig
from streams.operators.strategies.groups.config import GroupStrategiesConfig
from streams.operators.strategies.groups.group_strategies import GroupStrategies
from streams.operators.strategies.strategies import Strategies

# topic → what its records are keyed by
TOPICS = {
    "ticks": "instrument",
    "tape": "instrument",
    "features": "instrument",
    "baskets": "basket",
    "consolidated": "basket",
    "orders": "account",
    "execution": "account",
    "ledger": "account",
    "quality": "feed",
    "dead-letters": "source topic",
}


@dataclass(frozen=True, slots=True)
class OperatorConfigs:
    """Plain values for every operator, made once from the settings."""

    builder: BuilderConfig
    features: FeaturesConfig
    strategies: StrategiesConfig
    group_strategies: GroupStrategiesConfig
    paper_venue: PaperVenueConfig
    gate: GateConfig
    router: RouterConfig
    consolidated: ConsolidatedConfig
    algos: AlgosConfig
    smart_router: SmartRouterConfig


@dataclass(frozen=True, slots=True)
class Stage:
    """One operator in its place. ``follows`` names the stage whose output it may be fused to."""

    name: str
    reads: str
    writes: tuple[str, ...]
    make: Callable[[OperatorConfigs], Operator]
    follows: str | None = None


TOPOLOGY = (
    Stage("builder", "ticks", ("tape", "baskets", "orders"), lambda c: Builder(c.builder)),
    Stage(
        "features",
        "tape",
        ("features", "baskets"),
        lambda c: Features(c.features),
        follows="builder",
    ),
    Stage(
        "strategies",
        "features",
        ("orders", "dead-letters"),
        lambda c: Strategies(c.strategies),
        follows="features",
    ),
    Stage("algos", "tape", ("orders",), lambda c: Algos(c.algos), follows="builder"),
    Stage("consolidated", "baskets", ("consolidated",), lambda c: Consolidated(c.consolidated)),
    Stage(
        "group_strategies",
        "baskets",
        ("orders", "dead-letters"),
        lambda c: GroupStrategies(c.group_strategies),
    ),
    Stage("smart_router", "baskets", ("orders",), lambda c: SmartRouter(c.smart_router)),
    Stage("paper_venue", "ticks", ("orders",), lambda c: PaperVenue(c.paper_venue)),
    Stage("gate", "orders", ("execution", "ledger", "ticks"), lambda c: Gate(c.gate)),
    Stage("router", "execution", ("ticks", "baskets", "orders"), lambda c: Router(c.router)),
)


@dataclass(frozen=True, slots=True)
class Chain:
    """Stages that one agent folds together: all read ``reads``, or follow one that does."""

    name: str
    reads: str
    stages: tuple[Stage, ...]

    @property
    def state_topic(self) -> str:
        return f"{self.name}.state"


def chains(fused: bool = True) -> tuple[Chain, ...]:
    """What the hosts run: each stage that follows none, fused with all that follow it; or one
    chain a stage."""
    if not fused:
        return tuple(Chain(stage.name, stage.reads, (stage,)) for stage in TOPOLOGY)
    return tuple(
        Chain(root.name, root.reads, (root, *_followers(root.name)))
        for root in TOPOLOGY
        if root.follows is None
    )


def _followers(name: str) -> tuple[Stage, ...]:
    direct = [stage for stage in TOPOLOGY if stage.follows == name]
    return tuple(s for stage in direct for s in (stage, *_followers(stage.name)))
