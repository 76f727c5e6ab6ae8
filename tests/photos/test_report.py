"""The photo report: a manager hands on what his people photographed, stamped; nobody exports what is not his."""

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from PIL import Image, ImageStat

from server.photos.report import entries, job
from server.photos.report.pdf import write_pdf
from server.photos.stamp import StampLines
from tests.support.fieldwork import check_in, new_shop, shoot, visit_with_photo
from tests.support.world import Person, Refused, World


def report(person: Person, **args: Any) -> bytes:
    response = person.client.post("/media/v1/reports/photos", json=args)
    if response.status_code >= 400:
        raise Refused(response.status_code, response.json())
    content: bytes = response.content
    return content


def with_progress(body: bytes) -> tuple[list[int], bytes]:
    """How many photos were done step by step, and the file that follows."""
    steps: list[int] = []
    while True:
        line, _, body = body.partition(b"\n")
        step = json.loads(line)
        if step["size"] is not None:
            assert (len(body), step["name"][-4:]) == (step["size"], ".pdf")
            return steps, body
        steps.append(step["done"])


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def pictures_on(page: Any) -> int:
    return sum(1 for _ in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))


@pytest.mark.slow
def test_a_pdf_has_every_photo_with_its_stamp_its_verdict_and_why(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep, "王记超市 & 分店")
    _, honest = visit_with_photo(rep, shop)
    _, far = visit_with_photo(rep, shop, place=(36.2, 120.5))
    manager.do("photo.overrule", id=honest.id, verdict="unverified", note="门牌不清楚")
    codes = {row["id"]: row["code"] for row in manager.get("/api/photos")["items"]}
    steps, pdf = with_progress(report(manager, ids=[honest.id, far.id], progress=True))
    assert steps == [0, 1, 2]
    assert pdf.startswith(b"%PDF-")
    [text] = pages_of(pdf)
    assert "照片报告" in text
    assert "李经理 导出于" in text
    assert text.count("王记超市 & 分店") == 2
    assert text.index(codes[honest.id]) < text.index(codes[far.id])
    for words in ("张三", "人工判定：门牌不清楚", "可疑", "距客户", "36.2", codes[far.id], "第 1 页，共 1 页"):
        assert words in text
    assert pictures_on(pypdfium2.PdfDocument(pdf)[0]) == 2
    assert len(pdf) < 900_000  # the letters that are used, not the whole font


def test_a_workbook_has_rows_and_stamped_pictures_and_no_formulas(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep, '=HYPERLINK("http://evil.example","王记")')
    _, shot = visit_with_photo(rep, shop)
    rep.do("photo.edit", id=shot.id, set={"note": [None, "+1 货架"]})
    arrive = check_in(rep, shop)
    waiting = shoot(rep, arrive["args"]["id"], shop)
    rep.push(arrive, waiting.op)
    content = report(manager, format="xlsx", language="en", ids=[shot.id, waiting.id])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet[1]][1:4] == ["Customer", "Taken by", "Kind"]
    assert sheet["A3"].value == "Picture not uploaded"
    row = [cell.value for cell in sheet[2]]
    assert row[1].startswith("'=HYPERLINK")
    assert row[2:4] == ["张三", "Shop front"]
    assert row[8] == "'+1 货架"
    assert row[9] == manager.get(f"/api/photos/{shot.id}")["code"]
    [image] = sheet._images
    with Image.open(io.BytesIO(image._data())) as picture:
        assert max(picture.size) == 560
        foot = picture.convert("L").crop((0, picture.height - 8, picture.width, picture.height))
        assert ImageStat.Stat(foot).median[0] < 110  # the dark band of the stamp


@pytest.mark.slow
def test_an_english_report_breaks_lines_between_words_and_chinese_ones_anywhere(tmp_path: Path) -> None:
    stamp = StampLines("王记超市" * 12, "2026-11-28 10:30:15", "36.06730, 120.38260 ±12 m", "张三", "NENT-QAXB-NENZ")
    reason = "The position in the photo is 12147 m from that of the capture record, which is a long way to go"
    entry = job.Entry(None, stamp, "Shop front", "Suspect", "suspect", [reason], "货架已整理" * 40)
    words = job.Words("Photo report", "1 photo", "No picture", "Page {page} of {all}", ["Code"])
    out = str(tmp_path / "report.pdf")
    write_pdf(job.Job("pdf", "en", "", out, words, [entry]), lambda _: None, lambda _: None)
    document = pypdfium2.PdfDocument(out)
    page = document[0]
    lines = page.get_textpage().get_text_range().splitlines()
    assert set(reason.split()) <= {word for line in lines for word in line.split()}
    assert sum(line.startswith("货架") or "已整理" in line for line in lines) > 1
    right = max(thing.get_bounds()[2] for thing in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]))
    assert right < page.get_width() - 12 / 25.4 * 72 + 1
    document.close()


@pytest.mark.slow
def test_a_day_with_filters_is_what_the_wall_shows(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    visit_with_photo(rep, new_shop(rep, "第一家"))
    visit_with_photo(rep2, new_shop(rep2, "第二家"), place=(36.2, 120.5))
    both = pages_of(report(manager))[0]
    assert both.index("第二家") < both.index("第一家")  # the suspect one first
    assert "第一家" not in pages_of(report(manager, verdict="suspect", taken_by=rep2.id))[0]
    with pytest.raises(Refused) as refused:
        report(manager, verdict="suspect", taken_by=rep.id)
    assert refused.value.code == "report_empty"
    with pytest.raises(Refused) as refused:
        report(manager, until="2020-01-01")
    assert refused.value.code == "report_empty"


def test_nobody_exports_a_colleagues_photos_nor_without_the_permission(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    _, shot = visit_with_photo(rep, new_shop(rep))
    for person in (rep, rep2):  # reps see their own, and export nothing
        with pytest.raises(Refused) as refused:
            report(person, ids=[shot.id])
        assert refused.value.status == 403
    boss = world.person("boss")
    role = boss.get("/api/roles", name="销售员")["items"][0]
    granted = {**role["permissions"], "visit.export": "own"}
    boss.do("role.edit", id=role["id"], set={"permissions": [role["permissions"], granted]})
    # the photographer may export his own now, the colleague still not
    assert report(rep, ids=[shot.id]).startswith(b"%PDF")
    for ids in ([shot.id], None):
        with pytest.raises(Refused) as refused:
            report(rep2, ids=ids)
        assert refused.value.code == ("not_found" if ids else "report_empty")
    manager.client.cookies.clear()
    with pytest.raises(Refused) as refused:
        report(manager, ids=[shot.id])
    assert refused.value.status == 401


def test_too_many_are_refused_with_how_many_are_possible(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_PHOTOS", 1)
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep)
    shots = [visit_with_photo(rep, shop)[1] for _ in range(2)]
    for args in ({"ids": [shot.id for shot in shots]}, {}):
        with pytest.raises(Refused) as refused:
            report(manager, **args)
        assert (refused.value.code, refused.value.body["params"]) == ("report_too_large", {"max": 1, "count": 2})
    assert job.MOST_PHOTOS == 500
