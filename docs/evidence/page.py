"""Writes docs/strategies/evidence.md and its picture.

python docs/evidence/page.py

Run it by hand when a strategy changes, like docs/pictures.py: it reads the recorded market data in
../shared/data. A test plays a part of it again and holds it equal.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from reading import MONEY, SENT, TRADED, WHY, told  # noqa: E402
from sessions import SESSIONS, every_kind, played  # noqa: E402
from words import HEAD, OWN, QUERIES  # noqa: E402

from console.report.charts import lines_chart, standalone  # noqa: E402

DOCS = ROOT / "docs"
DRAWN = "rsi_2"
EQUITY = f"""SELECT toFloat64(toUnixTimestamp64Nano(max(ts_event))) / 1e9 AS at,
    toFloat64(argMax(equity, offset)) - 100000 AS after_fees,
    after_fees + toFloat64(argMax(fees, offset)) AS gross
FROM tickstream.account_states WHERE account = '{DRAWN}'
GROUP BY toStartOfSecond(ts_event) ORDER BY at"""


def page(client: Any) -> str:
    table, sections = told(client, every_kind())
    lines = [HEAD, *table, "", OWN]
    for says, sql in zip(QUERIES, (WHY, MONEY, TRADED, SENT), strict=True):
        lines += ["", says, "", "```sql", sql, "```"]
    for session in SESSIONS:
        config = f"[{session.config.name}](../evidence/{session.config.name})"
        lines += ["", f"## {session.title}", "", session.says, f"Configuration: {config}."]
        for kind in session.kinds():
            lines += ["", *sections[kind]]
    return "\n".join(lines) + "\n"


def picture(client: Any) -> str:
    """P&L of one strategy, before and after its fees."""
    rows = client.query(EQUITY).result_rows
    after = [(at, value) for at, value, _ in rows]
    drawn = lines_chart([("before fees", [(at, g) for at, _, g in rows]), ("after fees", after)])
    drawn = drawn.replace('class="line after', 'style="stroke:#e76f51" class="line after')
    return standalone(drawn, f"P&L of {DRAWN} before and after fees")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, played(Path(folder) / "e", every_kind()) as known:
        (DOCS / "strategies" / "evidence.md").write_text(page(known))
        (DOCS / "images" / "evidence.svg").write_text(picture(known))


if __name__ == "__main__":
    main()
