CREATE TABLE IF NOT EXISTS drifts
(
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `model` LowCardinality(String) COMMENT 'its name in the configuration',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `error_before` Float64 COMMENT 'mean absolute error since the change before',
    `error_after` Float64 COMMENT 'the recent one',
    `done` LowCardinality(String) COMMENT 'tell, reset or reweight',
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
ORDER BY (instrument, model, ts_event)
COMMENT 'one row a detected change of the error of a model'
