CREATE TABLE IF NOT EXISTS vendor_bars
(
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `ts_recv` DateTime64(9, 'UTC') COMMENT 'receive time' CODEC(Delta, ZSTD(1)),
    `spec` LowCardinality(String) COMMENT 'length of the period: 1s, 1m, 1h, 1d',
    `basis` LowCardinality(String) COMMENT 'trades, bid, ask or mid',
    `ts_open` DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    `ts_close` DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    `open` Decimal(38, 18),
    `high` Decimal(38, 18),
    `low` Decimal(38, 18),
    `close` Decimal(38, 18),
    `volume` Decimal(38, 18) COMMENT '0 where the vendor tells none',
    `vwap` Decimal(38, 18) COMMENT '0 where the vendor tells none',
    `trades` Int64 COMMENT '0 where the vendor tells none',
    `final` Bool COMMENT 'false: of a period that goes on',
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
ORDER BY (instrument, spec, ts_open, ts_recv)
COMMENT 'one row a bar as a vendor made it, the newest ts_recv of a ts_open holds; bars built from trades lie in bars'
