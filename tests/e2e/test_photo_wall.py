"""A manager goes through the team's photos on the tablet: by keys, by swiping, on the map, without network."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Stage
from tests.e2e.device import PHONE, TABLET
from tests.e2e.people import Manager


class Tiles(BaseHTTPRequestHandler):
    """A tile provider: every tile is a grey picture."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        out = io.BytesIO()
        Image.new("RGB", (256, 256), (208, 208, 200)).save(out, "PNG")
        self.send_response(200)
        self.send_header("content-type", "image/png")
        self.end_headers()
        self.wfile.write(out.getvalue())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def tiles() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def swipe(page: Page, distance: int) -> None:
    box = page.locator(".picture").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + distance / 2, y, steps=4)
    page.mouse.move(x + distance, y, steps=4)
    page.mouse.up()


def test_a_manager_goes_through_the_photos(stage: Stage, tiles: str) -> None:
    with stage.office("admin") as office:
        company = office.all("companies")[0]
        chosen = {"map_tile_url": f"{tiles}/{{z}}/{{x}}/{{y}}.png", "map_tile_attribution": "<b>测试地图</b>"}
        office.do(
            "company.edit", id=company["id"], set={name: [company[name], value] for name, value in chosen.items()}
        )
    with stage.office("manager") as office:
        located = office.all("photos", accuracy__gt=1, verdict="verified")[0]["id"]
    device = stage.open("manager's tablet", TABLET, path="/login")
    manager = Manager(device, "manager")
    manager.log_in()
    manager.go("/review/photos?days=30")
    page = manager.page
    tile = page.locator("[data-photo]")
    tile.first.wait_for()
    # lying, the tablet has room for all of a manager's areas
    rail = page.get_by_role("navigation", name="主导航")
    expect(rail.locator(".entries .entry").last).to_be_in_viewport(ratio=1)
    assert rail.locator(".entries").evaluate("list => list.scrollHeight <= list.clientHeight")

    # suspects first; a key leaves nothing but them
    expect(page.locator(".tile").first).to_have_class(re.compile("suspect"))
    page.keyboard.press("1")
    expect(page.locator(".tile.verified")).to_have_count(0)
    page.keyboard.press("0")
    expect(page.locator(".tile.verified").first).to_be_visible()
    page.keyboard.press("g")
    expect(page.locator("h2.head").first).to_be_visible()
    for _ in range(4):
        page.keyboard.press("g")
    expect(page.locator("h2.head")).to_have_count(0)

    # arrows and letters lead from one to the next, x takes it into the report, Enter opens it
    page.keyboard.press("ArrowRight")
    expect(tile.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(tile.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(manager.button("导出 1 张")).to_be_visible()
    second, third = (tile.nth(index).get_attribute("data-photo") for index in (1, 2))
    is_verified = "verified" in str(page.locator(".tile").nth(1).get_attribute("class")).split()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/photos/{second}")

    # where it was taken, on the company's own tiles: the customer's circle, and whose map it is
    for mark in ("path.fence", "img.leaflet-tile-loaded"):
        expect(page.locator(f".map-frame {mark}").first).to_be_attached()
    expect(page.locator(".leaflet-control-attribution")).to_have_text("<b>测试地图</b>")
    assert Tiles.asked

    # a finger goes on and back; the full screen lasts from one photo to the next
    swipe(page, -220)
    page.wait_for_url(f"**/review/photos/{third}")
    page.keyboard.press("f")
    expect(page.locator(".viewer.wide")).to_be_visible()
    swipe(page, 220)
    page.wait_for_url(f"**/review/photos/{second}")
    expect(page.locator(".viewer.wide")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".viewer.wide")).to_have_count(0)

    # a letter decides, a note says why
    page.keyboard.press("u" if is_verified else "v")
    note = page.get_by_label("说明")
    expect(note).to_be_focused()
    note.fill("门牌不清楚")
    page.keyboard.press("Control+Enter")
    manager.sees("门牌不清楚")
    page.keyboard.press("Escape")
    page.wait_for_url("**/review/photos?days=30")
    expect(page.locator(f'[data-photo="{second}"]')).to_be_focused()
    device.expect_accessible()

    # a photo that knows where it was taken has the circle of its accuracy beside the customer's
    manager.go(f"/review/photos/{located}")
    for mark in ("path.fence", "path.reach"):
        expect(page.locator(f".map-frame {mark}").first).to_be_attached()
    manager.go("/review/photos?days=30")
    tile.first.wait_for()

    # without network the wall is still there, and says from when it is
    with device.offline():
        page.reload()
        tile.first.wait_for()
        manager.sees("离线")
    assert device.unexpected() == []


def test_on_the_phone_the_filters_are_one_line_and_the_rest_a_sheet(stage: Stage) -> None:
    device = stage.open("manager's phone", PHONE, path="/login")
    manager = Manager(device, "manager")
    manager.log_in()
    manager.go("/review/photos?days=30")
    page = manager.page
    tile = page.locator("[data-photo]")
    tile.first.wait_for()
    # Three quarters of the screen are photos.
    device.until(lambda: (tile.first.bounding_box() or {"y": 844})["y"] < 844 / 4)
    status = page.get_by_role("status").filter(has_text=re.compile(r"[1-9]\d* 张照片"))
    expect(status).to_be_visible()
    everything = status.inner_text()

    manager.tap("筛选 1")
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("group", name="类型").get_by_role("button", name=re.compile("^货架")).click()
    result = sheet.get_by_role("button", name=re.compile("张照片$"))
    expect(result).not_to_have_text(everything)
    result.click()
    expect(sheet).to_have_count(0)
    expect(page).to_have_url(re.compile("kind=shelf"))
    expect(manager.button("筛选 2")).to_be_visible()
