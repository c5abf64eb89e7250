"""Massive (formerly Polygon.io)."""
