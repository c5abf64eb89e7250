"""TrueFX's tick files."""
