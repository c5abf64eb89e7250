CREATE TABLE IF NOT EXISTS feature_drift
(
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'end of the period' CODEC(Delta, ZSTD(1)),
    `period_ns` Int64 COMMENT 'of event time',
    `feature_set` LowCardinality(String) COMMENT 'name@version',
    `name` LowCardinality(String),
    `counted` Int64 COMMENT 'values in the period, once the reference is complete',
    `psi` Float64 COMMENT 'population stability index against the reference, nats',
    `shift` Float64 COMMENT 'of the mean, in standard deviations of the reference',
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
COMMENT 'one row a feature and period: how far it is from the beginning'
