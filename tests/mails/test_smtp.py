"""Speaking to mail servers: encrypted, to the one that is meant, and to none in the own network that is not named."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from server.mails.mailer import message_of
from server.mails.queue import Letter
from server.mails.smtp import Server, Smtp
from server.records.ids import uuid7
from tests.support.smtp import PASSWORD, MailServer, encrypted

__all__ = ["encrypted"]


@pytest.mark.parametrize("how", ["ssl", "starttls"])
def test_the_line_is_encrypted_to_the_server_that_is_meant(
    how: str, encrypted: Callable[[str], tuple[MailServer, ssl.SSLContext]]
) -> None:
    office, trusts = encrypted(how)
    places = [(2, ("127.0.0.1", office.port))]
    server = Server("qyapi.weixin.qq.com", office.port, how, "me", PASSWORD)  # whom the certificate names
    usual: dict[str, Any] = {"resolve": lambda host, port: places, "tls": lambda: trusts, "timeout": 5}
    inside = frozenset({f"qyapi.weixin.qq.com:{office.port}"})
    letter = Letter(uuid7(), "a", server, "a@xunke.example", "", "b@shop.example", "", "题", "文")
    message = message_of(letter, [], datetime.now(UTC))
    sent = Smtp(inside, **usual).send(server, message, "a@xunke.example", ["b@shop.example"])
    assert sent.state == "sent", sent
    assert office.texts() == [("b@shop.example", "题", "文")]
    other = Server("mail.example", office.port, how, "me", PASSWORD)
    named = Smtp(frozenset({f"mail.example:{office.port}"}), **usual).send(
        other, message, "a@xunke.example", ["b@shop.example"]
    )
    assert (named.state, (named.error or "").split(":")[0]) == ("refused", "certificate")
    # Not in the list of the own network: neither its port nor its address is spoken to.
    for port, why in ((office.port, "port"), (465, "private_address")):
        asked = Server("qyapi.weixin.qq.com", port, how, "me", PASSWORD)
        assert Smtp(**usual).send(asked, message, "a@xunke.example", ["b@shop.example"]).error == why
    assert len(office.taken) == 1
