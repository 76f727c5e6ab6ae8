"""The world outside, on this machine: a push service and the robots of 企业微信, 钉钉 and 飞书, each as strict as the real
one says it is. One HTTPS server with a certificate for all of their names.

outside.outgoing()        speaks to it as the server speaks to the real ones
outside.messages(host)    what arrived there and was taken
outside.fault = "down"    what it does instead: down, hang, drip, redirect, or a status like 500
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID

from server.notifications.outgoing import Outgoing

PUSH, WECOM, DINGTALK, FEISHU = (
    "fcm.googleapis.com",
    "qyapi.weixin.qq.com",
    "oapi.dingtalk.com",
    "open.feishu.cn",
)
ROBOT_KEY = "SEC-of-the-robot"


def nobody_outside() -> Outgoing:
    """Names are known, and nobody answers: for tests that only keep an address."""
    return Outgoing(resolve=lambda host: [(int(socket.AF_INET), ("192.0.2.1", 443))], allowed=lambda ip: True)


@dataclass
class Message:
    """Something that arrived and was taken. `at`: by the outside's clock, in seconds."""

    at: float
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        told = json.loads(self.body)
        return str((told.get("text") or told["content"]).get("content") or told["content"]["text"])


@dataclass
class Outside:
    port: int = 0
    certificate: bytes = b""
    clock: Callable[[], float] = time.time
    fault: str = ""
    #: Push subscriptions that are no more, by the end of their path.
    gone: set[str] = field(default_factory=set)
    asked: int = 0
    _taken: dict[str, list[Message]] = field(default_factory=dict)
    _silent_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def outgoing(self, **changed: Any) -> Outgoing:
        """Every name leads here. What is changed is as the machine has it."""
        tls = ssl.create_default_context(cadata=self.certificate.decode())
        places = [(int(socket.AF_INET), ("127.0.0.1", self.port))]
        usual: dict[str, Any] = {"resolve": lambda host: places, "allowed": lambda ip: True, "tls": lambda: tls}
        return Outgoing(**{**usual, **changed})

    def messages(self, host: str) -> list[Message]:
        return self._taken.get(host, [])

    def take(self, host: str, message: Message) -> tuple[int, dict[str, Any] | None]:
        """Status and body of the answer."""
        with self._lock:
            self.asked += 1
            if self.fault.isdigit():
                return int(self.fault), {}
            status, answer, taken = _HOSTS[host](self, message)
            if taken:
                self._taken.setdefault(host, []).append(message)
            return status, answer

    def recent(self, host: str, seconds: float) -> int:
        return sum(message.at > self.clock() - seconds for message in self.messages(host))


Taken = tuple[int, dict[str, Any] | None, bool]


def _push(outside: Outside, message: Message) -> Taken:
    if message.path.rsplit("/", 1)[-1] in outside.gone:
        return 410, None, False
    headers = message.headers
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    if scheme != "vapid" or not _signed(parts["t"], parts["k"], PUSH):
        return 403, None, False
    right = headers.get("content-encoding") == "aes128gcm" and headers.get("ttl", "").isdigit()
    if not right or len(headers.get("topic", "x")) > 32 or len(message.body) > 4096:
        return 400, None, False
    return 201, None, True


def _signed(token: str, key: str, host: str) -> bool:
    """Whether a VAPID token is signed by its key, for this push service, and still good."""
    head, claims, signature = (_decode(part) for part in token.split("."))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decode(key))
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    public.verify(encode_dss_signature(r, s), token.rsplit(".", 1)[0].encode(), ec.ECDSA(hashes.SHA256()))
    told = json.loads(claims)
    now = time.time()
    return bool(
        json.loads(head)["alg"] == "ES256"
        and told["aud"] == f"https://{host}"
        and now < told["exp"] <= now + 24 * 3600
        and told["sub"].startswith(("mailto:", "https:"))
    )


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _wecom(outside: Outside, message: Message) -> Taken:
    parts = urlsplit(message.path)
    if parts.path != "/cgi-bin/webhook/send" or parse_qs(parts.query).get("key") != ["robot"]:
        return 200, {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"}, False
    if outside.recent(WECOM, 60) >= 20:
        return 200, {"errcode": 45009, "errmsg": "api freq out of limit, hint: [1]"}, False
    if len(message.text.encode()) > 2048:
        return 200, {"errcode": 40058, "errmsg": "text.content exceed max length 2048"}, False
    return 200, {"errcode": 0, "errmsg": "ok"}, True


def _dingtalk(outside: Outside, message: Message) -> Taken:
    asked = parse_qs(urlsplit(message.path).query)
    if asked.get("access_token") != ["robot"]:
        return 200, {"errcode": 300001, "errmsg": "token is not exist"}, False
    stamp = asked.get("timestamp", ["0"])[0]
    right = hmac.digest(ROBOT_KEY.encode(), f"{stamp}\n{ROBOT_KEY}".encode(), hashlib.sha256)
    signed = asked.get("sign") == [base64.b64encode(right).decode()]
    if not signed or abs(time.time() - int(stamp) / 1000) > 3600:
        return 200, {"errcode": 310000, "errmsg": "sign not match"}, False
    if outside.recent(DINGTALK, 60) >= 20 or outside.clock() < outside._silent_until:
        outside._silent_until = outside.clock() + 600
        return 200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}, False
    return 200, {"errcode": 0, "errmsg": "ok"}, True


def _feishu(outside: Outside, message: Message) -> Taken:
    if message.path != "/open-apis/bot/v2/hook/robot":
        return 400, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}, False
    told = json.loads(message.body)
    right = hmac.digest(f"{told.get('timestamp')}\n{ROBOT_KEY}".encode(), b"", hashlib.sha256)
    stamp = told.get("timestamp", "0")
    if told.get("sign") != base64.b64encode(right).decode() or abs(time.time() - int(stamp)) > 3600:
        return 400, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}, False
    if outside.recent(FEISHU, 1) >= 5 or outside.recent(FEISHU, 60) >= 100:
        return 400, {"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]"}, False
    return 200, {"code": 0, "msg": "success", "data": {}}, True


_HOSTS: dict[str, Callable[[Outside, Message], Taken]] = {
    PUSH: _push, WECOM: _wecom, DINGTALK: _dingtalk, FEISHU: _feishu
}  # fmt: skip


def _handler(outside: Outside) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if outside.fault == "down":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                return
            if outside.fault == "hang":
                time.sleep(2)
                return
            if outside.fault == "drip":
                for _ in range(200):
                    self.wfile.write(b"x")
                    time.sleep(0.02)
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            message = Message(outside.clock(), self.path, headers, body)
            if outside.fault == "redirect":
                status, answer = 307, None
            else:
                status, answer = outside.take(headers["host"], message)
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            if outside.fault == "redirect":
                self.send_header("Location", f"https://{PUSH}/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def _certificate(folder: Path) -> Path:
    """A key and a certificate for all of the names, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "outside")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in _HOSTS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "outside.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    return file


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that cut the line are part of the tests."""


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    file = _certificate(tmp_path)
    found = Outside(certificate=file.read_bytes().split(b"-----END PRIVATE KEY-----\n")[1])
    server = _Server(("127.0.0.1", 0), _handler(found))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
