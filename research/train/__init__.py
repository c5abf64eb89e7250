"""``tickstream train``: from recorded vectors to a model that the stream runs.

dataset    vectors, labels, weights: rows in the order of time
splits     which rows fit, which judge
learners   what can be fitted; tuning searches its parameters; calibration corrects its output
fitting    the three together, on any set of rows
evaluation on rows that the fitting never saw; importance, overfitting and leaks look closer
export     the model as ONNX; parity holds it against the model that was fitted
"""
