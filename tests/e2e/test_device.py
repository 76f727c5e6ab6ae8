"""The stage itself: what the end-to-end stories rely on is true of the browser they run in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.e2e.device import DESK, PHONE, QINGDAO, Device, Place
from tests.support.chromium import Chromium

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>巡客</title><main><h1>今日拜访</h1></main>
<script>navigator.serviceWorker.register('/worker.js')</script>"""
_WORKER = """
addEventListener('install', (e) => e.waitUntil(caches.open('1').then((c) => c.add('/')).then(() => skipWaiting())))
addEventListener('activate', (e) => e.waitUntil(clients.claim()))
addEventListener('fetch', (e) => e.respondWith(caches.match(e.request).then((kept) => kept ?? fetch(e.request))))
"""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        worker = self.path == "/worker.js"
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Type", "text/javascript" if worker else "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "script-src 'self' 'unsafe-inline'")
        self.end_headers()
        self.wfile.write((_WORKER if worker else _PAGE).encode())

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def phone(playwright: Playwright, chromium: Chromium, site: str, tmp_path: Path) -> Iterator[Device]:
    device = Device(playwright, chromium, site, tmp_path / "profile", tmp_path / "pictures", PHONE)
    device.open()
    yield device
    device.close()


def _reaches_the_network(device: Device) -> bool:
    reached: bool = device.page.evaluate("() => fetch('/fresh?' + Math.random()).then(() => true, () => false)")
    return reached


def test_an_installed_page_survives_closing_the_browser_offline(phone: Device) -> None:
    phone.wait_until_installed()
    phone.page.evaluate("() => localStorage.setItem('draft', '两箱牛奶')")
    phone.go_offline()

    page = phone.reopen()

    assert page.inner_text("h1") == "今日拜访"
    assert page.evaluate("() => localStorage.getItem('draft')") == "两箱牛奶"
    assert page.evaluate("() => navigator.onLine") is False


def test_offline_holds_for_the_service_worker_too(phone: Device) -> None:
    phone.wait_until_installed()
    assert _reaches_the_network(phone)
    with phone.offline():
        assert not _reaches_the_network(phone)
    assert _reaches_the_network(phone)


def test_position_and_camera_are_the_devices_own(phone: Device) -> None:
    where = """() => new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(
        ({ coords }) => resolve([coords.latitude, coords.longitude, coords.accuracy]), reject, { maximumAge: 0 }))"""
    # A real position is never twice the same to the last digit.
    there = [QINGDAO.latitude, QINGDAO.longitude, QINGDAO.accuracy]
    assert phone.page.evaluate(where) == pytest.approx(there, abs=1e-5)

    phone.move_to(Place(36.1, 120.4, 65))

    assert phone.page.evaluate(where) == pytest.approx([36.1, 120.4, 65], abs=1e-5)
    bytes_of_photo = phone.page.evaluate(
        """async () => {
            const stream = await navigator.mediaDevices.getUserMedia({ video: true })
            const photo = await new ImageCapture(stream.getVideoTracks()[0]).takePhoto()
            stream.getTracks().forEach((track) => track.stop())
            return photo.size
        }"""
    )
    assert bytes_of_photo > 0


def test_what_a_page_complains_about_is_collected(phone: Device) -> None:
    phone.page.evaluate("() => console.error('价格没有找到')")
    phone.page.evaluate("() => { setTimeout(() => { throw new Error('broken') }) }")
    phone.page.evaluate("() => fetch('/missing')")
    phone.until(lambda: all(word in "".join(phone.unexpected()) for word in ("价格没有找到", "broken", "404")))

    phone.expect_complaint("价格没有找到|broken|404")

    assert phone.unexpected() == []


def test_accessibility_findings_fail_with_their_place(phone: Device) -> None:
    phone.expect_accessible()
    phone.page.evaluate("() => { document.querySelector('main').innerHTML += '<button class=icon></button>' }")

    with pytest.raises(AssertionError, match=r"button-name[\s\S]*<button class=\"icon\">"):
        phone.expect_accessible()
    phone.expect_accessible(exclude=(".icon",))


def test_a_picture_has_the_size_of_the_form(
    playwright: Playwright, chromium: Chromium, site: str, tmp_path: Path
) -> None:
    device = Device(playwright, chromium, site, tmp_path / "profile", tmp_path / "pictures", DESK)
    device.open()
    picture = device.screenshot("desk")
    device.close()

    header = picture.read_bytes()[16:24]
    assert (int.from_bytes(header[:4]), int.from_bytes(header[4:])) == (1440, 900)
