"""All strategies of groups that come with the system, by kind."""

from streams.operators.strategies.groups import cross_venue, pairs, stat_arb, triangular
from streams.operators.strategies.kind import Kind

GROUP_KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        pairs.pairs,
        stat_arb.stat_arb,
        cross_venue.cross_venue,
        triangular.triangular,
    )
}
