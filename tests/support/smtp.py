"""A mail server on this machine: takes mails, signs people in, refuses what it is told to refuse. Plain, STARTTLS or TLS."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from server.mails.smtp import Smtp
from tests.support.outside import _certificate

PASSWORD = "sesame-42"


@dataclass
class MailServer:
    """`refuse`: an answer to every mail, e.g. "451 later"; to a recipient by its address in `unknown`."""

    host: str = "127.0.0.1"
    port: int = 0
    refuse: str = ""
    unknown: set[str] = field(default_factory=set)
    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.refuse:
            return self.refuse
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.envelopes.append(envelope)
        return "250 taken"

    def sign_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False)

    @property
    def inside(self) -> frozenset[str]:
        return frozenset({f"{self.host}:{self.port}"})

    def smtp(self) -> Smtp:
        return Smtp(self.inside, timeout=5)

    def texts(self) -> list[tuple[str, str, str]]:
        """(to, subject, body) of what was taken."""
        return [
            (one["To"], one["Subject"], one.get_content().strip()) for one in self.taken if not one.is_multipart()
        ]


def mail_server(tls: ssl.SSLContext | None = None, *, starttls: bool = False) -> tuple[MailServer, Controller]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found = MailServer(port=probe.getsockname()[1])
    how: dict[str, Any] = {"tls_context": tls} if starttls else {} if tls is None else {"ssl_context": tls}
    controller = Controller(
        found,
        hostname="127.0.0.1",
        port=found.port,
        authenticator=found.sign_in,
        auth_required=True,
        auth_require_tls=starttls,
        require_starttls=starttls,
        **how,
    )
    controller.start()
    return found, controller


@pytest.fixture
def post_office() -> Iterator[MailServer]:
    found, controller = mail_server()
    try:
        yield found
    finally:
        controller.stop()


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[Callable[[str], tuple[MailServer, ssl.SSLContext]]]:
    """`encrypted("ssl")`, `encrypted("starttls")`: a server, and what trusts its certificate."""
    file = _certificate(tmp_path)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(file)
    certificate = file.read_text().split("-----END PRIVATE KEY-----\n")[1]
    running: list[Controller] = []

    def start(how: str) -> tuple[MailServer, ssl.SSLContext]:
        found, controller = mail_server(theirs, starttls=how == "starttls")
        running.append(controller)
        return found, ssl.create_default_context(cadata=certificate)

    yield start
    for one in running:
        one.stop()
