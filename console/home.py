"""Where the commands keep what they make, below the working directory."""

from pathlib import Path

HOME = Path("var")
