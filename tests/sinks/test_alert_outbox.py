"""Nothing is lost, nothing is told twice, and a flood becomes a sentence."""

from hypothesis import given
from hypothesis import strategies as st

from sinks.alerts.alert import Alert, Message, Severity
from sinks.alerts.outbox import Outbox, Policy
from streams import canonical

SECOND = 10**9
POLICY = Policy(every_ns=300 * SECOND, first_retry_ns=SECOND, longest_retry_ns=60 * SECOND)


def alert(n: int, group: str = "g", severity: Severity = Severity.CRITICAL) -> Alert:
    return Alert(f"k{n}", group, severity, "title", f"text {n}", "a", n)


def send(outbox: Outbox, now: int) -> Message | None:
    """The next message, and the channel takes it."""
    outbox.freeze(now)
    message = outbox.next(now)
    if message:
        outbox.taken(message.key)
    return message


def restored(outbox: Outbox, policy: Policy = POLICY) -> Outbox:
    fresh = Outbox(policy)
    fresh.unpack(canonical.unpack(canonical.pack(outbox.pack())))
    assert fresh.pack() == outbox.pack()
    return fresh


def test_the_first_goes_at_once_and_those_that_follow_become_a_number() -> None:
    outbox = Outbox(POLICY)
    outbox.add(alert(1))
    first = send(outbox, 0)
    assert first is not None
    assert (first.text, first.count) == ("text 1", 1)
    for n in range(2, 14):
        outbox.add(alert(n))
    assert send(outbox, 299 * SECOND) is None
    outbox = restored(outbox)
    more = send(outbox, 300 * SECOND)
    assert more is not None
    assert (more.text, more.count) == ("12 more of these; the last: text 13", 12)
    assert len(outbox) == 0


def test_a_group_that_was_quiet_begins_anew() -> None:
    outbox = Outbox(POLICY)
    outbox.add(alert(1))
    send(outbox, 0)
    send(outbox, 400 * SECOND)
    outbox.add(alert(2))
    found = send(outbox, 401 * SECOND)
    assert found is not None
    assert found.text == "text 2"


def test_what_piles_up_before_the_first_could_go_is_told_with_it() -> None:
    outbox = Outbox(POLICY)
    for n in range(1, 4):
        outbox.add(alert(n))
    found = send(outbox, 0)
    assert found is not None
    assert found.text == "text 1\n2 more of these; the last: text 3"


def test_a_message_that_was_frozen_does_not_change_while_it_waits() -> None:
    outbox = Outbox(POLICY)
    outbox.add(alert(1))
    assert outbox.freeze(0)
    before = outbox.next(0)
    outbox.add(alert(2))
    outbox = restored(outbox)
    assert not outbox.freeze(0)
    assert outbox.next(0) == before
    assert len(outbox) == 2


def test_a_message_that_is_refused_lets_others_go_first_and_comes_again_later() -> None:
    outbox = Outbox(POLICY)
    outbox.add(alert(1, "bad"))
    outbox.freeze(0)
    bad = outbox.next(0)
    assert bad is not None
    outbox.refused(bad.key, 0)
    outbox.add(alert(2, "good"))
    good = send(outbox, 0)
    assert good is not None
    assert good.text == "text 2"
    assert outbox.next(SECOND - 1) is None
    assert outbox.next(SECOND) == bad
    outbox.refused(bad.key, SECOND)
    assert outbox.next(3 * SECOND - 1) is None
    assert outbox.next(3 * SECOND) == bad


def test_what_matters_less_than_the_channel_wants_is_not_kept() -> None:
    outbox = Outbox(POLICY)
    outbox.add(alert(1, severity=Severity.INFO))
    assert len(outbox) == 0
    assert send(outbox, 0) is None


def test_retries_double_up_to_the_longest() -> None:
    assert [POLICY.delay_ns(n) // SECOND for n in (1, 2, 3, 7, 500)] == [1, 2, 4, 60, 60]


def test_a_clock_that_was_set_back_holds_up_nothing() -> None:
    outbox = Outbox(POLICY)
    outbox.add(alert(1))
    send(outbox, 10**6 * SECOND)
    outbox.add(alert(2))
    assert send(outbox, SECOND) is not None


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.sampled_from("abc")),
            st.tuples(st.just("wait"), st.integers(0, 400)),
            st.tuples(st.sampled_from(["take", "refuse", "lose", "restart"]), st.none()),
        ),
        max_size=60,
    )
)
def test_whatever_happens_every_alert_is_in_exactly_one_message_that_was_taken(
    steps: list[tuple[str, object]],
) -> None:
    outbox, now, added = Outbox(POLICY), 0, 0
    taken: dict[str, Message] = {}

    def attempt(outcome: str) -> bool:
        outbox.freeze(now)
        message = outbox.next(now)
        if message is None:
            return False
        assert taken.get(message.key, message) == message
        if outcome in ("take", "lose"):  # lose: taken, but we did not hear of it
            taken[message.key] = message
        if outcome == "take":
            outbox.taken(message.key)
        elif outcome == "refuse":
            outbox.refused(message.key, now)
        return True

    for what, value in steps:
        if what == "add":
            added += 1
            outbox.add(alert(added, str(value)))
        elif what == "wait":
            now += int(str(value)) * SECOND
        elif what == "restart":
            outbox = restored(outbox)
        else:
            attempt(what)
    while len(outbox):
        now += 300 * SECOND
        while attempt("take"):
            pass
    assert sum(message.count for message in taken.values()) == added
