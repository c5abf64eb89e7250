CREATE TABLE IF NOT EXISTS breakers
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `breaker` LowCardinality(String) COMMENT 'which one',
    `before` LowCardinality(String) COMMENT 'what was allowed',
    `after` LowCardinality(String) COMMENT 'what is allowed now',
    `value` String COMMENT 'what was measured',
    `limit` String COMMENT 'what is allowed',
    `ts_until` DateTime64(9, 'UTC') COMMENT 'cool-down ends then',
    `who` LowCardinality(String) COMMENT 'a person, or the gate',
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
COMMENT 'one row a trip or a reset of a circuit breaker'
