CREATE TABLE IF NOT EXISTS fills
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `strategy` LowCardinality(String),
    `signal_id` String COMMENT 'joins signals, decisions, orders and fills',
    `cl_ord_id` String COMMENT 'FIX 11',
    `exec_id` String COMMENT 'FIX 17',
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `side` LowCardinality(String),
    `price` Decimal(38, 18),
    `size` Decimal(38, 18),
    `fee` Decimal(38, 18) COMMENT 'quote currency',
    `liquidity` LowCardinality(String) COMMENT 'MAKER or TAKER',
    `realised_pnl` Decimal(38, 18) COMMENT 'before fees',
    `parent` String COMMENT 'the signal of the parent order',
    `fee_currency` LowCardinality(String) COMMENT 'empty: the quote currency',
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
ORDER BY (account, ts_event)
COMMENT 'one row a fill'
