"""All strategies of groups that come with the system, by kind."""

from streams.operators.strategies.groups import (
    constant_mix,
    cross_venue,
    pairs,
    stat_arb,
    triangular,
)
from streams.operators.strategies.kind import Kind

GROUP_KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        pairs.pairs,
        stat_arb.stat_arb,
        constant_mix.constant_mix,
        cross_venue.cross_venue,
        triangular.triangular,
    )
}
