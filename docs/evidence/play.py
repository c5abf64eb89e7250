"""Plays strategies of docs/strategies/evidence.md, keeps what they did in a ClickHouse, and prints
what the page says of them.

python docs/evidence/play.py FOLDER [KIND ...]    all of them if none is named
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from reading import told
from sessions import every_kind, played

from console.errors import Failure


def main(folder: str, *kinds: str) -> None:
    asked = kinds or every_kind()
    try:
        with played(Path(folder), asked) as client:
            table, sections = told(client, asked)
    except Failure as failure:
        sys.exit(str(failure))
    print("\n".join([*table, *(line for lines in sections.values() for line in ["", *lines])]))


if __name__ == "__main__":
    main(*sys.argv[1:])
