"""Addresses of mails, and the placeholders of a text that goes to many."""

import re
from collections.abc import Mapping

from server.records.errors import Rejected, error_texts
from server.records.fields import L

#: As strict as mail servers are in practice: plain letters, one @, a domain with a dot.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
PLACEHOLDERS = ("customer", "contact", "rep")
MOST_ADDRESSES = 20

error_texts(
    {
        "mail_address": L("邮箱地址有误：{value}", "郵件地址有誤：{value}", "{value} is no e-mail address"),
        "mail_too_many": L(
            "收件人和抄送最多 {max} 个", "收件人和副本最多 {max} 個", "At most {max} recipients, copies included"
        ),
        "mail_placeholder": L(
            "不认识的占位符 {name}，可用 {known}",
            "不認識的預留位置 {name}，可用 {known}",
            "There is no placeholder {name}; there are {known}",
        ),
    }
)


def is_address(text: str) -> bool:
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def addresses(text: str | None, field: str) -> list[str]:
    """Several with semicolons between, each once. Raises `Rejected` mail_address."""
    found = [part.strip() for part in re.split(r"[;；,，\n]", text or "")]
    for one in found:
        if one and not is_address(one):
            raise Rejected("mail_address", field=field, value=one[:80])
    return list(dict.fromkeys(one for one in found if one))


def check_placeholders(text: str, field: str) -> None:
    """Raises `Rejected` mail_placeholder."""
    for name in _PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            known = "、".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise Rejected("mail_placeholder", field=field, name=f"{{{name}}}", known=known)


def filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
