CREATE TABLE IF NOT EXISTS decisions
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `strategy` LowCardinality(String),
    `signal_id` String COMMENT 'joins signals, decisions, orders and fills',
    `cl_ord_id` String COMMENT 'FIX 11',
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `approved` Bool,
    `rule` LowCardinality(String) COMMENT 'the limit that refused',
    `limit_value` String,
    `asked` String,
    `text` String,
    `request` LowCardinality(String) COMMENT 'NEW, or REPLACE: a change of an open order',
    `rules` Array(String) COMMENT 'every check that was made, in order',
    `limits` Array(String) COMMENT 'its limit',
    `values` Array(String) COMMENT 'what the order would have made of it',
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
COMMENT 'one row a decision of the risk gate'
