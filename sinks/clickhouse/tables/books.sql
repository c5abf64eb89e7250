CREATE TABLE IF NOT EXISTS books
(
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `ts_recv` DateTime64(9, 'UTC') COMMENT 'receive time' CODEC(Delta, ZSTD(1)),
    `seq` Int64 COMMENT 'update id of the book' CODEC(Delta, ZSTD(1)),
    `bid` Decimal(38, 18),
    `bid_size` Decimal(38, 18),
    `ask` Decimal(38, 18),
    `ask_size` Decimal(38, 18),
    `bid_prices` Array(Decimal(38, 18)) COMMENT 'best first',
    `bid_sizes` Array(Decimal(38, 18)),
    `ask_prices` Array(Decimal(38, 18)) COMMENT 'best first',
    `ask_sizes` Array(Decimal(38, 18)),
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
ORDER BY (instrument, ts_event)
COMMENT 'the rebuilt book each time its top changed; a side without levels has price and size 0 and empty arrays'
