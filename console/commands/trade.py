"""``tickstream trade ACCOUNT``: an account's approved orders to its venue, until it is stopped.

Real money needs two words: ``live = true`` in the account's table, and ``--live ACCOUNT`` on the
command line. One without the other is refused.
"""

import asyncio
import signal
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY

from config.account_tree import Account
from config.tree import Settings
from connectors.trading.adapter import Adapter, AdapterConfig, state_topic
from connectors.trading.budgets import Budgets
from connectors.trading.credentials import load_credentials
from connectors.trading.execution_log import KafkaExecution
from connectors.trading.session import VenueRefuses
from console import context, kill_file
from console.context import Context
from console.errors import Failure
from console.garbage import keep_what_is_loaded
from console.home import HOME
from console.output import say
from console.venues import TRADING_VENUES
from console.web_desk import web_desk
from streams import kafka
from streams.kafka import KafkaWriter
from streams.log import LogError
from streams.metrics import serve
from streams.snapshots import KafkaSnapshots


def run(account: str, live: str, config: Path | None, broker: str | None, port: int | None) -> None:
    """Sends until SIGTERM or SIGINT. Raises Failure, KeysError, VenueRefuses, LogError."""
    made = context.make(config)
    where = permitted(made.settings, account, live)
    bootstrap = broker or made.settings.broker.bootstrap
    adapter = make(made, account, where, bootstrap)
    kill_file.watch(made.settings, bootstrap, made.codec)
    if port is not None:
        serve(port, REGISTRY, lambda: health(adapter), web_desk(config, broker))
    money = "LIVE, with real money" if where.live else f"not live ({where.url or 'test endpoint'})"
    say(f"trade: account {account} at {where.venue}, {money}")
    keep_what_is_loaded()
    try:
        asyncio.run(_until_stopped(adapter))
    except ExceptionGroup as group:
        raise _first(group) from group


def permitted(settings: Settings, account: str, live: str) -> Account:
    """Where the account trades. Raises Failure unless configuration and command line agree."""
    where = settings.accounts.get(account)
    if where is None:
        raise Failure(f"no account {account!r}; configured are: {', '.join(settings.accounts)}")
    if where.venue == "paper":
        raise Failure(
            f"account {account} trades on paper, which the worker does by itself; set venue in "
            f"[accounts.{account}] to one of {', '.join(TRADING_VENUES)}"
        )
    if (why := TRADING_VENUES[where.venue].no_test) and not (where.live or where.url):
        raise Failure(
            f'account {account}: {why}; try it with venue = "paper", or trade with real money: '
            f"live = true in [accounts.{account}] and --live {account}"
        )
    if where.live and live != account:
        raise Failure(
            f"account {account} is live: its orders are sent with real money. If that is meant, "
            f"add --live {account}"
        )
    if live and not where.live:
        raise Failure(
            f"--live {live}, but [accounts.{account}] has no live = true: it trades at the test "
            "endpoint. Set the one or leave out the other"
        )
    return where


def make(made: Context, account: str, where: Account, bootstrap: str) -> Adapter:
    """The adapter, with its topics and keys. Raises KeysError, LogError."""
    settings, venue = made.settings, TRADING_VENUES[where.venue]
    session = venue.make(account, load_credentials(account, HOME), where)
    context.ensure_topics(settings, bootstrap)
    partitions, replication = settings.broker.partitions, settings.broker.replication
    kafka.create_topics(bootstrap, [state_topic(account)], partitions, replication, compacted=True)
    writer, trading = KafkaWriter(bootstrap, linger_ms=0), settings.trading
    return Adapter(
        AdapterConfig(
            account,
            made.configs.router.key,
            trading.max_age,
            trading.reconcile,
            trading.grace,
            trading.snapshot_interval,
            trading.timeout / 1e9,
        ),
        session,
        KafkaExecution(bootstrap, account),
        writer,
        made.codec,
        KafkaSnapshots(bootstrap, made.codec, writer),
        Budgets(venue.budgets),
        say=lambda text: say(f"trade: {text}"),
    )


async def _until_stopped(adapter: Adapter) -> None:
    task = asyncio.create_task(adapter.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        say("trade: stopped")


def health(adapter: Adapter) -> dict[str, Any]:
    """For the health page."""
    return {
        "ok": adapter.stream.listening and adapter.reconciler.batches > 0,
        "unanswered": len(adapter.progress.pending),
        "next_offset": adapter.progress.done_to,
        "requests": adapter.sender.calls,
        "reconciliations": adapter.reconciler.batches,
        "open_orders": len(adapter.session.tracker.open()),
    }


def _first(group: ExceptionGroup) -> Exception:
    """The error that says most: what stopped one part stops all of them."""
    known = group.subgroup((VenueRefuses, LogError))
    errors = (known or group).exceptions
    return _first(errors[0]) if isinstance(errors[0], ExceptionGroup) else errors[0]
