CREATE TABLE IF NOT EXISTS evaluations
(
    `instrument` LowCardinality(String) COMMENT 'VENUE:SYMBOL',
    `model` LowCardinality(String) COMMENT 'its name in the configuration',
    `ts_event` DateTime64(9, 'UTC') COMMENT 'end of the period' CODEC(Delta, ZSTD(1)),
    `period_ns` Int64 COMMENT 'of event time',
    `labels` Int64 COMMENT 'that became known, of vectors with a prediction',
    `rises` Float64 COMMENT 'share of the labels; NaN for a model of returns, as the next three',
    `log_loss` Float64 COMMENT 'nats',
    `brier` Float64 COMMENT 'mean square of probability less outcome',
    `auc` Float64 COMMENT 'area under the ROC curve of the period; NaN without both outcomes',
    `accuracy` Float64 COMMENT 'share of right directions',
    `mean_error` Float64 COMMENT 'absolute, basis points; NaN for a model of probabilities, as the next two',
    `rms_error` Float64 COMMENT 'root mean square, basis points',
    `correlation` Float64 COMMENT 'of prediction and return',
    `drifts` Int64 COMMENT 'detected during the period',
    `bin_labels` Array(Float64) COMMENT 'predictions in each tenth of probability',
    `bin_predicted` Array(Float64) COMMENT 'mean probability of the bin; NaN where it is empty',
    `bin_rises` Array(Float64) COMMENT 'share of rises in the bin',
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
ORDER BY (instrument, model, ts_event)
COMMENT 'one row a model, instrument and period: how good its predictions were'
