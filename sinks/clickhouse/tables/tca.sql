CREATE TABLE IF NOT EXISTS tca
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `strategy` LowCardinality(String) COMMENT 'whose order',
    `signal_id` String COMMENT 'of the order, the parent where it was sliced',
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `venue` LowCardinality(String) COMMENT 'where it traded',
    `side` LowCardinality(String) COMMENT 'FIX 54',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `ts_arrival` DateTime64(9, 'UTC') COMMENT 'when the order was decided',
    `size` Decimal(38, 18) COMMENT 'asked',
    `filled` Decimal(38, 18),
    `avg_price` Decimal(38, 18) COMMENT 'of the fills',
    `arrival_price` Decimal(38, 18) COMMENT 'mid when the order was decided',
    `vwap` Decimal(38, 18) COMMENT 'of the market between arrival and end',
    `slippage_bps` Float64 COMMENT 'average price against arrival, cost positive',
    `vwap_bps` Float64 COMMENT 'average price against the markets VWAP, cost positive',
    `shortfall_bps` Float64 COMMENT 'implementation shortfall (Perold 1988): slippage, fees and what was not filled at the last mid',
    `spread_capture` Float64 COMMENT '1: bought at the bid, 0: at the mid, -1: at the ask',
    `fees` Decimal(38, 18),
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
ORDER BY (account, ts_event)
COMMENT 'one row an order that is done: what it cost beside its benchmarks'
