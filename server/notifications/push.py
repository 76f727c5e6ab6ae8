"""Web push: one small encrypted message to one browser, through the push service it chose (RFC 8030, 8291, 8292)."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.notifications.outgoing import AddressRefused, Answer, Outgoing, Unanswered, Unreached
from server.notifications.sending import Outcome
from server.records.errors import Rejected, error_texts
from server.records.fields import L

#: The push services of the browsers there are: Chrome and its relatives, Firefox, Safari, Edge.
PUSH_HOSTS = (
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
TTL_SECONDS = 24 * 60 * 60
MAX_BYTES = 3900
_CLAIM_SECONDS = 12 * 60 * 60
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

error_texts(
    {
        "push_refused": L(
            "浏览器给出的推送地址不能使用（{why}）",
            "瀏覽器給出的推送網址不能使用（{why}）",
            "The push address of this browser cannot be used ({why})",
        ),
        "push_keys": L("推送密钥无法识别", "推送金鑰無法識別", "The push keys could not be read"),
    }
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser gave us to reach it by. `p256dh` and `auth`: base64url."""

    endpoint: str
    p256dh: str
    auth: str

    def check(self) -> None:
        """Raises `Rejected` push_keys where nothing could be encrypted for this browser."""
        try:
            point, auth = _decode(self.p256dh), _decode(self.auth)
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError as error:
            raise Rejected("push_keys", field="keys") from error
        if len(auth) != 16:
            raise Rejected("push_keys", field="keys")


@cache
def signing_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The key this installation signs with (VAPID). It follows from the installation's secret, so it is as old and as
    well kept, is the same for all servers of a company, and needs no file of its own."""
    seed = HKDF(hashes.SHA256(), 48, salt=None, info=b"xunke web push").derive(secret)
    return ec.derive_private_key(int.from_bytes(seed, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def public_key(secret: bytes) -> str:
    """As browsers want it when they subscribe: the point, base64url."""
    point = signing_key(secret).public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )  # fmt: skip
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class PushService:
    """`hosts`: whom we push through; `contact`: where a push service finds us, `mailto:` or `https:`."""

    secret: bytes
    hosts: tuple[str, ...]
    contact: str

    def check(self, outgoing: Outgoing, subscription: Subscription) -> None:
        """Whether a subscription may be kept. Raises `Rejected` push_refused, push_keys."""
        subscription.check()
        try:
            outgoing.check(subscription.endpoint, self.hosts)
        except AddressRefused as error:
            raise Rejected("push_refused", field="endpoint", why=error.why) from error

    def send(self, outgoing: Outgoing, subscription: Subscription, topic: str, content: dict[str, Any]) -> Outcome:
        """`topic`: at most 32 letters; a message of the same topic that still waits at the push service is replaced."""
        # Takes most of a second to load, which a server without subscriptions need not wait for.
        from py_vapid import Vapid
        from pywebpush import WebPusher

        keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}
        pusher = WebPusher({"endpoint": subscription.endpoint, "keys": keys})
        body = bytes(pusher.encode(json.dumps(content, ensure_ascii=False).encode())["body"])
        if len(body) > MAX_BYTES:
            return Outcome("refused", "too_large")
        parts = urlsplit(subscription.endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + _CLAIM_SECONDS,
            "sub": self.contact,
        }
        headers = {
            **Vapid(signing_key(self.secret)).sign(claims),
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(TTL_SECONDS),
            "Urgency": "normal",
            "Topic": topic,
        }
        return post_once(lambda: outgoing.post(subscription.endpoint, headers, body, self.hosts), _judge)


def push_service(secret: bytes, more_hosts: str, contact: str) -> PushService:
    """`more_hosts`: beside those of the browsers there are, comma separated."""
    more = [host.strip().lower() for host in more_hosts.split(",")]
    return PushService(secret, (*PUSH_HOSTS, *(host for host in more if host)), contact)


def post_once(post: Callable[[], Answer], judge: Callable[[Answer], Outcome]) -> Outcome:
    """Sends, and says what became of it. An address that has become a private one is none any more."""
    try:
        return judge(post())
    except AddressRefused as error:
        return Outcome("gone", error.why)
    except Unreached as error:
        return Outcome("failed", str(error))
    except Unanswered as error:
        return Outcome("unknown", str(error))


def _judge(answer: Answer) -> Outcome:
    status = answer.status
    if status in (200, 201, 202, 204):
        return Outcome("sent")
    if status in (404, 410):
        return Outcome("gone", f"HTTP {status}")
    if status == 413:
        return Outcome("refused", "too_large")
    if status in (429, 503):
        return Outcome("limited", f"HTTP {status}", retry_after(answer))
    return Outcome("failed", f"HTTP {status}")


def retry_after(answer: Answer) -> float | None:
    """The seconds the other side asks for; a date is as good as nothing."""
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 8 else None


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
