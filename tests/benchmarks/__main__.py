"""Every benchmark, each beside its alternative in the same run; JSON on stdout.

    python -m tests.benchmarks [NAME …]

Figures are medians over several rounds. Machines are noisy: look at the ratios.
"""

import importlib
import json
import os
import platform
import sys

import numpy as np

NAMES = (
    *("codec", "feeds", "book", "bars", "indicators", "learners", "local_host", "sink"),
    *("lake", "risk", "gate", "faust_host", "latency"),
)


def main() -> None:
    chosen = sys.argv[1:] or NAMES
    results = {"machine": machine()}
    for name in chosen:
        print(f"benchmark {name} …", file=sys.stderr)
        results[name] = importlib.import_module(f"tests.benchmarks.{name}").run()
    print(json.dumps(results, indent=2))


def machine() -> dict[str, object]:
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
        return names[0]
    except (OSError, IndexError):
        return platform.processor()


if __name__ == "__main__":
    main()
