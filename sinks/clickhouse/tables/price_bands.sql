CREATE TABLE IF NOT EXISTS price_bands
(
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `ts_recv` DateTime64(9, 'UTC') COMMENT 'receive time' CODEC(Delta, ZSTD(1)),
    `lower` Decimal(38, 18),
    `upper` Decimal(38, 18),
    `indicator` LowCardinality(String) COMMENT 'state of the band in the code of the venue',
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
ORDER BY (instrument, ts_event)
COMMENT 'one row a change of the prices between which an instrument may trade'
