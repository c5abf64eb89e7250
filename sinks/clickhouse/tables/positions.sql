CREATE TABLE IF NOT EXISTS positions
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `quantity` Decimal(38, 18) COMMENT 'signed',
    `avg_price` Decimal(38, 18) COMMENT 'average cost',
    `mark` Decimal(38, 18),
    `realised_pnl` Decimal(38, 18) COMMENT 'before fees',
    `unrealised_pnl` Decimal(38, 18),
    `fees` Decimal(38, 18),
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
ORDER BY (account, instrument, ts_event)
COMMENT 'one row a position after a fill or at a mark'
