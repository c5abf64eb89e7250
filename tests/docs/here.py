"""A command of a page in this process: starting one takes longer than what most of them do."""

import io
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from console.main import app


def here(arguments: list[str], folder: Path, env: dict[str, str]) -> str:
    """What it prints."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.chdir(folder)
        for name, value in env.items():
            patch.setenv(name, value)
        code = app(arguments, prog_name="tickstream", standalone_mode=False)
    assert not code, f"{arguments}: exit code {code}\n{out.getvalue()}"
    return out.getvalue()
