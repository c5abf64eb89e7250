"""Each channel against a local server that takes, refuses, asks to wait, or is not there."""

import email
import json
import logging
import time
from contextlib import nullcontext
from dataclasses import replace
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from config.alerts import Alerts, MailServer, TelegramChat, WebhookReceiver
from config.errors import ConfigError
from config.period import Period
from config.secrets import load_secret
from console.commands.alerts import _quiet, channels_of
from console.processes import free_port
from sinks.alerts.alert import Message, Severity
from sinks.alerts.channel import Failed, Unacceptable
from sinks.alerts.courier import Courier
from sinks.alerts.mail import Mail, Security
from sinks.alerts.outbox import Policy
from sinks.alerts.telegram import LONGEST, Telegram, text_of
from sinks.alerts.webhook import KEY, SIGNATURE, Webhook, verifies
from tests.sinks.receivers import HttpReceiver, SmtpReceiver, certificate

MESSAGE = Message("0123abcd4567", Severity.CRITICAL, "a: halted", "why", "a", 1767225600 * 10**9, 3)
POLICY = Policy(first_retry_ns=10**9)
TOKEN = "123:very-secret"


def telegram(receiver: HttpReceiver) -> Telegram:
    return Telegram("desk", POLICY, "-100", TOKEN, receiver.url)


def webhook(receiver: HttpReceiver) -> Webhook:
    return Webhook("pager", POLICY, f"{receiver.url}/in", "secret")


def mail(receiver: SmtpReceiver, **change: Any) -> Mail:
    values = {"security": Security.NONE, "to": ("x@y.z",), **change}
    return Mail("risk", POLICY, "127.0.0.1", receiver.port, "me@y.z", **values)


def test_telegram_gets_the_chat_and_the_text_at_the_address_of_the_token() -> None:
    with HttpReceiver().running() as receiver:
        telegram(receiver).send(MESSAGE)
    ((path, _, body),) = receiver.requests
    assert path == f"/bot{TOKEN}/sendMessage"
    assert json.loads(body) == {
        "chat_id": "-100",
        "text": "🚨 a: halted\nwhy\n2026-01-01 00:00:00 UTC, 0123abcd",
        "disable_notification": False,
    }


@pytest.mark.parametrize("letter", ["x", "🚨"])
def test_a_long_text_is_cut_to_what_telegram_takes(letter: str) -> None:
    text = text_of(replace(MESSAGE, text=letter * 5000))
    length = len(text.encode("utf-16-le")) // 2
    assert LONGEST - 2 <= length <= LONGEST
    assert text.endswith("0123abcd")


def test_telegram_says_how_long_to_wait() -> None:
    busy = b'{"ok":false,"error_code":429,"description":"Too Many","parameters":{"retry_after":7}}'
    with (
        HttpReceiver(answers=[(429, busy, {})]).running() as receiver,
        pytest.raises(Failed, match="Telegram answers 429 Too Many") as caught,
    ):
        telegram(receiver).send(MESSAGE)
    assert caught.value.retry_after_s == 7
    assert not isinstance(caught.value, Unacceptable)


def test_telegram_refuses_a_message_but_not_for_the_channels_fault() -> None:
    with (
        HttpReceiver(answers=[(400, b'{"description":"chat not found"}', {})]).running() as to,
        pytest.raises(Unacceptable, match="chat not found"),
    ):
        telegram(to).send(MESSAGE)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"parameters": 3}'])
def test_an_answer_that_is_no_telegrams_is_a_failure_like_any_other(body: bytes) -> None:
    with (
        HttpReceiver(answers=[(502, body, {})]).running() as receiver,
        pytest.raises(Failed, match="502"),
    ):
        telegram(receiver).send(MESSAGE)


def test_a_webhook_is_signed_so_that_its_receiver_can_tell() -> None:
    with HttpReceiver().running() as receiver:
        webhook(receiver).send(MESSAGE)
    ((path, headers, body),) = receiver.requests
    assert path == "/in"
    assert headers[KEY] == MESSAGE.key
    said = json.loads(body)
    assert (said["severity"], said["count"], said["key"]) == ("critical", 3, MESSAGE.key)
    now = time.time()
    assert verifies(body, headers[SIGNATURE], "secret", now)
    assert not verifies(body + b" ", headers[SIGNATURE], "secret", now)
    assert not verifies(body, headers[SIGNATURE], "another", now)
    assert not verifies(body, headers[SIGNATURE], "secret", now + 3600)
    assert not verifies(body, "t=1,v1=", "secret", 1)
    assert not verifies(body, "nonsense", "secret", now)


