"""The lake: market data in Parquet, a file a kind, instrument and UTC day."""
