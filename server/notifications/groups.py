"""The group robots of 企业微信, 钉钉 and 飞书: how each wants to be spoken to, and what its answers mean.

Sources: developer.work.weixin.qq.com/document/path/91770 (20 messages a minute, texts of 2,048 bytes, errcode 45009 when
it was too fast); open.dingtalk.com "自定义机器人接入" (20 a minute, then ten minutes of silence, errcode 130101; sign: HMAC
of "<ms>\\n<key>" by the key); open.feishu.cn "自定义机器人使用指南" (100 a minute and 5 a second, code 11232; sign: HMAC of
nothing by "<s>\\n<key>").
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from server.notifications.outgoing import AddressRefused, Answer, Outgoing
from server.notifications.push import post_once, retry_after
from server.notifications.sending import Outcome
from server.records.errors import Rejected, error_texts
from server.records.fields import L

error_texts(
    {
        "webhook_refused": L(
            "这不是{provider}机器人的地址（{why}）",
            "這不是{provider}機器人的網址（{why}）",
            "This is no address of a {provider} robot ({why})",
        ),
        "webhook_busy": L(
            "刚刚发过太多消息，请 {seconds} 秒后再试",
            "剛剛發過太多訊息，請 {seconds} 秒後再試",
            "Too many messages just now; try again in {seconds} s",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Hook:
    """One robot: its address with the token, and the key it checks signatures by."""

    provider: str
    url: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Provider:
    """`limits`: (messages, seconds). `max_bytes` of a text. `pause`: seconds of silence after "too fast"."""

    hosts: tuple[str, ...]
    path: str
    limits: tuple[tuple[int, float], ...]
    max_bytes: int
    pause: float
    request: Callable[[Hook, str, float], tuple[str, dict[str, Any]]]
    code: Callable[[Mapping[str, Any]], int | None]
    too_fast: Callable[[int, str], bool]


def _text(text: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}}


def _wecom(hook: Hook, text: str, now: float) -> tuple[str, dict[str, Any]]:
    return hook.url, _text(text)


def _dingtalk(hook: Hook, text: str, now: float) -> tuple[str, dict[str, Any]]:
    if not hook.key:
        return hook.url, _text(text)
    stamp = str(int(now * 1000))
    signed = _hmac(hook.key, f"{stamp}\n{hook.key}")
    return f"{hook.url}&timestamp={stamp}&sign={quote(signed, safe='')}", _text(text)


def _feishu(hook: Hook, text: str, now: float) -> tuple[str, dict[str, Any]]:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if hook.key:
        stamp = str(int(now))
        body |= {"timestamp": stamp, "sign": _hmac(f"{stamp}\n{hook.key}", "")}
    return hook.url, body


def _hmac(key: str, message: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), hashlib.sha256)).decode()


def _errcode(answer: Mapping[str, Any]) -> int | None:
    code = answer.get("errcode")
    return code if isinstance(code, int) else None


def _code(answer: Mapping[str, Any]) -> int | None:
    code = answer.get("code", answer.get("StatusCode"))
    return code if isinstance(code, int) else None


PROVIDERS: dict[str, Provider] = {
    "wecom": Provider(
        ("qyapi.weixin.qq.com",), "/cgi-bin/webhook/send", ((20, 60.0),), 2048, 60.0,
        _wecom, _errcode, lambda code, message: code in (45009, 45033),
    ),
    "dingtalk": Provider(
        ("oapi.dingtalk.com",), "/robot/send", ((20, 60.0),), 18_000, 600.0,
        _dingtalk, _errcode, lambda code, message: code in (130101, 130102, 410100, 90018),
    ),
    "feishu": Provider(
        ("open.feishu.cn", "open.larksuite.com"), "/open-apis/bot/v2/hook/", ((100, 60.0), (5, 1.0)), 18_000, 60.0,
        _feishu, _code, lambda code, message: code == 11232 or "too many" in message.lower(),
    ),
}  # fmt: skip


def check_hook(outgoing: Outgoing, hook: Hook, label: str) -> None:
    """Whether this is the address of such a robot. Raises `Rejected` webhook_refused."""
    provider = PROVIDERS[hook.provider]
    try:
        outgoing.check(hook.url, provider.hosts)
    except AddressRefused as error:
        raise Rejected("webhook_refused", field="url", provider=label, why=error.why) from error
    parts = urlsplit(hook.url)
    token = parts.path.removeprefix(provider.path) if provider.path.endswith("/") else parts.query
    if not parts.path.startswith(provider.path) or not token or parts.fragment:
        raise Rejected("webhook_refused", field="url", provider=label, why="unknown_path")


def hint_of(url: str) -> str:
    """What one recognises an address by: the host and the end of the token."""
    return f"{urlsplit(url).hostname} …{url[-4:]}"


def send(outgoing: Outgoing, hook: Hook, text: str) -> Outcome:
    """One message to one group. A group may see a message twice rather than never: one without an answer has failed."""
    provider = PROVIDERS[hook.provider]
    url, body = provider.request(hook, text, time.time())
    content = json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    outcome = post_once(
        lambda: outgoing.post(url, headers, content, provider.hosts), lambda answer: _judge(provider, answer)
    )
    return Outcome("failed", outcome.error) if outcome.state in ("unknown", "gone") else outcome


def _judge(provider: Provider, answer: Answer) -> Outcome:
    """All three say what is wrong in the body, mostly with status 200."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        told = {}
    code, message = provider.code(told), str(told.get("errmsg") or told.get("msg") or "")
    if answer.status == 429 or (code is not None and provider.too_fast(code, message)):
        return Outcome("limited", f"{code or answer.status} {message}"[:200], retry_after(answer) or provider.pause)
    if answer.status == 200 and code == 0:
        return Outcome("sent")
    return Outcome("failed", f"{code if code is not None else f'HTTP {answer.status}'} {message}".strip()[:200])
