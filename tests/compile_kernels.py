"""Compiles the kernels into their cache by two processes, before any test needs one.

    python -m tests.compile_kernels

Tests run side by side, and start commands, of which each would compile the same for itself.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from connectors.sim import venue as sim
from streams.topology import OperatorConfigs, chains
from streams.warm_up import warm_up

_LAST = "paper_venue"  # its kernels and the simulation's take as long as all others


def main() -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for done in (pool.submit(_first), pool.submit(_second)):
            done.result()


def _first() -> None:
    warm_up(_configs())


def _second() -> None:
    warm_up(_configs(), [chain for chain in chains() if chain.name == _LAST])
    sim.warm_up()


def _configs() -> OperatorConfigs:
    """With a basket, whose kernels are needed only where there is one."""
    settings = load(environment={})
    return operator_configs(replace(settings, baskets={"ANY": ("SIM:BTC-USD",)}), REPLAY_KEY)


if __name__ == "__main__":
    main()
