CREATE TABLE IF NOT EXISTS signals
(
    `account` LowCardinality(String) COMMENT 'FIX 1',
    `strategy` LowCardinality(String),
    `signal_id` String COMMENT 'joins signals, decisions, orders and fills',
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'venue time' CODEC(Delta, ZSTD(1)),
    `side` LowCardinality(String) COMMENT 'BUY or SELL',
    `ord_type` LowCardinality(String) COMMENT 'FIX 40',
    `time_in_force` LowCardinality(String) COMMENT 'FIX 59',
    `price` Decimal(38, 18) COMMENT 'limit, 0 for MARKET',
    `size` Decimal(38, 18),
    `target` Nullable(Decimal(38, 18)) COMMENT 'position wanted',
    `probability` Float64,
    `reason` String,
    `stop_price` Decimal(38, 18) COMMENT 'FIX 99',
    `trail` Decimal(38, 18) COMMENT 'of a TRAILING_STOP',
    `display_size` Decimal(38, 18) COMMENT 'FIX 1138, of an iceberg',
    `ts_expire` DateTime64(9, 'UTC') COMMENT 'FIX 126, of a GTD order',
    `post_only` Bool,
    `reduce_only` Bool,
    `parent` String COMMENT 'the signal of the parent order',
    `algo` LowCardinality(String) COMMENT 'FIX 847',
    `params` String COMMENT 'parameters of the algorithm',
    `after` String COMMENT 'OTO: the signal whose fills bring it to life',
    `group` String COMMENT 'OCO: orders that cancel each other',
    `features` Map(String, Float64) COMMENT 'what the strategy saw: the values behind the reason',
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
COMMENT 'one row a signal'
