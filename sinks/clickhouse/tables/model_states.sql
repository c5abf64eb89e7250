CREATE TABLE IF NOT EXISTS model_states
(
    `key` LowCardinality(String) COMMENT 'VENUE:SYMBOL, or the key of the change',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'of the vector, or of the change' CODEC(Delta, ZSTD(1)),
    `slot` LowCardinality(String) COMMENT 'models.NAME of the configuration',
    `model` LowCardinality(String) COMMENT 'its name in the registry',
    `version` LowCardinality(String),
    `role` LowCardinality(String),
    `condition` LowCardinality(String) COMMENT 'ACTIVE, FAILED or RECOVERED',
    `detail` String,
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
COMMENT 'one row a version of a model that took up a role, failed or works again'
