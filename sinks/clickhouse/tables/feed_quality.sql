CREATE TABLE IF NOT EXISTS feed_quality
(
    `feed` LowCardinality(String) COMMENT 'VENUE, or VENUE/n where it has several lines',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'end of the period' CODEC(Delta, ZSTD(1)),
    `period_ns` Int64 COMMENT 'how long was measured, ns',
    `instruments` Int64 COMMENT 'that the line carries',
    `stale` Int64 COMMENT 'instruments that are silent for too long, at the end of the period',
    `unsynced` Int64 COMMENT 'instruments whose book is not whole, at the end of the period',
    `messages` Int64 COMMENT 'that came',
    `events` Int64 COMMENT 'that were made of them',
    `rejected` Int64 COMMENT 'messages that could not be read, or in which the venue tells of an error',
    `gaps` Int64 COMMENT 'breaks in the sequence of a book',
    `duplicates` Int64 COMMENT 'events that were there before, and were left out',
    `out_of_order` Int64 COMMENT 'events older than those before them',
    `resyncs` Int64 COMMENT 'books that became whole again',
    `checksum_failures` Int64 COMMENT 'books whose checksum was not the venue',
    `connections` Int64 COMMENT 'lines opened',
    `latency_min_ns` Int64 COMMENT 'receive time less venue time; 0: nothing was measured',
    `latency_p50_ns` Int64 COMMENT 'the median',
    `latency_p99_ns` Int64 COMMENT '99 of 100 are not longer',
    `round_trip_ns` Int64 COMMENT 'of a ping; 0: not known',
    `clock_offset_ns` Int64 COMMENT 'the venue clock less ours: half a round trip less the least latency',
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
ORDER BY (feed, ts_event)
COMMENT 'one row a feed and period: what it measured of itself'
