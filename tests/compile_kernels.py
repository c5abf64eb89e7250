"""Compiles the kernels into their cache by two processes, before any test needs one.

    python -m tests.compile_kernels

Tests run side by side, and start commands, of which each would compile the same for itself.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from connectors.sim import venue as sim
from streams.topology import chains
from streams.warm_up import warm_up

_LAST = "paper_venue"  # its kernels and the simulation's take as long as all others


def main() -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for done in (pool.submit(_first), pool.submit(_second)):
            done.result()


def _first() -> None:
    warm_up(operator_configs(load(environment={}), REPLAY_KEY))


def _second() -> None:
    configs = operator_configs(load(environment={}), REPLAY_KEY)
    warm_up(configs, [chain for chain in chains() if chain.name == _LAST])
    sim.warm_up()


if __name__ == "__main__":
    main()