@pytest.mark.parametrize(
    ("status", "headers", "kind", "wait"),
    [
        (429, {"Retry-After": "30"}, Failed, 30),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, Failed, 0),
        (500, {}, Failed, 0),
        (401, {}, Failed, 0),
        (301, {"Location": "http://elsewhere/"}, Failed, 0),
        (422, {}, Unacceptable, 0),
    ],
)
def test_what_a_webhook_answers_decides_what_waits(
    status: int, headers: dict[str, str], kind: type[Failed], wait: float
) -> None:
    with (
        HttpReceiver(answers=[(status, b"", headers)]).running() as receiver,
        pytest.raises(Failed) as caught,
    ):
        webhook(receiver).send(MESSAGE)
    assert type(caught.value) is kind
    assert caught.value.retry_after_s == wait
    assert len(receiver.requests) == 1


def test_no_secret_is_in_an_error_a_repr_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    _quiet()
    caplog.set_level(logging.DEBUG)
    with HttpReceiver(answers=[(500, b"", {})]).running() as receiver:
        channels = (telegram(receiver), webhook(receiver))
        texts = [repr(channel) for channel in channels]
        for channel in channels:
            with pytest.raises(Failed) if channel is channels[0] else nullcontext():
                channel.send(MESSAGE)
    for channel in channels:
        with pytest.raises(Failed) as caught:
            channel.send(MESSAGE)  # nobody listens there any more
        assert caught.value.__cause__ is None
        texts.append(str(caught.value))
    texts += [caplog.text, repr(mail(SmtpReceiver(), user="u", password="hush"))]
    for secret in (TOKEN, "secret", "hush"):
        assert secret not in "\n".join(texts)


