CREATE TABLE IF NOT EXISTS cash_flows
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `kind` LowCardinality(String) COMMENT 'what it is',
    `amount` Decimal(38, 18) COMMENT 'received is positive',
    `currency` LowCardinality(String) COMMENT 'such as USD',
    `flow_id` String COMMENT 'the venues name of it: the same twice is one',
    `text` String COMMENT 'for people',
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
COMMENT 'one row a movement of money without a trade'
