"""What the page of evidence says in words; its numbers come from the replays."""

HEAD = """# Evidence: what each strategy did, and why

Made by `docs/evidence/page.py` from recorded market data that is not part of this project
(`../shared/data`, beside the checkout), and for two strategies from a simulated market.

**A few minutes show that a strategy works and what it costs, not that it earns.** Look-backs are
short so that each trades in that time: no parameter here is a recommendation. Everything on
recorded data loses, and what it loses is nearly all fees: at ten basis points there and back no
rule survives here that trades every minute.

P&L counts what is still held, at the last mark. The hit rate is of orders that closed something,
before fees.

![P&L of rsi_2 before and after its fees](../images/evidence.svg)

RSI-2: right more often than not, and poorer with every trade.
"""
OWN = """## How to see it yourself

```shell
.venv/bin/python docs/evidence/play.py var/evidence momentum triangular
```

plays these two as they are played here, prints their part of this page, and leaves signals,
decisions, orders, fills and positions in the ClickHouse `embedded:var/evidence/clickhouse`. Without
a name it plays all of them, in a minute or two. `tickstream replay` with one of the configurations
below and `--clickhouse` keeps everything else as well, prices and features too.

For a strategy of your own, or one of these with other parameters, `tickstream strategy run` does it
in one step, and writes a report: [the tutorial](../tutorial-strategy.md#3-replay-it) shows how. To
have several at once, each on an account of its own, take a configuration below as a pattern.

Every number here comes from these queries, with any strategy in the place of `momentum`."""
QUERIES = (
    "Why each trade was made, with the values that the strategy saw:",
    "What it came to, of an account that began with 100 000:",
    "What it traded: fills, turnover, orders that closed at a gain, orders that closed something:",
    "What it asked for:",
)
NOTES = {
    "ma_cross": "The gate is a random forest that learns as it goes, `[models.forest]`.",
    "ema_cross": "The gate is `p_up`, the logistic regression that every system has.",
    "neural_trend": "No network was trained for these minutes: it would have to learn on others "
    "than it is tried on. It follows `p_up`, a model that learns as it goes, by the same column "
    "that a network would have.",
    "neural_arbitrage": "It follows a linear model that learns as it goes, and is told that "
    "trading costs nothing (`fee`): what the model foresees is less than the ten basis points that "
    "it really costs, so with the default it rightly does nothing here. The fees below are the "
    "real ones.",
    "ensemble": "Three of the strategies of this page vote; the values show their weights and "
    "votes as well.",
    "market_making": "Half a spread of one basis point is less than the maker's fee of two, and it "
    "is filled where the market runs through its prices.",
    "mirror": "It follows the fills of `momentum` above, which it is told of with the next clock "
    "record; `unknown` makes it trust that source from the start.",
    "pairs": "The two are the same coin, so they are found cointegrated nearly always; the spread "
    "moves by one or two basis points, and its four fills cost thirty.",
    "cross_venue": "At the fees that `execution.routing` has by default it never trades here, "
    "rightly: the two are apart by less than they cost. So that its trades can be seen it is told "
    "that taking costs nothing (hence the profits that it speaks of); the paper venue takes its "
    "fees all the same. It is long the one and short the other at the end: moving positions is not "
    "its part.",
    "constant_mix": "With the sizing `risk_parity`, anew each minute. It holds both, so it loses "
    "what bitcoin loses.",
    "triangular": "The price of a leg may move on in the 10 ms that an order takes: the others are "
    "given back then.",
}
