CREATE TABLE IF NOT EXISTS account_states
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `currency` LowCardinality(String) COMMENT 'the accounts base currency',
    `equity` Decimal(38, 18) COMMENT 'starting capital and all P&L, fees and cash flows',
    `realised_pnl` Decimal(38, 18) COMMENT 'before fees',
    `unrealised_pnl` Decimal(38, 18),
    `fees` Decimal(38, 18),
    `cash_flows` Decimal(38, 18) COMMENT 'funding, borrow, dividends …',
    `day_pnl` Decimal(38, 18) COMMENT 'since the first record of the day, UTC',
    `drawdown` Decimal(38, 18) COMMENT 'equity below its peak',
    `gross` Decimal(38, 18) COMMENT 'notional of positions',
    `net` Decimal(38, 18) COMMENT 'signed',
    `open_notional` Decimal(38, 18) COMMENT 'of open orders',
    `margin` Decimal(38, 18) COMMENT 'that positions and open orders need',
    `buying_power` Decimal(38, 18) COMMENT 'notional that may still be opened',
    `leverage` Float64 COMMENT 'gross / equity',
    `var` Float64 COMMENT 'value at risk, base currency',
    `cvar` Float64 COMMENT 'expected shortfall, base currency',
    `open_orders` Int64,
    `state` LowCardinality(String) COMMENT 'what the circuit breakers allow',
    `instruments` Array(String) COMMENT 'what var is made of',
    `component_var` Array(Float64) COMMENT 'of each of them',
    `component_cvar` Array(Float64) COMMENT 'of each of them',
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
COMMENT 'one row an account at a cadence'
