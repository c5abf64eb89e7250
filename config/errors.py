"""What may be wrong with a configuration."""


class ConfigError(Exception):
    """A configuration that cannot be used: which key, where, and what to write instead."""