def test_a_mail_says_it_all_and_its_id_is_the_messages_key() -> None:
    with SmtpReceiver().running() as receiver:
        mail(receiver, to=("x@y.z", "w@y.z")).send(MESSAGE)
    (raw,) = receiver.mails
    found = email.message_from_bytes(raw, policy=default)
    assert found["Subject"] == "[critical] a: halted"
    assert found["Message-ID"] == "<0123abcd4567@tickstream>"
    assert found["To"] == "x@y.z, w@y.z"
    assert found["Date"].datetime.timestamp() == 1767225600
    assert "why" in found.get_content()


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_mail_goes_over_tls_with_user_and_password(security: Security, tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    receiver = SmtpReceiver(tls, security is Security.TLS, "me", "hush")
    with receiver.running():
        found = mail(receiver, security=security, user="me", password="hush", ca=str(tls[0]))
        found.send(MESSAGE)
        with pytest.raises(Failed, match="user and password"):
            mail(receiver, security=security, user="me", password="no", ca=str(tls[0])).send(
                MESSAGE
            )
    assert receiver.secured == [True]


def test_a_server_whose_certificate_nobody_trusts_gets_nothing(tmp_path: Path) -> None:
    with (
        SmtpReceiver(certificate(tmp_path)).running() as receiver,
        pytest.raises(Failed, match="SSL"),
    ):
        mail(receiver, security=Security.STARTTLS).send(MESSAGE)
    assert receiver.mails == []


def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for() -> None:
    with SmtpReceiver().running() as receiver, pytest.raises(Failed, match="no delivery"):
        mail(receiver, security=Security.STARTTLS).send(MESSAGE)
    assert receiver.mails == []


@pytest.mark.parametrize(
    ("verb", "answer", "kind"),
    [
        ("RCPT", "550 unknown", Unacceptable),
        ("RCPT", "450 later", Failed),
        (".", "554 spam", Unacceptable),
        (".", "451 later", Failed),
        ("MAIL", "421 busy", Failed),
    ],
)
def test_5xx_is_for_good_and_4xx_for_now(verb: str, answer: str, kind: type[Failed]) -> None:
    with SmtpReceiver(says={verb: [answer]}).running() as receiver:
        with pytest.raises(Failed) as caught:
            mail(receiver).send(MESSAGE)
        assert type(caught.value) is kind
        mail(receiver).send(MESSAGE)
    assert len(receiver.mails) == 1


def test_a_mail_that_one_of_two_recipients_gets_is_delivered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with SmtpReceiver(says={"RCPT": ["550 unknown"]}).running() as receiver:
        mail(receiver, to=("gone@y.z", "x@y.z")).send(MESSAGE)
    assert len(receiver.mails) == 1
    assert "gone@y.z is refused" in caplog.text


def test_a_bad_good_bye_does_not_undo_a_delivery() -> None:
    with SmtpReceiver(says={"QUIT": ["500 what"]}).running() as receiver:
        mail(receiver).send(MESSAGE)
    assert len(receiver.mails) == 1


def test_a_server_that_is_not_there_is_named_without_its_address() -> None:
    with pytest.raises(Failed, match="ConnectionRefusedError"):
        mail(SmtpReceiver(port=free_port())).send(MESSAGE)


class Slow:
    """A channel that fails as it is told."""

    def __init__(self, *failures: Failed | None, per_minute: int = 20) -> None:
        self.name, self.policy = "slow", Policy(first_retry_ns=10**9, per_minute=per_minute)
        self._failures = list(failures)

    def send(self, _: Message) -> None:
        if self._failures and (failure := self._failures.pop(0)):
            raise failure


def delivered(courier: Courier, now_s: float) -> Any:
    courier.send(("ledger", 0), MESSAGE, int(now_s * 1e9))
    while (done := courier.done(int(now_s * 1e9))) is None:
        time.sleep(0.001)
    return done


def test_a_courier_waits_longer_each_time_and_as_long_as_it_is_asked() -> None:
    courier = Courier(Slow(Failed("a"), Failed("b"), Failed("c", 90), Unacceptable("d")))
    for now_s, wait_s in ((0, 1), (10, 2), (20, 90)):
        done = delivered(courier, now_s)
        assert str(done.failure) == courier.failing != ""
        assert not courier.ready(int((now_s + wait_s) * 1e9) - 1)
        assert courier.ready(int((now_s + wait_s) * 1e9))
    assert delivered(courier, 200).unacceptable
    assert courier.ready(200 * 10**9)
    assert delivered(courier, 201).failure is None
    assert courier.failing == ""


def test_a_courier_keeps_to_its_messages_a_minute() -> None:
    courier = Courier(Slow(per_minute=2))
    for now_s in (0, 1):
        delivered(courier, now_s)
    assert not courier.ready(int(59.9 * 1e9))
    assert courier.ready(60 * 10**9)


def test_what_nobody_foresaw_in_a_channel_is_not_swallowed() -> None:
    class Broken(Slow):
        def send(self, _: Message) -> None:
            raise KeyError("a bug")

    with pytest.raises(KeyError):
        delivered(Courier(Broken()), 0)


def test_channels_are_made_of_the_settings_and_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "smtp"
    file.write_text("hush\n")
    file.chmod(0o600)
    alerts = Alerts(
        look_back=Period(0),
        rules={},
        telegram={"desk": TelegramChat(chat="1", severity="info")},
        webhook={"pager": WebhookReceiver(url="http://h/")},
        email={"risk": MailServer(host="h", sender="me", to=("you",), user="u")},
    )
    environment = {
        "TICKSTREAM_TELEGRAM_TOKEN": TOKEN,
        "TICKSTREAM_WEBHOOK_SECRET": "secret",
        "TICKSTREAM_SMTP_PASSWORD_FILE": str(file),
    }
    desk, pager, risk = channels_of(alerts, environment)
    assert isinstance(desk, Telegram)
    assert isinstance(pager, Webhook)
    assert isinstance(risk, Mail)
    assert (desk.token, pager.secret, risk.password) == (TOKEN, "secret", "hush")
    assert (desk.policy.severity, risk.port) == (Severity.INFO, 587)


def test_a_secret_that_is_missing_or_open_to_others_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"set \$TOKEN, or \$TOKEN_FILE"):
        load_secret("TOKEN", {"TOKEN": " "})
    file = tmp_path / "token"
    file.write_text("x")
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_secret("TOKEN", {"TOKEN_FILE": str(file)})
    file.chmod(0o600)
    found = load_secret("TOKEN", {"TOKEN_FILE": str(file)})
    assert (found.value, "x" in repr(found).replace("TOKEN", "")) == ("x", False)
    file.write_text("")
    with pytest.raises(ConfigError, match="is empty"):
        load_secret("TOKEN", {"TOKEN_FILE": str(file)})
    with pytest.raises(ConfigError, match="cannot be read"):
        load_secret("TOKEN", {"TOKEN_FILE": str(tmp_path / "none")})
