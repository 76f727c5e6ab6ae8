"""The photo wall with thousands of photos in Chromium: how soon it is there, and whether scrolling through all of them
ever keeps the page from answering."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from playwright.sync_api import CDPSession, Page, sync_playwright
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from media.drawing import draw_shelf, draw_shop
from media.images import Intake, take_in
from media.store import BlobStore
from server.customers.models import Customer
from server.database import Writer, write_engine
from server.demo.dice import Dice
from server.demo.load import load
from server.photos.models import Photo, blob
from tests.bench.company import MANAGER, build
from tests.bench.figures import Table, ms
from tests.support.chromium import find_chromium
from tests.support.live_server import LiveServer

PASSWORD = "xunke-demo"
PHOTOS = 5_000
_PICTURES = 12
_PIXELS_A_FRAME = 48
_SECONDS = 10

_WATCH = """
window.longTasks = []
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push(entry.duration)
}).observe({ type: 'longtask', buffered: true })
"""

#: Scrolls by so many pixels a frame and back again; the time between frames is what somebody sees.
_SCROLL = """async ([element, pixels, seconds]) => {
  const frames = []
  let last = await new Promise(requestAnimationFrame)
  const end = last + seconds * 1000
  let way = 1
  while (last < end) {
    element.scrollTop += way * pixels
    const reached = element.scrollTop + element.clientHeight >= element.scrollHeight - 1
    if (reached || element.scrollTop <= 0) way = reached ? -1 : 1
    const now = await new Promise(requestAnimationFrame)
    frames.push(now - last)
    last = now
  }
  return frames
}"""
_BARE = """([height]) => {
  const outer = document.createElement('div')
  outer.style.cssText = 'position:fixed;inset:0;overflow:auto;z-index:9999;background:#fff'
  const inner = document.createElement('div')
  inner.style.cssText = `height:${height}px;background:repeating-linear-gradient(#fff 0 100px,#ddd 100px 200px)`
  outer.append(inner)
  document.body.append(outer)
  return outer
}"""


def furnish(data: Path, count: int = PHOTOS) -> None:
    """A company whose reps took so many photos within a day, each with its small picture."""
    url = f"sqlite:///{data / 'xunke.db'}"
    build(url, 400)
    blobs = BlobStore.open(data / "blobs")
    pictures = [draw_shop(n, "王记超市") if n % 2 else draw_shelf(n, "王记超市") for n in range(_PICTURES)]
    intakes = []
    for picture in pictures:
        with tempfile.SpooledTemporaryFile() as file:
            picture.resize((1280, 960)).save(file, "JPEG", quality=85)
            file.seek(0)
            intakes.append(take_in(file.read()))
    writer = Writer(write_engine(url))
    try:
        for start in range(0, count, 1000):
            writer.call(partial(_take, intakes=intakes, blobs=blobs, numbers=range(start, min(count, start + 1000))))
    finally:
        writer.close()


def _take(session: Session, intakes: list[Intake], blobs: BlobStore, numbers: range) -> None:
    dice = Dice(numbers.start, ZoneInfo("Asia/Shanghai"))
    customers = session.execute(select(Customer.id, Customer.owner_id).order_by(Customer.id)).all()
    now = datetime.now(UTC)
    rows, lines = [], []
    for number in numbers:
        intake = intakes[number % len(intakes)]
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        examination = replace(intake.examination, sha256=sha256)
        at = now - timedelta(seconds=15 * (number + 1))
        customer = customers[number % len(customers)]
        verdict = dice.weighted({"verified": 90.0, "unverified": 7.0, "suspect": 3.0})
        attention = {"verified": 0, "unverified": 2, "suspect": 3}[verdict]
        rows.append(
            Photo(
                id=dice.id_at(at), customer_id=customer.id, kind=dice.pick(("storefront", "shelf")), source="camera",
                taken_by=customer.owner_id, taken_at=at, sha256=sha256, verdict=verdict, score=90, attention=attention,
                uploaded_at=at, created_at=at, created_by=customer.owner_id,
            )
        )  # fmt: skip
        text = msgspec.json.encode(examination).decode()
        lines.append(
            {"sha256": sha256, "size": examination.size, "examination": text, "uploaded_by": "", "uploaded_at": at}
        )
        blobs.put_now("small", sha256, intake.thumbnails["small"], durable=False)
    session.execute(insert(blob), lines)
    load(session, rows, "photo.attach")


def measure(table: Table, folder: Path, pwa: Path | None = None) -> None:
    data = folder / "photo wall"
    if not (data / "xunke.db").exists():
        data.mkdir(parents=True)
        furnish(data)
    server = LiveServer(data, {"XUNKE_PWA": str(pwa)} if pwa else None)
    server.start()
    try:
        with sync_playwright() as playwright, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            found = find_chromium()
            context = playwright.chromium.launch_persistent_context(
                profile, executable_path=found.executable, args=found.args, env=found.env, locale="zh-CN",
                viewport={"width": 1024, "height": 768},
            )  # fmt: skip
            context.add_init_script(_WATCH)
            _look(table, context.pages[0], server.url)
            context.close()
    finally:
        server.stop()


def _look(table: Table, page: Page, url: str) -> None:
    page.goto(f"{url}/review/photos?days=30")
    page.locator("input[name=username]").fill(MANAGER)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.locator(".tile img").first.wait_for(timeout=60_000)
    page.reload()  # as it is every morning: signed in, the app on the device
    page.locator(".tile img").first.wait_for(timeout=60_000)
    shown = page.evaluate("performance.now()")
    while f"{PHOTOS}" not in (page.locator(".x-num[role=status]").text_content() or "").replace(",", ""):
        page.wait_for_timeout(50)
    whole = page.evaluate("performance.now()")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    scroller = page.locator(".scroller").element_handle()
    for name, pixels in (("leafing", _PIXELS_A_FRAME), ("flying", 40 * _PIXELS_A_FRAME)):
        page.evaluate("window.longTasks.length = 0")
        before = _own_work(devtools)
        frames = page.evaluate(_SCROLL, [scroller, pixels, _SECONDS])
        own = (_own_work(devtools) - before) / len(frames)
        tasks = page.evaluate("window.longTasks")
        height = page.evaluate("(element) => element.scrollHeight", scroller)
        bare = page.evaluate_handle(_BARE, [height])
        still = page.evaluate(_SCROLL, [bare, pixels, 3])
        bare.evaluate("(element) => element.remove()")
        table.add(
            f"photo wall of {PHOTOS:,}, {name}",
            f"{_rate(frames)}; {len(tasks)} tasks over 50 ms in {_SECONDS} s, the longest {max(tasks, default=0):.0f} ms; "
            f"script, style and layout {ms(own)} a frame",
            f"an empty page of that height {_rate(still)}",
        )
    tiles = page.locator(".tile").count()
    table.add(
        f"photo wall of {PHOTOS:,}, opened",
        f"first pictures after {shown / 1000:.1f} s",
        f"all known after {whole / 1000:.1f} s; {tiles} of them in the page",
    )


def _own_work(devtools: CDPSession) -> float:
    """Seconds of script, style and layout; the rest of a frame is drawing, here without a graphics processor."""
    found = {metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]}
    return float(found["ScriptDuration"] + found["RecalcStyleDuration"] + found["LayoutDuration"])


def _rate(frames: list[float]) -> str:
    times = sorted(frames)
    return f"{len(frames) / sum(frames) * 1000:.0f} frames a second, p95 {times[int(len(times) * 0.95)]:.0f} ms"


if __name__ == "__main__":
    # python -m tests.bench.wall [FOLDER [PWA]]
    with tempfile.TemporaryDirectory() as scratch:
        given: list[Any] = sys.argv[1:]
        measure(Table(), Path(given[0]) if given else Path(scratch), Path(given[1]) if len(given) > 1 else None)
