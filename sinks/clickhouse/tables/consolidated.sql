CREATE TABLE IF NOT EXISTS consolidated
(
    `basket` LowCardinality(String) COMMENT 'name in [baskets]',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'time of what changed it' CODEC(Delta, ZSTD(1)),
    `ts_recv` DateTime64(9, 'UTC') COMMENT 'receive time' CODEC(Delta, ZSTD(1)),
    `state` Enum8('normal' = 0, 'locked' = 1, 'crossed' = 2) COMMENT 'how the best bid and ask lie',
    `bid` Decimal(38, 18),
    `bid_size` Decimal(38, 18) COMMENT 'over all venues',
    `bid_first` LowCardinality(String) COMMENT 'instrument longest at the best bid',
    `bid_venues` Int32 COMMENT 'how many at the best bid',
    `bidding` Int32 COMMENT 'how many with a bid at any price',
    `ask` Decimal(38, 18),
    `ask_size` Decimal(38, 18) COMMENT 'over all venues',
    `ask_first` LowCardinality(String) COMMENT 'instrument longest at the best ask',
    `ask_venues` Int32 COMMENT 'how many at the best ask',
    `asking` Int32 COMMENT 'how many with an ask at any price',
    `bid_prices` Array(Decimal(38, 18)) COMMENT 'merged levels, best first',
    `bid_sizes` Array(Decimal(38, 18)),
    `bid_counts` Array(Int32) COMMENT 'venues at each level',
    `ask_prices` Array(Decimal(38, 18)) COMMENT 'merged levels, best first',
    `ask_sizes` Array(Decimal(38, 18)),
    `ask_counts` Array(Int32) COMMENT 'venues at each level',
    `topic` LowCardinality(String) COMMENT 'where the record lies',
    `partition` Int32,
    `offset` Int64 CODEC(Delta, ZSTD(1)),
    `row_index` UInt32 COMMENT 'row within the record',
    `writer` LowCardinality(String) COMMENT 'cause: who wrote the record',
    `source` LowCardinality(String) COMMENT 'cause: what it folded',
    `cause_offset` Int64 CODEC(Delta, ZSTD(1)),
    `cause_index` Int32
)
ENGINE = MergeTree
ORDER BY (basket, ts_event)
COMMENT 'the best bid and offer over the venues of a basket, each time it changed; a side that nobody shows has price and size 0 and empty arrays'
