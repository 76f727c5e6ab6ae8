"""`make screenshots`: the pictures of README.md, taken in the app itself over the full demo company.

The company is built as if it were an afternoon, whatever the hour, because pictures of the day should show one; the
devices' clocks are set to the same moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import Playwright, expect

from server.demo.build import build_demo
from server.settings import Settings
from tests.e2e.conftest import Stage, copy_app
from tests.e2e.device import DESK, PHONE, TABLET, Device, Form, Place
from tests.e2e.office import Office
from tests.e2e.people import Clerk, Manager, Person, Rep
from tests.support.chromium import Chromium
from tests.support.live_server import ROOT, LiveServer

IMAGES = ROOT / "docs" / "images"
_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Studio:
    stage: Stage
    now: datetime
    folder: Path

    def seat(self, person: type[Person], username: str, form: Form, **options: Any) -> Any:
        """Somebody signed in on a device whose clock shows the company's moment."""
        device = self.stage.open(f"{form.name} of {username}", form, path="/login", **options)
        device.context.clock.set_system_time(self.now)
        device.page.reload()
        seated = person(device, username)
        seated.log_in()
        return seated

    def take(self, device: Device, name: str) -> None:
        """A picture in docs/images, with 256 colours of its own: screens need no more."""
        expect(device.page.locator(".skeletons")).to_have_count(0)
        device.page.wait_for_timeout(800)  # pictures and maps follow their screen
        raw = device.screenshot(name)
        IMAGES.mkdir(parents=True, exist_ok=True)
        with Image.open(raw) as picture:
            small = picture.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            small.save(IMAGES / f"{name}.png", optimize=True)


@pytest.fixture(scope="module")
def studio(playwright: Playwright, chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    moment = datetime.now(_ZONE).replace(hour=15, minute=40, second=0, microsecond=0)
    if moment > datetime.now(_ZONE):
        moment -= timedelta(days=1)
    now = moment.astimezone(UTC)
    build_demo(Settings(data=folder / "data"), now=now)
    copy_app(folder / "app")
    server = LiveServer(folder / "data", {"XUNKE_PWA": str(folder / "app")})
    server.start()
    stage = Stage(server, folder / "app", playwright, chromium, folder)
    yield Studio(stage, now, folder)
    stage.close()


def test_the_phone(studio: Studio) -> None:
    with studio.stage.office("rep1") as office:
        photo = office.all("photos", verdict="verified", kind="storefront", taken_by=office.id)[0]
        shop = office.one("customers", id=photo["customer_id"])
        view = _storefront(office, photo["id"], studio.folder)
    place = Place(shop["geo_lat"] + 0.0002, shop["geo_lng"] + 0.0001, 9)
    rep: Rep = studio.seat(Rep, "rep1", PHONE, place=place, camera=view)
    rep.waits_for_everything()
    rep.go("/visits/new")  # asks where we are, so that distances show
    rep.sees("附近的客户")
    rep.tab("今日")
    studio.take(rep.device, "phone-today")

    rep.device.go_offline()
    _leave_the_open_visit(rep)
    rep.go(f"/visits/start/{shop['id']}")
    rep.check_in()
    expect(rep.button("拍照：门头")).to_be_enabled()
    rep.page.wait_for_timeout(1000)
    rep.button("拍照：门头").click()
    expect(rep.button("拍照：货架")).to_be_enabled()
    studio.take(rep.device, "phone-visit-camera")
    rep.page.get_by_role("button", name="先到这里").click()

    rep.beside_the_visit("下单")
    for _product in range(3):
        rep.page.get_by_role("button", name="加入").first.click()
    studio.take(rep.device, "phone-order")
    rep.hand_in_order()
    rep.go("/sync")
    studio.take(rep.device, "phone-sync")


def test_the_tablet(studio: Studio) -> None:
    manager: Manager = studio.seat(Manager, "manager", TABLET)
    manager.rail("团队")
    studio.take(manager.device, "tablet-team")
    with studio.stage.office("manager") as office:
        photo = office.all("photos", verdict="suspect")[0]["id"]
    manager.go(f"/review/photos/{photo}")
    studio.take(manager.device, "tablet-photo")


def test_the_desk(studio: Studio) -> None:
    clerk: Clerk = studio.seat(Clerk, "clerk", DESK)
    with studio.stage.office("clerk") as office:
        order = office.all("orders", state="pending", hold_reason__empty="1", sort="-payable")[0]["id"]
    clerk.go(f"/desk/orders/{order}")
    studio.take(clerk.device, "desk-orders")
    clerk.go("/desk/conflicts")
    studio.take(clerk.device, "desk-conflict")


def _leave_the_open_visit(rep: Rep) -> None:
    """The demo's rep is in a shop at this moment."""
    rep.go("/today")
    going_on = rep.button("继续拜访")
    rep.page.get_by_role("heading", level=1).wait_for()
    rep.page.wait_for_timeout(500)
    if going_on.count() > 0:
        going_on.first.click()
        rep.page.get_by_role("button", name="签退").last.click()
        rep.tap("签退")


def _storefront(office: Office, photo: str, folder: Path) -> Path:
    """What the camera sees: the demo's drawn storefront of that shop, as a film of one picture."""
    film = folder / "storefront.mjpeg"
    film.write_bytes(office.file(f"/media/v1/photos/{photo}/original") * 2)
    return film
