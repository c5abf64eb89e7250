CREATE TABLE IF NOT EXISTS disclosures
(
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `who` LowCardinality(String) COMMENT 'who did it: an institution, an account',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'when it became known' CODEC(Delta, ZSTD(1)),
    `ts_traded` DateTime64(9, 'UTC') COMMENT 'when it was done' CODEC(Delta, ZSTD(1)),
    `action` LowCardinality(String) COMMENT 'NEW, INCREASED, REDUCED or SOLD',
    `side` LowCardinality(String) COMMENT 'of the position: BUY long, SELL short',
    `weight` Float64 COMMENT 'of the position in the portfolio, 0 … 1; NaN: not known',
    `price` Float64 COMMENT 'at which it was done; NaN: not known',
    `role` LowCardinality(String) COMMENT 'of an insider in the company; empty: none',
    `shares` Float64 COMMENT 'that an insider bought or sold; 0: not known',
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
COMMENT 'one row a trade or holding of somebody who may be followed, as it became known'
