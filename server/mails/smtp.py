"""Handing a mail to an SMTP server: at the address that was checked, encrypted, within a time.

Whose server it is, is said by users, so nothing of it is believed: only the ports of mail, no address of this machine or
its network whatever the name resolves to, except for what `XUNKE_MAIL_HOSTS` names.
"""

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cache

from server.notifications.outgoing import AddressRefused, Places, Unanswered, Unreached, is_public
from server.notifications.sending import Outcome

TIMEOUT = 15.0
#: A whole mail with its attachments.
_LONGEST = 120.0
PORTS = (25, 465, 587, 994, 2525)


@dataclass(frozen=True, slots=True)
class Server:
    """Where an account sends from. Without a password it does not sign in."""

    host: str
    port: int
    security: str
    username: str
    password: str | None


def _resolve(host: str, port: int) -> Places:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, (str(place[0]), int(place[1]))) for family, _, _, _, place in found]


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Smtp:
    """`inside`: `host:port` of servers in the own network. The rest is the machine's own; tests put theirs there."""

    inside: frozenset[str] = frozenset()
    resolve: Callable[[str, int], Places] = _resolve
    allowed: Callable[[str], bool] = is_public
    tls: Callable[[], ssl.SSLContext] = field(default=_tls)
    timeout: float = TIMEOUT

    def check(self, server: Server) -> None:
        """Whether an account may be kept. A name that cannot be resolved now is looked at again when something is sent.
        Raises `AddressRefused`: private_address, port, not_encrypted."""
        with suppress(Unreached):
            self._place(server)

    def _place(self, server: Server) -> tuple[int, tuple[str, int]]:
        """Where to connect to, resolved once: what was checked is what is used."""
        own = f"{server.host}:{server.port}" in self.inside
        if not own and server.port not in PORTS:
            raise AddressRefused("port")
        if not own and server.security == "none":
            raise AddressRefused("not_encrypted")
        try:
            places = self.resolve(server.host, server.port)
        except (OSError, UnicodeError) as error:
            raise Unreached(f"{server.host}: {error}"[:200]) from error
        if not places:
            raise Unreached(f"{server.host}: no address")
        if not own and not all(self.allowed(place[0]) for _, place in places):
            raise AddressRefused("private_address")
        return places[0]

    def send(self, server: Server, message: EmailMessage | None, sender: str, recipients: list[str]) -> Outcome:
        """What became of it: sent; refused (never again), failed (later), unknown (it may be there). Without a message it
        only signs in."""
        try:
            left_out = self._send(server, message, sender, recipients)
        except AddressRefused as error:
            return Outcome("refused", error.why)
        except Unanswered as error:
            return Outcome("unknown", str(error))
        except smtplib.SMTPAuthenticationError as error:
            return Outcome("refused", f"auth: {_said(error)}")
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            text = f"recipient: {code} {_text(said)}"
            return Outcome("refused" if code >= 500 else "failed", text[:300])
        except smtplib.SMTPNotSupportedError as error:
            return Outcome("refused", f"not_supported: {error}"[:300])
        except smtplib.SMTPResponseException as error:
            return Outcome("refused" if error.smtp_code >= 500 else "failed", f"said: {_said(error)}")
        except ssl.SSLCertVerificationError as error:
            return Outcome("refused", f"certificate: {error.verify_message}"[:300])
        except (Unreached, OSError, smtplib.SMTPException) as error:
            return Outcome("failed", f"unreached: {error}"[:300])
        return Outcome("sent", f"recipient: {'; '.join(left_out)}"[:300] if left_out else None)

    def _send(self, server: Server, message: EmailMessage | None, sender: str, recipients: list[str]) -> list[str]:
        """Which of several recipients were not taken."""
        family, place = self._place(server)
        raw = socket.socket(family, socket.SOCK_STREAM)
        # A server that drips its answers byte by byte is cut off all the same.
        end = threading.Timer(_LONGEST, _cut, [raw])
        end.daemon = True
        handed = False
        refused: dict[str, tuple[int, bytes]] = {}
        try:
            raw.settimeout(self.timeout)
            end.start()
            raw.connect(place)
            line = _Line(raw, server, self.tls)
            if server.security == "starttls":
                line.starttls(context=self.tls())
            if server.password is not None:
                line.login(server.username, server.password)
            if message is not None:
                handed = True
                refused = line.send_message(message, sender, recipients)
                handed = False
            with suppress(OSError, smtplib.SMTPException):
                line.quit()  # it is taken, however the conversation ends
        except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
            if handed:
                raise Unanswered(f"{type(error).__name__}: {error}"[:200]) from error
            raise
        finally:
            end.cancel()
            raw.close()
        return [f"{address} {code} {_text(said)}" for address, (code, said) in refused.items()]


class _Line(smtplib.SMTP):
    """A conversation over a line that is open already."""

    def __init__(self, raw: socket.socket, server: Server, tls: Callable[[], ssl.SSLContext]) -> None:
        self._raw, self._server, self._tls = raw, server, tls
        super().__init__(server.host, server.port, local_hostname="[127.0.0.1]", timeout=raw.gettimeout() or TIMEOUT)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        if self._server.security == "ssl":
            return self._tls().wrap_socket(self._raw, server_hostname=self._server.host)
        return self._raw


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_text(error.smtp_error)}"[:250]


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
