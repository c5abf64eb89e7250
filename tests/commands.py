"""A command as a user gives it: what it prints, and its exit code.

It runs in this process where it can, for starting one takes longer than what most commands do. With
an embedded ClickHouse it has a process of its own: chDB allows one engine in each.
"""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from console.main import main

ROOT = Path(__file__).parent.parent
Done = subprocess.CompletedProcess[str]


def tickstream(*arguments: str, cwd: Path | None = None, **env: str) -> Done:
    embedded = "demo" in arguments or any("embedded:" in word for word in arguments)
    return (in_a_process if embedded else here)(*arguments, cwd=cwd, **env)


def here(*arguments: str, cwd: Path | None = None, **env: str) -> Done:
    """In this process."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd or Path.cwd())
        for name, value in env.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["tickstream", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    assert isinstance(code, int)
    return Done(arguments, code, out.getvalue(), err.getvalue())


def in_a_process(*arguments: str, cwd: Path | None = None, **env: str) -> Done:
    """In one of its own."""
    return subprocess.run(
        [sys.executable, "-m", "console.main", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(**env),
    )


def environment(**env: str) -> dict[str, str]:
    """For a process whose working directory is another."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **env}
