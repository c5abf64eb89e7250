"""Tables of one's own (CSV, Parquet) with a mapping in TOML."""
