"""A ledger that says nothing any more: what is missing makes no record, so the clock must tell."""

from sinks.alerts.alert import Alert
from sinks.alerts.rules import On, Rule


class Silence:
    """``now_ns`` of the wall clock. A silence is told once by each rule, until it is broken."""

    def __init__(self, rules: tuple[Rule, ...], now_ns: int) -> None:
        self._rules = [rule for rule in rules if rule.on is On.SILENCE]
        self._heard_ns = now_ns
        self._told: list[str] = []

    def heard(self, now_ns: int) -> None:
        self._heard_ns = now_ns
        self._told.clear()

    def check(self, now_ns: int) -> list[Alert]:
        """What is to be told now."""
        made = []
        for rule in self._rules:
            if now_ns - self._heard_ns >= rule.after_ns and rule.name not in self._told:
                self._told.append(rule.name)
                made.append(self._alert(rule, now_ns))
        return made

    def _alert(self, rule: Rule, now_ns: int) -> Alert:
        seconds = rule.after_ns / 1e9
        return Alert(
            key=f"{rule.name}@{self._heard_ns}",
            group=rule.name,
            severity=rule.severity,
            title="the ledger is silent",
            text=f"nothing for {seconds:g} s: is a worker running, does the broker answer?",
            account="",
            ts_event=now_ns,
        )
