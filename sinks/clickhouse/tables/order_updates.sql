CREATE TABLE IF NOT EXISTS order_updates
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `strategy` LowCardinality(String) COMMENT 'whose order',
    `signal_id` String COMMENT 'joins signals, decisions, orders and fills',
    `cl_ord_id` String COMMENT 'FIX 11',
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `before` LowCardinality(String) COMMENT 'FIX 39',
    `after` LowCardinality(String) COMMENT 'FIX 39',
    `event` LowCardinality(String) COMMENT 'what moved it: an ExecType, or a word of the gate',
    `cum_size` Decimal(38, 18) COMMENT 'FIX 14, scaled',
    `leaves_size` Decimal(38, 18) COMMENT 'FIX 151, scaled',
    `order_id` String COMMENT 'FIX 37',
    `text` String COMMENT 'FIX 58',
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
COMMENT 'one row a transition of an order'
