CREATE TABLE IF NOT EXISTS sink_progress
(
    `topic` LowCardinality(String),
    `partition` Int32,
    `next_offset` Int64
)
ENGINE = ReplacingMergeTree(next_offset)
ORDER BY (topic, partition)
COMMENT 'first offset of each topic partition that the sink has not taken'
