"""Speaking to the outside: one POST over HTTPS to a host that is on a list, at the address that was checked.

Where a message goes is said by browsers and administrators, so nothing of it is believed: only hosts of the list, only
https on its own port, no address of this machine or its network whatever the name resolves to, no redirects, no more
than ten seconds and 64 KB.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

TIMEOUT = 10.0
_MAX_ANSWER = 64 * 1024

#: (address family, socket address) of each place a host name stands for.
Places = list[tuple[int, tuple[str, int]]]


class AddressRefused(Exception):
    """Not a place that we speak to; why: not_https, unknown_host or private_address."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Unreached(Exception):
    """Nothing has arrived there."""


class Unanswered(Exception):
    """It was sent, but whether it was taken is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def check_address(url: str, hosts: Iterable[str]) -> str:
    """The host of an address that may be spoken to by name. `hosts`: names, or `*.domain`. Raises `AddressRefused`."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise AddressRefused("not_https") from None
    if parts.scheme != "https" or port not in (None, 443) or "@" in parts.netloc or not url.isascii():
        raise AddressRefused("not_https")
    if any(c.isspace() or ord(c) < 33 for c in url):
        raise AddressRefused("not_https")
    if not any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in hosts):
        raise AddressRefused("unknown_host")
    return host


def is_public(address: str) -> bool:
    """Whether an address lies outside of this machine and every private network, also as IPv6 writes IPv4."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None and (ip.ipv4_mapped or not is_public(str(inner))):
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _resolve(host: str) -> Places:
    found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [(family, (str(place[0]), int(place[1]))) for family, _, _, _, place in found]


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`resolve`, `allowed` and `tls` are the machine's own; tests put a server of their own there."""

    resolve: Callable[[str], Places] = _resolve
    allowed: Callable[[str], bool] = is_public
    tls: Callable[[], ssl.SSLContext] = field(default=_tls)
    timeout: float = TIMEOUT

    def check(self, url: str, hosts: Iterable[str]) -> None:
        """Whether an address may be kept: its host is on the list and lies outside. A name that cannot be resolved now
        is looked at again when something is sent. Raises `AddressRefused`."""
        with suppress(Unreached):
            self._place(check_address(url, hosts))

    def post(self, url: str, headers: Mapping[str, str], body: bytes, hosts: Iterable[str]) -> Answer:
        """Raises `AddressRefused`, `Unreached` or `Unanswered`."""
        host = check_address(url, hosts)
        family, place = self._place(host)
        connection = http.client.HTTPSConnection(host, timeout=self.timeout)
        raw = socket.socket(family, socket.SOCK_STREAM)
        line = [raw]
        # A server that drips its answer byte by byte is cut off all the same.
        end = threading.Timer(self.timeout, _cut, [line])
        end.daemon = True
        try:
            raw.settimeout(self.timeout)
            end.start()
            try:
                raw.connect(place)
                tls = self.tls().wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
                line[0] = connection.sock = tls
                tls.do_handshake()
                parts = urlsplit(url)
                target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
                connection.request("POST", target, body, {**headers, "Connection": "close"})
            except (OSError, http.client.HTTPException) as error:
                raise Unreached(f"{type(error).__name__}: {error}"[:200]) from error
            try:
                response = connection.getresponse()
                content = response.read(_MAX_ANSWER)
            except (OSError, http.client.HTTPException) as error:
                raise Unanswered(f"{type(error).__name__}: {error}"[:200]) from error
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, content)
        finally:
            end.cancel()
            connection.close()
            line[0].close()

    def _place(self, host: str) -> tuple[int, tuple[str, int]]:
        """Where to connect to, resolved once: what was checked is what is used. One private address refuses them all."""
        try:
            places = self.resolve(host)
        except OSError as error:
            raise Unreached(f"{host}: {error}"[:200]) from error
        if not places:
            raise Unreached(f"{host}: no address")
        if not all(self.allowed(place[0]) for _, place in places):
            raise AddressRefused("private_address")
        return places[0]


def _cut(line: list[socket.socket]) -> None:
    with suppress(OSError):
        # Without the manners of TLS, which another thread is in the middle of.
        socket.socket.shutdown(line[0], socket.SHUT_RDWR)
