"""E-mail by SMTP (RFC 5321), over TLS from the start or from STARTTLS on."""

import contextlib
import logging
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum

from sinks.alerts.alert import Message
from sinks.alerts.channel import TIMEOUT_S, Failed, Unacceptable
from sinks.alerts.outbox import Policy


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Mail:
    """``user`` empty: no log-in. ``ca``: a file with the certificates to trust, the system's when
    empty."""

    name: str
    policy: Policy
    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""

    def send(self, message: Message) -> None:
        """A server that takes the message for one recipient has taken it; those it refuses are
        named in the log."""
        try:
            refused = self._deliver(mail_of(message, self.sender, self.to))
        except smtplib.SMTPAuthenticationError as error:
            raise Failed(f"the server refuses user and password ({error.smtp_code})") from None
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused("recipients", max(c for c, _ in error.recipients.values())) from None
        except smtplib.SMTPResponseException as error:
            raise _refused("message", error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Failed(f"no delivery: {type(error).__name__}") from None
        for address in refused:
            logging.getLogger(__name__).warning("%s: recipient %s is refused", self.name, address)

    def _deliver(self, mail: EmailMessage) -> dict[str, tuple[int, bytes]]:
        """What comes after the message was taken cannot undo that."""
        smtp = self._connected()
        try:
            if self.user:
                smtp.login(self.user, self.password)
            return smtp.send_message(mail, self.sender, list(self.to))
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self.ca or None)
        if self.security is Security.TLS:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        smtp = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            if self.security is Security.STARTTLS:
                smtp.starttls(context=context)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _refused(what: str, code: int) -> Failed:
    """5xx is for good, 4xx for now (RFC 5321, 4.2.1)."""
    why = f"the server refuses the {what} ({code})"
    return Unacceptable(why) if code >= 500 else Failed(why)


def mail_of(message: Message, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """Its Message-ID is the message's key: a mail program shows what comes twice once."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Subject"] = " ".join(f"[{message.severity.word}] {message.title}".split())
    mail["Message-ID"] = f"<{message.key}@tickstream>"
    if message.ts_event:
        mail["Date"] = format_datetime(datetime.fromtimestamp(message.ts_event // 10**9, UTC))
    mail.set_content(f"{message.text}\n\n{message.account} {message.key}\n")
    return mail
