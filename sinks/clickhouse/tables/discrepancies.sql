CREATE TABLE IF NOT EXISTS discrepancies
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `kind` LowCardinality(String) COMMENT 'what differs',
    `subject` String COMMENT 'an order, a currency …',
    `ours` String COMMENT 'what we hold',
    `venues` String COMMENT 'what the venue says',
    `resolution` String COMMENT 'what was done, or what a person must do',
    `resolved` Bool COMMENT 'whether it is settled',
    `batch` String COMMENT 'the reconciliation that found it',
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
COMMENT 'one row a difference between our books and a venue'
