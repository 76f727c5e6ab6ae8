"""Photos that can be believed, and one that cannot: a rep offline at the door, and one two kilometres away from it."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.day import free_the_day, shop_with_credit
from tests.e2e.device import PHONE, TABLET, Place
from tests.e2e.people import SYNC_TIMEOUT, Manager, Rep

TWO_KILOMETRES = 0.018  # degrees of latitude


@dataclass
class Field:
    stage: Stage
    rep: Rep
    honest: dict[str, Any]
    forged: dict[str, Any]


@pytest.fixture(scope="module")
def field(stage: Stage) -> Field:
    with stage.office("rep1") as office:
        free_the_day(office)
        honest, forged = shop_with_credit(office), shop_with_credit(office, nth=1)
    rep = Rep(stage.open("phone", PHONE, place=at(honest)), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    return Field(stage, rep, honest, forged)


@pytest.fixture(autouse=True)
def chapter(stage: Stage) -> None:
    if stage.failures:
        pytest.skip("an earlier chapter of the story failed")


def at(shop: dict[str, Any], north: float = 0.0002) -> Place:
    return Place(shop["geo_lat"] + north, shop["geo_lng"], 9)


def visit_offline(field: Field, shop: dict[str, Any], place: Place) -> None:
    """A whole visit without a network, standing at a place."""
    rep = field.rep
    # Before the visit is opened, which begins to measure.
    rep.device.move_to(place)
    rep.go(f"/visits/start/{shop['id']}")
    with rep.device.offline():
        rep.check_in()
        rep.take_photos("门头")
        rep.tap("先去记录")
        rep.write_notes(person="老板", stage="报价", content=f"在{shop['name']}", next_contact="1 周后")
        rep.check_out()
    rep.waits_for_everything()


#: The browser's own test camera shows nearly the same picture whenever it is asked, and a picture seen before is no proof.
ANOTHER_VIEW = """() => {
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 })
    const paint = canvas.getContext('2d')
    const draw = () => {
      for (let x = 0; x < 16; x++)
        for (let y = 0; y < 9; y++) {
          paint.fillStyle = `hsl(${(x * 53 + y * 97) % 360} 70% ${20 + ((x * STEP + y * 17) % 60)}%)`
          paint.fillRect(x * 80, y * 80, 80, 80)
        }
    }
    setInterval(draw, 100)
    draw()
    return canvas.captureStream(10)
  }
}"""


#: Deep in a mall, on a phone that is nearly full.
NO_FIX_NO_ROOM = """() => {
  const fail = (_, failed) => {
    setTimeout(() => failed({ code: 2, PERMISSION_DENIED: 1, POSITION_UNAVAILABLE: 2, TIMEOUT: 3 }))
    return 1
  }
  navigator.geolocation.watchPosition = fail
  navigator.geolocation.getCurrentPosition = fail
  navigator.storage.estimate = async () => ({ quota: 100_000_000, usage: 80_000_000 })
}"""
#: As when somebody calls, or another app takes the camera.
TAKEN_AWAY = (
    """() => document.querySelector('video').srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))"""
)

NO_CAMERA = """() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('refused', 'NotAllowedError'))
}"""
ORIENTATION = 0x0112


def photo_at(field: Field, shop: dict[str, Any]) -> dict[str, Any]:
    """The newest photo of a customer, as the company has it."""
    with field.stage.office("manager") as office:
        return office.all("photos", customer_id=shop["id"], sort="-created_at")[0]


def test_an_honest_visit_without_network_is_verified_after_the_sync(field: Field) -> None:
    visit_offline(field, field.honest, at(field.honest))
    rep = field.rep
    rep.tab("客户")
    rep.find_customer(field.honest["name"])
    rep.page.get_by_text(f"在{field.honest['name']}").first.click()
    rep.sees("已核验", timeout=SYNC_TIMEOUT)
    photo = photo_at(field, field.honest)
    assert (photo["verdict"], photo["reasons"]) == ("verified", [])
    assert photo["time_certainty"] in ("exact", "minutes")  # a page that was loaded anew counts no time


def test_a_moved_position_is_suspect_and_the_rep_reads_why(field: Field) -> None:
    visit_offline(field, field.forged, at(field.forged, TWO_KILOMETRES))
    rep = field.rep
    rep.tab("客户")
    rep.find_customer(field.forged["name"])
    rep.page.get_by_text(f"在{field.forged['name']}").first.click()
    rep.sees("可疑", timeout=SYNC_TIMEOUT)
    rep.sees(re.compile(r"离客户 (19|20)\d\d 米，超出允许的 3\d\d 米"))
    rep.device.screenshot("evidence-rep")
    photo = photo_at(field, field.forged)
    assert photo["verdict"] == "suspect"
    assert "far_from_customer" in [reason["code"] for reason in photo["reasons"]]


def test_a_believed_visit_says_where_a_shop_is_and_the_rep_takes_it_back(field: Field) -> None:
    with field.stage.office("rep1") as office:
        values = {"name": "还没有位置的小卖部", "mobile": "13900007788", "primary_contact": "老板"}
        shop = {"id": office.create("customer", **values), "name": values["name"]}
    rep = field.rep
    rep.waits_for_everything()
    rep.tab("客户")
    rep.find_customer(shop["name"])  # it has come to the phone
    rep.page.add_init_script(f"({ANOTHER_VIEW.replace('STEP', '31')})()")  # from the next load on
    # A step from where he was last: a hundred metres would be too fast for the second or two between two tests.
    visit_offline(field, shop, at(field.forged, TWO_KILOMETRES + 0.0001))
    rep.tab("客户")
    rep.find_customer(shop["name"])
    rep.sees("位置取自拜访照片", timeout=SYNC_TIMEOUT)
    rep.device.screenshot("evidence-place")
    rep.tap("撤销")
    rep.button("撤销", within=rep.page.get_by_role("dialog")).click()
    rep.sees_nowhere("位置取自拜访照片")
    rep.waits_for_everything()
    with field.stage.office("manager") as office:
        row = office.one("customers", id=shop["id"])
        assert (row["geo_lat"], row["geo_lng"]) == (None, None)


def sideways(path: Path) -> None:
    """A picture as phones store one that was held upright: lying on its side, with the tag that says how to turn it. Its
    upper half is red."""
    upright = Image.merge("RGB", [Image.effect_noise((2000, 3000), 60) for _ in range(3)])
    upright.paste((200, 20, 20), (0, 0, 2000, 1500))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    upright.rotate(90, expand=True).save(path, "JPEG", quality=92, exif=exif)


def test_without_a_camera_a_picture_of_the_gallery_is_taken_upright_marked_and_never_verified(
    field: Field, tmp_path: Path
) -> None:
    picture = tmp_path / "IMG_0001.jpg"
    sideways(picture)
    rep = field.rep
    rep.page.add_init_script(f"({NO_CAMERA})()")
    rep.go(f"/visits/start/{field.honest['id']}")
    rep.check_in()
    rep.sees("没有相机权限")
    rep.sees("相册的照片会标为“未核验”")
    rep.page.locator("input[type=file]").set_input_files(picture)
    photos = rep.page.get_by_role("button", name=re.compile("^查看照片："))
    expect(photos).to_have_count(1)
    rep.device.screenshot("gallery")
    rep.waits_for_everything()

    photo = photo_at(field, field.honest)
    assert (photo["source"], photo["verdict"], photo["lat"]) == ("gallery", "unverified", None)
    assert "from_gallery" in [reason["code"] for reason in photo["reasons"]]
    assert (photo["width"], photo["height"]) == (1365, 2048)
    with field.stage.office("manager") as office:
        original = office.file(f"/media/v1/photos/{photo['id']}/original")
    assert hashlib.sha256(original).hexdigest() == photo["sha256"]
    assert 300_000 <= len(original) <= 801_000  # the band, and the EXIF that is written afterwards
    with Image.open(io.BytesIO(original)) as evidence:
        assert evidence.size == (1365, 2048)
        assert evidence.getexif().get(ORIENTATION, 1) == 1
        red, green, _ = evidence.convert("RGB").getpixel((680, 200))  # type: ignore[misc]
        assert red > 150 > green


def test_the_manager_sees_why_and_decides(field: Field) -> None:
    manager = Manager(field.stage.open("tablet", TABLET), "manager")
    manager.log_in()
    manager.open_day_of("张海波")
    visit = manager.page.get_by_role("article").filter(has_text=f"在{field.forged['name']}")
    expect(visit).to_contain_text("可疑")
    visit.get_by_role("button", name=re.compile("门头")).click()
    manager.sees(re.compile(r"离客户 (19|20)\d\d 米，超出允许的 3\d\d 米"))
    manager.device.screenshot("evidence-manager")

    manager.tap("改判")
    manager.page.get_by_role("group", name="改判").get_by_role("button", name="已核验").click()
    manager.page.get_by_label("说明（业务员会看到）").fill("店搬到了新址，已电话核实。")
    manager.tap("保存")
    manager.sees("已改判")
    manager.go("/review/trust")
    manager.sees("照片可信度")
    card = manager.link(re.compile("张海波"))
    expect(card).to_contain_text(re.compile(r"已改判 \d"))
    manager.device.screenshot("evidence-trust")
    field.stage.put_away("tablet")

    photo = photo_at(field, field.forged)
    assert (photo["verdict"], photo["overruled_to"]) == ("suspect", "verified")
    with field.stage.office("manager") as office:
        history = office.history("photos", photo["id"])
    decided = next(entry for entry in history if "overruled_to" in entry["changes"])
    assert decided["changes"]["overrule_note"][1] == "店搬到了新址，已电话核实。"

    rep = field.rep
    rep.waits_for_everything()
    rep.tab("客户")
    rep.find_customer(field.forged["name"])
    rep.page.get_by_text(f"在{field.forged['name']}").first.click()
    rep.sees("店搬到了新址，已电话核实。", timeout=SYNC_TIMEOUT)


def test_without_a_fix_and_with_a_camera_that_was_taken_away_the_visit_goes_on_and_is_marked(field: Field) -> None:
    rep, page = field.rep, field.rep.page
    page.add_init_script(f"({ANOTHER_VIEW.replace('STEP', '43')})()")
    page.add_init_script(f"({NO_FIX_NO_ROOM})()")
    rep.go(f"/visits/start/{field.forged['id']}")
    rep.sees(re.compile("拜访可以继续，但会标为“未核验”"))
    rep.tap("到店签到")
    camera = page.get_by_role("region", name="拍照")
    expect(camera.get_by_text("没有定位")).to_be_visible()
    expect(camera.get_by_text("手机存储只够再拍约 12 张")).to_be_visible()
    expect(camera.get_by_role("button", name="拍照：门头")).to_be_enabled()

    page.evaluate(TAKEN_AWAY)
    rep.sees("来电、其他应用或系统隐私开关停用了相机。已拍的照片都在。")
    rep.device.screenshot("camera-lost")
    camera.get_by_role("button", name="再试一次").click()
    rep.take_photos("门头")
    rep.tap("先去记录")
    rep.write_notes(person="老板", stage="报价", content="地下一层", next_contact="1 周后")
    rep.check_out()
    rep.waits_for_everything()

    photo = photo_at(field, field.forged)
    assert (photo["source"], photo["verdict"], photo["lat"]) == ("camera", "unverified", None)
    assert "no_position" in [reason["code"] for reason in photo["reasons"]]
