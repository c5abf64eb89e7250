"""Receivers of alerts on loopback that answer, and misbehave, as they are told."""

import base64
import datetime
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class HttpReceiver:
    """``answers``: status, body and headers of the next requests, then 200 {}; ``delay_s`` before
    each answer, after the request was kept."""

    port: int = 0
    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    delay_s: float = 0.0

    @contextmanager
    def running(self) -> Iterator["HttpReceiver"]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers), body))
                time.sleep(receiver.delay_s)
                answers = receiver.answers
                status, answer, headers = answers.pop(0) if answers else (200, b"{}", {})
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                """A client that was killed does not wait for its answer."""

        with Server(("127.0.0.1", self.port), Handler) as server:
            self.port = server.server_port
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            yield self
            server.shutdown()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "cert.pem", folder / "key.pem"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file


@dataclass
class SmtpReceiver:
    """Enough of RFC 5321, STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954) to take a mail.
    ``says``: the answer to a command instead of its own, for as often as it is listed."""

    tls: tuple[Path, Path] | None = None
    from_the_start: bool = False
    user: str = ""
    password: str = ""
    says: dict[str, list[str]] = field(default_factory=dict)
    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator["SmtpReceiver"]:
        receiver = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, ssl.SSLError):
                    _Conversation(receiver, self.request).hold()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        with Server(("127.0.0.1", self.port), Handler) as server:
            self.port = server.server_address[1]
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            yield self
            server.shutdown()

    def secure(self, socket: Any) -> Any:
        assert self.tls
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.tls)
        return context.wrap_socket(socket, server_side=True)


class _Conversation:
    def __init__(self, receiver: SmtpReceiver, socket: Any) -> None:
        self._receiver, self._secured = receiver, receiver.from_the_start
        self._use(receiver.secure(socket) if self._secured else socket)
        self._known = not receiver.user

    def _use(self, socket: Any) -> None:
        self._socket, self._lines = socket, socket.makefile("rb")

    def _say(self, text: str) -> None:
        self._socket.sendall(text.encode() + b"\r\n")

    def hold(self) -> None:
        self._say("220 tests")
        while line := self._lines.readline():
            words = line.decode().split()
            verb = words[0].upper()
            if wanted := self._receiver.says.get(verb):
                self._say(wanted.pop(0))
            elif verb == "QUIT":
                return self._say("221 bye")
            else:
                self._answer(verb, words)
        return None

    def _answer(self, verb: str, words: list[str]) -> None:
        match verb:
            case "EHLO":
                offers = ["STARTTLS"] if self._receiver.tls and not self._secured else []
                offers += ["AUTH PLAIN"] if self._receiver.user else []
                lines = ["tests", *offers, "8BITMIME"]
                for n, offer in enumerate(lines):
                    self._say(f"250{'-' if n < len(lines) - 1 else ' '}{offer}")
            case "STARTTLS":
                self._say("220 go")
                self._use(self._receiver.secure(self._socket))
                self._secured = True
            case "AUTH":
                wanted = f"\0{self._receiver.user}\0{self._receiver.password}".encode()
                self._known = base64.b64decode(words[2]) == wanted
                self._say("235 welcome" if self._known else "535 who are you")
            case "DATA" if self._known:
                self._say("354 go on")
                mail = b"".join(iter(self._lines.readline, b".\r\n"))
                if wanted_after := self._receiver.says.get("."):
                    return self._say(wanted_after.pop(0))
                self._receiver.mails.append(mail)
                self._receiver.secured.append(self._secured)
                self._say("250 kept")
            case _:
                self._say("250 fine" if self._known or verb == "RSET" else "530 log in first")
        return None
