CREATE TABLE IF NOT EXISTS trade_notices
(
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `ts_recv` DateTime64(9, 'UTC') COMMENT 'receive time' CODEC(Delta, ZSTD(1)),
    `kind` LowCardinality(String) COMMENT 'CORRECTED, CANCELED, or OFF_MARKET: it never set a price',
    `trade_id` Int64 COMMENT 'of the trade that is meant, as in trades',
    `price` Decimal(38, 18) COMMENT 'of that trade',
    `size` Decimal(38, 18) COMMENT 'of that trade',
    `new_trade_id` Int64 COMMENT 'of the trade that takes its place, 0: none',
    `new_price` Decimal(38, 18),
    `new_size` Decimal(38, 18),
    `exchange` LowCardinality(String) COMMENT 'in the code of the venue',
    `conditions` LowCardinality(String) COMMENT 'sale conditions in the codes of the venue',
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
COMMENT 'one row a trade that was corrected, canceled, or did not set a price'
