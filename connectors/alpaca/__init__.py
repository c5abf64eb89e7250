"""Alpaca: US equities, options and crypto."""
