"""A photo over a slow line that breaks, in a real browser: it goes on where it was, and waits for Wi-Fi where it should."""

from __future__ import annotations

import base64
import hashlib
import io

from PIL import Image
from playwright.sync_api import Request, expect

from media.drawing import draw_shop
from tests.e2e.conftest import Stage
from tests.e2e.device import PHONE
from tests.e2e.office import comes_to
from tests.e2e.people import SYNC_TIMEOUT, Rep

#: The kind of network is what the test says; Chromium on a desk does not tell.
NETWORK = """
const network = Object.assign(new EventTarget(), { type: localStorage.getItem('network') ?? 'wifi', downlink: 1.5 })
Object.defineProperty(navigator, 'connection', { get: () => network })
"""
#: Puts a photo into the outbox as the camera does; taking one is another story.
PUT = """async ([sha256, text]) => {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer
  const db = await new Promise((resolve) => {
    const asked = indexedDB.open('xunke-outbox')
    asked.onsuccess = () => resolve(asked.result)
  })
  const written = db.transaction(['blobs', 'bytes'], 'readwrite')
  written.objectStore('blobs').put({ photo_id: 'photo', sha256, size: bytes.byteLength, mime: 'image/jpeg',
    state: 'waiting', attempts: 0, employee: '', added_at: Date.now(), next_at: 0, capture: null, signature: null,
    verdict: null })
  written.objectStore('bytes').put({ photo_id: 'photo', bytes, thumbnail: null })
  await new Promise((resolve) => (written.oncomplete = resolve))
  db.close()
}"""


def photo() -> bytes:
    out = io.BytesIO()
    draw_shop(5, "王记超市").resize((2048, 1536), Image.Resampling.BICUBIC).save(out, "JPEG", quality=97)
    return out.getvalue()


def test_a_photo_over_a_bad_line_goes_on_where_it_was_cut_and_waits_for_wifi(stage: Stage) -> None:
    phone = stage.open("phone", PHONE, lacking=[NETWORK])
    rep = Rep(phone, "rep1")
    rep.log_in()
    page = phone.page
    data = photo()
    sent: list[int] = []

    def heard(request: Request) -> None:
        if "/media/v1/uploads" in request.url:
            sent.append(len(request.post_data_buffer or b""))

    page.on("requestfinished", heard)
    page.on("requestfailed", heard)
    line = phone.context.new_cdp_session(page)
    line.send("Network.enable")

    def let_through(bytes_a_second: int) -> None:
        how = {"offline": False, "latency": 50, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        line.send("Network.emulateNetworkConditions", how)

    page.evaluate(PUT, [hashlib.sha256(data).hexdigest(), base64.b64encode(data).decode()])
    let_through(40_000)
    rep.go("/sync")
    row = page.get_by_text("的照片", exact=False).first
    expect(row).to_be_visible()
    expect(page.get_by_text("/", exact=False).filter(has_text="KB").first).to_be_visible(timeout=SYNC_TIMEOUT)
    before = sum(sent)
    assert 0 < before < len(data)

    with phone.offline():
        expect(rep.button("立即同步")).to_be_disabled()  # the app has noticed
    # Meanwhile he is on the road: the rest waits, and he sees why.
    page.evaluate("localStorage.setItem('network', 'cellular')")
    page.get_by_role("button", name="仅 Wi-Fi").click()
    page.evaluate("navigator.connection.type = 'cellular'; navigator.connection.dispatchEvent(new Event('change'))")
    expect(page.get_by_text("当前是移动网络，照片等待 Wi-Fi")).to_be_visible(timeout=SYNC_TIMEOUT)
    phone.expect_accessible()

    let_through(-1)
    page.get_by_role("button", name="现在发送").click()
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=SYNC_TIMEOUT)
    with stage.office("rep1") as office:
        comes_to(lambda: office.uploaded(hashlib.sha256(data).hexdigest()), len(data))
    # What was cut went twice, and no more than a piece of it.
    assert sum(sent) - len(data) <= max(sent)
