"""A progress bar over a file that is read, on stderr; nothing where nobody looks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from connectors.compressed import Tell
from console.output import progress


@contextmanager
def reading(path: Path) -> Iterator[Tell]:
    """Yields what a reader tells how far it is, in bytes of the file."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    total = path.stat().st_size if path.is_file() else None
    with Progress(*columns, console=progress, transient=True) as bar:
        task = bar.add_task(f"reading {path.name}", total=total)
        yield lambda position: bar.update(task, completed=position)
