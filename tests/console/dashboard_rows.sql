-- A minute of one instrument and one account: enough that no query of a dashboard comes back empty.
INSERT INTO trades (instrument, ts_event, ts_recv, price, size, side, trade_id, offset)
SELECT 'SIM:BTC-USD', toDateTime64(1767225600, 9, 'UTC') + number AS at, addMilliseconds(at, 2),
       50000 + number, 0.5, if(number % 2, 'buy', 'sell'), toString(number), number
FROM numbers(60);

INSERT INTO quotes (instrument, ts_event, ts_recv, seq, bid, bid_size, ask, ask_size, offset)
SELECT 'SIM:BTC-USD', toDateTime64(1767225600, 9, 'UTC') + number AS at, addMilliseconds(at, 2), number,
       49999 + number, 2, 50001 + number, 1, number
FROM numbers(60);

INSERT INTO books (instrument, ts_event, ts_recv, seq, bid, bid_size, ask, ask_size,
                   bid_prices, bid_sizes, ask_prices, ask_sizes, offset)
SELECT 'SIM:BTC-USD', toDateTime64(1767225600, 9, 'UTC') + number AS at, addMilliseconds(at, 2), number,
       49999, 2, 50001, 1, [49999, 49998], [2, 3], [50001, 50002], [1, 4], number
FROM numbers(60);

INSERT INTO bars (instrument, kind, spec, ts_open, ts_close, open, high, low, close, volume,
                  buy_volume, notional, trades, vwap, offset)
SELECT 'SIM:BTC-USD', 'time', '1s', toDateTime64(1767225600, 9, 'UTC') + number AS at, at + 1,
       50000, 50010, 49990, 50005, 1, 0.5, 50000, 2, 50000, number
FROM numbers(59);

INSERT INTO features (instrument, ts_event, feature_set, name, value, offset)
SELECT 'SIM:BTC-USD', toDateTime64(1767225600, 9, 'UTC') + number, 'flow', 'imbalance',
       sin(number), number
FROM numbers(60);

INSERT INTO signals (account, strategy, signal_id, instrument, ts_event, side, ord_type, price,
                     size, probability, reason, offset)
SELECT 'paper', 'momentum', toString(number), 'SIM:BTC-USD',
       toDateTime64(1767225600, 9, 'UTC') + + number, 'BUY', 'LIMIT', 50000, 1, 0.6, 'why', number
FROM numbers(10);

INSERT INTO decisions (account, signal_id, cl_ord_id, instrument, ts_event, approved, rule,
                       limit_value, asked, text, rules, limits, values, offset)
SELECT 'paper', toString(number), toString(number), 'SIM:BTC-USD',
       addMilliseconds(toDateTime64(1767225600, 9, 'UTC') + number, 100), number < 8 AS passed,
       if(passed, '', 'max_position'), 1, 2, 'too large',
       ['kill_switch', 'max_position', 'strategy.s.daily_loss'], ['released', '1', '100'],
       ['released', if(passed, '0.9', '2'), '-3.5'], number
FROM numbers(10);

INSERT INTO orders (account, cl_ord_id, instrument, ts_event, event, side, ord_type, price, size,
                    cum_size, leaves_size, text, offset)
SELECT 'paper', toString(number), 'SIM:BTC-USD',
       addMilliseconds(toDateTime64(1767225600, 9, 'UTC') + number, 200), 'APPROVED', 'BUY', 'LIMIT', 50000, 1, 0, 1,
       '', number
FROM numbers(8);

INSERT INTO fills (account, cl_ord_id, exec_id, instrument, ts_event, side, price, size, fee,
                   liquidity, realised_pnl, offset)
SELECT 'paper', toString(number), toString(number), 'SIM:BTC-USD',
       addMilliseconds(toDateTime64(1767225600, 9, 'UTC') + number, 300), if(number % 2, 'SELL', 'BUY'), 50000, 1,
       5, if(number % 2, 'MAKER', 'TAKER'), 10, number
FROM numbers(8);

INSERT INTO positions (account, instrument, ts_event, quantity, avg_price, mark, realised_pnl,
                       unrealised_pnl, fees, offset)
