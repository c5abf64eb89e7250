"""What people do to accounts: records in their inboxes, which the gate folds like any other."""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from console import context
from console.errors import Failure
from schemas.enums import CommandAction
from schemas.inbox import BreakerReset, KillSwitch, LimitChange, OrderCommand
from streams.cause import Cause
from streams.chain import stages_of
from streams.kafka import KafkaWriter, partition_counts
from streams.operators.risk import account as accounts
from streams.operators.risk.config import AccountConfig
from streams.operators.risk.gate import Gate
from streams.operators.risk.money import plain, scaled
from streams.operators.risk.reconcile import BREAKER
from streams.snapshots import load
from streams.topology import chains

ALL = "all"


class Desk:
    """Writes as ``who``. Raises Failure for an account that is not configured."""

    def __init__(self, config: Path | None, broker: str | None, who: str) -> None:
        self._made = context.make(config)
        self._bootstrap = broker or self._made.settings.broker.bootstrap
        self._who = who

    def kill(self, account: str, engaged: bool, flatten: bool, why: str) -> dict[str, Any]:
        return self._send(
            account, lambda name, now: KillSwitch(name, now, engaged, self._who, why, flatten)
        )

    def reset(self, account: str, breaker: str, why: str) -> dict[str, Any]:
        """Raises Failure for a breaker that no account has."""
        rules = [rule.name for n in self._names(account) for rule in self._accounts[n].breakers]
        known = list(dict.fromkeys([*rules, BREAKER]))
        if breaker and breaker not in known:
            raise Failure(f"no breaker {breaker!r}; there are {', '.join(known)}")
        return self._send(
            account, lambda name, now: BreakerReset(name, now, breaker, self._who, why)
        )

    def limit(self, account: str, limit: str, value: str, why: str) -> dict[str, Any]:
        """Raises Failure for a limit that is unknown or a value that is none."""
        for name in self._names(account):
            try:
                self._accounts[name].limits.changed(limit, value)
            except ValueError as error:
                raise Failure(str(error)) from error
        sent = self._send(
            account, lambda name, now: LimitChange(name, now, limit, value, self._who, why)
        )
        return sent | self._unheard_of(limit)

    def _unheard_of(self, limit: str) -> dict[str, str]:
        """A limit may be given before what it limits is there; who mistypes must learn of it."""
        settings = self._made.settings
        sectors = dict.fromkeys(each.sector for each in settings.instruments.values())
        known = {"strategy": list(settings.strategies), "sector": [n for n in sectors if n]}
        scope, _, rest = limit.partition(".")
        name = rest.rpartition(".")[0]
        if scope in known and name not in known[scope]:
            there = ", ".join(known[scope]) or "none"
            return {"note": f"no {scope} {name!r} is configured; there are {there}"}
        if scope == "instrument" and ":" not in name:
            return {"note": f"instruments are named VENUE:SYMBOL; {name!r} is none"}
        return {}

    def cancel(
        self, account: str, signal: str, instrument: str, strategy: str, why: str
    ) -> dict[str, Any]:
        self._named(instrument)
        action = CommandAction.CANCEL if signal else CommandAction.CANCEL_ALL
        return self._send(
            account, lambda n, now: self._command(n, now, action, signal, instrument, strategy, why)
        )

    def flatten(self, account: str, instrument: str, why: str) -> dict[str, Any]:
        self._named(instrument)
        action = CommandAction.FLATTEN
        return self._send(
            account, lambda n, now: self._command(n, now, action, "", instrument, "", why)
        )

    @staticmethod
    def _named(instrument: str) -> None:
        """Raises Failure for what can be no instrument."""
        if instrument and not all(instrument.partition(":")):
            raise Failure(f"instruments are named VENUE:SYMBOL; {instrument!r} is none")

    def _command(
        self,
        account: str,
        now: int,
        action: CommandAction,
        signal: str,
        instrument: str,
        strategy: str,
        why: str,
    ) -> OrderCommand:
        return OrderCommand(
            account=account,
            command_id=f"desk-{self._who}-{now}",
            ts_event=now,
            action=action,
            signal_id=signal,
            instrument=instrument,
            strategy=strategy,
            price=0,
            size=0,
            stop_price=0,
            price_scale=0,
            size_scale=0,
            who=self._who,
            reason=why,
        )

    @property
    def _accounts(self) -> dict[str, AccountConfig]:
        return self._made.configs.gate.accounts

    def _names(self, account: str) -> list[str]:
        if account == ALL:
            return list(self._accounts)
        if account not in self._accounts:
            known = ", ".join(self._accounts)
            raise Failure(f"account {account!r} is not configured; there are {known}, or {ALL}")
        return [account]

    def _send(self, account: str, make: Callable[[str, int], Any]) -> dict[str, Any]:
        names = self._names(account)
        if "orders" not in partition_counts(self._bootstrap):  # at once, not after minutes
            raise Failure(f"broker {self._bootstrap} has no topic orders: is it the right one?")
        writer, now = KafkaWriter(self._bootstrap, linger_ms=0), time.time_ns()
        for index, name in enumerate(names):
            record = make(name, now)
            cause = Cause("desk", f"desk/{self._who}", now, index)
            writer.send("orders", name, self._made.codec.encode(record), cause)
        writer.flush()
        return {"accounts": names, "sent": type(record).__name__, "who": self._who}

    def show(self, account: str) -> dict[str, Any]:
        """From the gate's last snapshot. Raises Failure while there is none."""
        found = {name: self._found(name) for name in self._names(account)}
        return {name: _facts(held) for name, held in found.items()}

    def _found(self, name: str) -> accounts.Account:
        chain = next(c for c in chains() if c.name == "gate")
        for partition in range(partition_counts(self._bootstrap).get(chain.reads, 0)):
            snapshot = load(self._bootstrap, self._made.codec, chain.state_topic, partition)
            if snapshot:
                gate = Gate(self._made.configs.gate)
                gate.restore(stages_of(snapshot.state)["gate"])
                if name in gate.accounts:
                    return gate.accounts[name]
        raise Failure(f"account {name}: the gate has saved nothing of it yet; is a worker running?")


def _facts(account: accounts.Account) -> dict[str, Any]:
    whole = account.tally(accounts.WHOLE)
    limits = {"": account.limits.account, **account.limits.scoped}
    return {
        "state": str(account.state),
        "kill_switch": "engaged" if account.killed else "released",
        "breakers": {n: str(b.state) for n, b in account.breakers.items()} or "none",
        "equity": plain(account.equity),
        "day_pnl": plain(whole.pnl - whole.day_start),
        "gross": plain(whole.gross),
        "positions": {
            name: plain(scaled(line.position, line.scale))
            for (strategy, name), line in account.lines.items()
            if strategy == accounts.WHOLE and line.position
        }
        or "none",
        "open_orders": {
            o.asked.signal_id: f"{o.status} {o.asked.side} {o.asked.instrument}"
            for o in account.orders_of()
        }
        or "none",
        "limits": {
            f"{scope}.{name}".lstrip("."): plain(value)
            for scope, inner in limits.items()
            for name, value in asdict(inner).items()
            if value is not None
        },
    }
