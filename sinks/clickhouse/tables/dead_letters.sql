CREATE TABLE IF NOT EXISTS dead_letters
(
    `source_topic` LowCardinality(String),
    `source_partition` Int32,
    `source_offset` Int64,
    `stage` LowCardinality(String),
    `error` String,
    `payload` String COMMENT 'the original bytes',
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
ORDER BY (source_topic, source_offset)
COMMENT 'one row a record that could not be decoded or folded'