SELECT 'paper', 'SIM:BTC-USD', toDateTime64(1767225600, 9, 'UTC') + number, 1, 50000,
       50000 + number, number, -number / 2, 5, number
FROM numbers(60);

INSERT INTO dead_letters (source_topic, source_partition, source_offset, stage, error, payload)
VALUES ('ticks', 0, 7, 'decode', 'truncated', 'x');

INSERT INTO account_states (account, ts_event, equity, realised_pnl, unrealised_pnl, fees, day_pnl, drawdown,
                            gross, net, open_notional, leverage, var, cvar, open_orders, state, instruments,
                            component_var, component_cvar, options, implied_volatility, underlyings, delta, gamma, vega, theta,
                            scenarios, scenario_pnl, worst_scenario, offset)
SELECT 'paper', toDateTime64(1767225600, 9, 'UTC') + number, 100000 + number, number, -number / 2, 5, number, 3,
       50000, -50000, 100, 0.5, if(number < 5, nan, 900), if(number < 5, nan, 1100), 1, 'NORMAL',
       if(number < 5, [], ['SIM:BTC-USD']), if(number < 5, [], [900.]), if(number < 5, [], [1100.]),
       ['SIM:BTC-USD-C'], [if(number < 5, nan, 0.6)], ['SIM:BTC-USD'], [-50000.], [1200.], [80.], [-30.],
       ['crash', 'rally'], if(number < 5, [nan, nan], [-900., 400.]), 'crash', number
FROM numbers(60);

INSERT INTO breakers (account, ts_event, breaker, before, after, value, limit, who, text, offset)
VALUES ('paper', toDateTime64(1767225610, 9, 'UTC'), 'rejects', 'NORMAL', 'HALTED', '0.6', '0.5', 'gate', 'too many', 1);

INSERT INTO discrepancies (account, instrument, ts_event, kind, subject, ours, venues, resolution, resolved, offset)
VALUES ('paper', 'SIM:BTC-USD', toDateTime64(1767225610, 9, 'UTC'), 'POSITION', 'SIM:BTC-USD', '1', '2', 'look', false, 2);

INSERT INTO limit_changes (account, ts_event, name, old_value, new_value, who, reason, offset)
VALUES ('paper', toDateTime64(1767225610, 9, 'UTC'), 'kill_switch', 'released', 'engaged', 'ada', 'why', 3);

INSERT INTO tca (account, strategy, signal_id, instrument, venue, side, ts_event, size, filled, slippage_bps,
                 vwap_bps, shortfall_bps, spread_capture, fees, offset)
SELECT 'paper', 'momentum', toString(number), 'SIM:BTC-USD', 'SIM', 'BUY',
       toDateTime64(1767225600, 9, 'UTC') + number, 1, number % 2, 1.5, 0.5, 2, -1, 5, number
FROM numbers(8);

INSERT INTO feed_quality (feed, ts_event, period_ns, messages, gaps, stale, latency_p99_ns, offset)
SELECT 'KRAKEN', toDateTime64(1767225600, 9, 'UTC') + 10 * number, 10000000000, 1000, number % 2, 0, 5000000, number
FROM numbers(6);

INSERT INTO evaluations (instrument, model, ts_event, period_ns, labels, rises, log_loss, brier, auc, accuracy, offset)
SELECT 'SIM:BTC-USD', 'p_up', toDateTime64(1767225600, 9, 'UTC') + number, 1000000000, 10, 0.5, 0.69, 0.25, 0.5, 0.5, number
FROM numbers(60);

INSERT INTO drifts (instrument, model, ts_event, error_before, error_after, done, offset)
SELECT 'SIM:BTC-USD', 'p_up', toDateTime64(1767225600, 9, 'UTC') + number, 0.4, 0.6, 'reset', number
FROM numbers(3);

INSERT INTO feature_drift (instrument, ts_event, period_ns, feature_set, name, counted, psi, shift, offset)
SELECT 'SIM:BTC-USD', toDateTime64(1767225600, 9, 'UTC') + number, 1000000000, 'core@1', 'rsi', 100, 0.1, 0.5, number
FROM numbers(60);
