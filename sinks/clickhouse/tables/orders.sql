CREATE TABLE IF NOT EXISTS orders
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `strategy` LowCardinality(String),
    `signal_id` String COMMENT 'joins signals, decisions, orders and fills',
    `cl_ord_id` String COMMENT 'FIX 11',
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `event` LowCardinality(String),
    `side` LowCardinality(String) COMMENT 'BUY or SELL',
    `ord_type` LowCardinality(String) COMMENT 'FIX 40',
    `time_in_force` LowCardinality(String) COMMENT 'FIX 59',
    `price` Decimal(38, 18) COMMENT 'limit, 0 for MARKET',
    `size` Decimal(38, 18),
    `cum_size` Decimal(38, 18) COMMENT 'FIX 14',
    `leaves_size` Decimal(38, 18) COMMENT 'FIX 151',
    `text` String,
    `stop_price` Decimal(38, 18) COMMENT 'FIX 99',
    `parent` String COMMENT 'the signal of the parent order',
    `algo` LowCardinality(String) COMMENT 'FIX 847',
    `exec_id` String COMMENT 'FIX 17',
    `order_id` String COMMENT 'FIX 37, the name that the venue gave it',
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
COMMENT 'one row an event of an order: APPROVED, CANCEL_REQUESTED, or the ExecType of a report'
