CREATE TABLE IF NOT EXISTS model_changes
(
    `key` LowCardinality(String) COMMENT 'of the record, in each partition another',
    `partitions` Int32 COMMENT 'of ticks',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'when it was asked' CODEC(Delta, ZSTD(1)),
    `slot` LowCardinality(String) COMMENT 'models.NAME of the configuration',
    `role` LowCardinality(String),
    `version` LowCardinality(String) COMMENT 'empty: nobody takes the role any more',
    `share` Float64 COMMENT 'of a challenger',
    `who` String,
    `reason` String,
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
ORDER BY (slot, ts_event)
COMMENT 'one row a change of a running model and partition'
