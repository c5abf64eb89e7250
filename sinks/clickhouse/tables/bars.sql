CREATE TABLE IF NOT EXISTS bars
(
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `kind` LowCardinality(String) COMMENT 'time, tick, volume, dollar, range, renko, tick_imbalance …',
    `spec` LowCardinality(String) COMMENT 'period, threshold, or expected ticks and options',
    `ts_open` DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    `ts_close` DateTime64(9, 'UTC') COMMENT 'exclusive end of a time bar' CODEC(Delta, ZSTD(1)),
    `open` Decimal(38, 18),
    `high` Decimal(38, 18),
    `low` Decimal(38, 18),
    `close` Decimal(38, 18),
    `volume` Decimal(38, 18),
    `buy_volume` Decimal(38, 18) COMMENT 'bought by aggressors',
    `sell_volume` Decimal(38, 18) COMMENT 'sold by aggressors',
    `notional` Decimal(38, 18) COMMENT 'sum of price x size',
    `trades` Int64 COMMENT 'trade count, 0 in a flat bar',
    `revision` Int32 COMMENT 'the highest of a time bar counts',
    `late` Int64 COMMENT 'trades older than the bars before',
    `vwap` Decimal(38, 18) DEFAULT toDecimal128(divideDecimal(notional, if(volume = 0, toDecimal128(1, 18), volume), 18), 18),
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
ORDER BY (instrument, kind, spec, ts_open)
COMMENT 'one row a bar, and one a correction of a time bar'
