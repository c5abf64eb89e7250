"""Dukascopy's tick files."""
