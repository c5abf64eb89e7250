CREATE TABLE IF NOT EXISTS features
(
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `feature_set` LowCardinality(String) COMMENT 'name@version',
    `mid` Float64 COMMENT 'middle of the best bid and ask then, price; NaN without both' CODEC(Gorilla, ZSTD(1)),
    `name` LowCardinality(String),
    `value` Float64 COMMENT 'NaN while warming up',
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
ORDER BY (instrument, name, ts_event)
COMMENT 'one row a component of a feature vector'
