"""A chain at work: the operators of one topic partition, fused, with outputs in event order.

A follower folds what its upstream stage just put out, before it went through the log; the
intermediate topics are published all the same. Outputs keep the event of the *input* frame that
caused them, through every stage, so that a host can order, cut and number them.
"""

from dataclasses import dataclass
from typing import NamedTuple

from schemas.codec import Message
from streams import canonical
from streams.operator import Operator, Output, Refused
from streams.topology import Chain, OperatorConfigs, Stage


class Emitted(NamedTuple):
    """An output and the stage that made it; ``index`` numbers the stage's outputs."""

    stage: str
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    output: Output


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a follower refused: it never reaches the chain's input as a refusal, because the
    stages before it have folded it."""

    stage: str
    topic: str
    message: Message
    error: str


class ChainFold:
    """The operators of a chain for one partition."""

    def __init__(self, chain: Chain, configs: OperatorConfigs) -> None:
        self.chain = chain
        self._operators: dict[str, Operator] = {s.name: s.make(configs) for s in chain.stages}
        self._order = {stage.name: n for n, stage in enumerate(chain.stages)}
        self._next: dict[str, list[Stage]] = {}
        for stage in chain.stages:
            if stage.follows in self._order:
                self._next.setdefault(stage.follows, []).append(stage)

    def apply(self, message: Message) -> tuple[list[Emitted], list[Trouble]]:
        """Raises Refused, with nothing folded, when the first stage refuses the message."""
        root = self.chain.stages[0]
        found: list[tuple[str, Output]] = []
        troubles: list[Trouble] = []
        for output in self._operators[root.name].apply(message):
            self._collect(root, output, found, troubles)
        found.sort(key=lambda item: (item[1].event, self._order[item[0]]))
        return _numbered(found), troubles

    def _collect(
        self,
        stage: Stage,
        output: Output,
        found: list[tuple[str, Output]],
        troubles: list[Trouble],
    ) -> None:
        found.append((stage.name, output))
        for follower in self._next.get(stage.name, ()):
            if follower.reads == output.topic:
                try:
                    made = self._operators[follower.name].apply(output.message)
                except Refused as error:
                    trouble = Trouble(follower.name, output.topic, output.message, str(error))
                    troubles.append(trouble)
                    continue
                for further in made:
                    self._collect(follower, _traced(further, output), found, troubles)

    def snapshot(self) -> bytes:
        """Every operator's state, canonical."""
        return canonical.pack({n: op.snapshot().decode() for n, op in self._operators.items()})

    def restore(self, state: bytes) -> None:
        packed = stages_of(state)
        for name, operator in self._operators.items():
            operator.restore(packed[name])


def stages_of(state: bytes) -> dict[str, bytes]:
    """The state of each stage in a chain's."""
    return {name: packed.encode() for name, packed in canonical.unpack(state).items()}


def _traced(output: Output, cause: Output) -> Output:
    """A follower's output with the events of the chain's own input."""
    if cause.rows is None:
        return output._replace(event=cause.event, rows=None)
    rows = None if output.rows is None else cause.rows[output.rows]
    return output._replace(event=int(cause.rows[output.event]), rows=rows)


def _numbered(found: list[tuple[str, Output]]) -> list[Emitted]:
    counts: dict[str, int] = {}
    emitted = []
    for stage, output in found:
        index = counts.get(stage, 0)
        counts[stage] = index + 1
        emitted.append(Emitted(stage, index, output))
    return emitted
