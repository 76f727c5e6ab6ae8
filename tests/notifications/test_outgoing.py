"""Where the server speaks to: only known hosts outside of its own network, whatever a name resolves to."""

from __future__ import annotations

import socket
import time

import pytest

from server.notifications.outgoing import (
    AddressRefused,
    Outgoing,
    Unanswered,
    Unreached,
    check_address,
    is_public,
)
from tests.support.outside import PUSH, Outside

HOSTS = (PUSH, "*.push.apple.com")
URL = f"https://{PUSH}/fcm/send/abc"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"http://{PUSH}/x", "not_https"),
        (f"https://{PUSH}:8443/x", "not_https"),
        (f"https://me@{PUSH}/x", "not_https"),
        (f"https://{PUSH}@127.0.0.1/x", "not_https"),
        (f"https://{PUSH}/x y", "not_https"),
        (f"https://{PUSH}/x\r\nHost: other", "not_https"),
        (f"https://{PUSH}:99999/x", "not_https"),
        ("https://[::1/x", "not_https"),
        ("ftp://x", "not_https"),
        ("", "not_https"),
        ("https://127.0.0.1/x", "unknown_host"),
        ("https://[::1]/x", "unknown_host"),
        ("https://2130706433/x", "unknown_host"),
        ("https://localhost/x", "unknown_host"),
        (f"https://evil-{PUSH}/x", "unknown_host"),
        (f"https://{PUSH}.evil.example/x", "unknown_host"),
        ("https://push.apple.com.evil.example/x", "unknown_host"),
        ("https://evilpush.apple.com/x", "unknown_host"),
    ],
)
def test_addresses_that_are_not_spoken_to(url: str, why: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        check_address(url, HOSTS)
    assert refused.value.why == why


def test_known_hosts_are_spoken_to() -> None:
    assert check_address(URL, HOSTS) == PUSH
    assert check_address("https://WEB.push.apple.com/x", HOSTS) == "web.push.apple.com"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "nonsense",
    ],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


def test_public_addresses() -> None:
    assert all(is_public(address) for address in ("142.250.1.1", "2607:f8b0::1", "::ffff:142.250.1.1"))


def test_a_known_name_that_leads_to_this_machine_is_not_followed(outside: Outside) -> None:
    to_us = Outgoing(resolve=lambda host: [(int(socket.AF_INET), ("127.0.0.1", outside.port))])
    with pytest.raises(AddressRefused) as refused:
        to_us.check(URL, HOSTS)
    assert refused.value.why == "private_address"
    with pytest.raises(AddressRefused):
        to_us.post(URL, {}, b"x", HOSTS)
    assert outside.asked == 0


def test_one_private_address_among_public_ones_refuses_all(outside: Outside) -> None:
    both = [(int(socket.AF_INET), (ip, 443)) for ip in ("142.250.1.1", "10.0.0.1")]
    with pytest.raises(AddressRefused):
        Outgoing(resolve=lambda host: both).check(URL, HOSTS)


def test_a_name_is_resolved_once_so_that_what_was_checked_is_what_is_used(outside: Outside) -> None:
    asked: list[str] = []

    def resolve(host: str) -> list[tuple[int, tuple[str, int]]]:
        asked.append(host)
        return [(int(socket.AF_INET), ("127.0.0.1", outside.port))]

    outside.fault = "500"
    assert outside.outgoing(resolve=resolve).post(URL, {}, b"x", HOSTS).status == 500
    assert asked == [PUSH]


def test_the_certificate_must_be_the_hosts(outside: Outside) -> None:
    with pytest.raises(Unreached):
        outside.outgoing().post("https://web.push.apple.com/x", {}, b"x", HOSTS)
    with pytest.raises(Unreached):
        Outgoing(outside.outgoing().resolve, lambda ip: True).post(URL, {}, b"x", HOSTS)
    assert outside.asked == 0


def test_redirects_are_not_followed(outside: Outside) -> None:
    outside.fault = "redirect"
    assert outside.outgoing().post(URL, {}, b"x", HOSTS).status == 307
    assert outside.messages(PUSH) == []


def test_who_does_not_answer_is_waited_for_no_longer_than_said(outside: Outside) -> None:
    for fault in ("hang", "drip", "down"):
        outside.fault = fault
        begun = time.monotonic()
        with pytest.raises(Unanswered):
            outside.outgoing(timeout=0.4).post(URL, {}, b"x", HOSTS)
        assert time.monotonic() - begun < 1.5


def test_nobody_there_is_told_apart_from_no_answer(outside: Outside) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = [(int(socket.AF_INET), ("127.0.0.1", int(unused.getsockname()[1])))]
        with pytest.raises(Unreached):
            outside.outgoing(resolve=lambda host: nowhere).post(URL, {}, b"x", HOSTS)

    def unknown(host: str) -> list[tuple[int, tuple[str, int]]]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unreached):
        outside.outgoing(resolve=unknown).post(URL, {}, b"x", HOSTS)
    outside.outgoing(resolve=unknown).check(URL, HOSTS)  # kept: it is looked at again when something is sent
