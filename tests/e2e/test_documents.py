"""A contract is added on the phone without network, goes up when there is one, and the desk gets the very same bytes;
somebody else gets none."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import DESK, PHONE
from tests.e2e.office import comes_to
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Person, Rep
from tests.support.files import SAMPLES, office

CONTRACT, LICENCE, LIE, TRUTH = "年度供货合同 2026.docx", "营业执照.jpg", "清单.xlsx", "清单.docx"
QUOTE = "报价单.txt"


def choose(person: Person, **files: bytes) -> None:
    payloads = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files.items()
    ]
    person.page.get_by_label("添加文件").and_(person.page.locator("input")).set_input_files(payloads)  # type: ignore[arg-type]


def row(person: Person, name: str) -> Locator:
    return person.page.get_by_role("listitem").filter(has_text=name)


def downloaded(person: Person, name: str) -> tuple[str, bytes]:
    with person.page.expect_download() as waiting:
        row(person, name).get_by_role("button", name=f"下载 {name}").click()
    download = waiting.value
    return download.suggested_filename, download.path().read_bytes()


def documents_of(rep: Rep, shop: str) -> None:
    rep.tab("客户")
    rep.find_customer(shop)
    rep.tap("文档")


def test_a_document_from_the_phone_without_network_to_the_desk(stage: Stage) -> None:
    with stage.office("rep1") as office_:
        shop = shop_with_credit(office_)
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    contract = office("docx", {"word/media/scan.bin": bytes(range(256)) * 4000})
    with rep.device.offline():
        documents_of(rep, shop["name"])
        rep.sees("还没有文档")
        rep.device.screenshot("documents-phone-empty")
        choose(rep, **{CONTRACT: contract, LICENCE: SAMPLES["jpg"], LIE: office("docx"), "工具.exe": b"MZ"})
        rep.sees("不支持“.exe”文件")
        expect(row(rep, CONTRACT)).to_contain_text("等待联网上传")
        rep.device.screenshot("documents-phone-offline")
        assert downloaded(rep, CONTRACT) == (CONTRACT, contract)
        # The phone is closed, without network, and opened again: it is all still there.
        rep.device.reopen("/customers")
        documents_of(rep, shop["name"])
        expect(row(rep, LICENCE)).to_contain_text("等待联网上传")
    rep.waits_for_everything()
    documents_of(rep, shop["name"])
    expect(row(rep, CONTRACT)).to_contain_text("本机已有", timeout=SYNC_TIMEOUT)
    expect(row(rep, LIE)).to_contain_text("文件内容与文件名不符：内容是 docx", timeout=SYNC_TIMEOUT)
    rep.device.screenshot("documents-phone")
    # The notification lies over the head until somebody closes it or it has gone by itself.
    rep.page.evaluate("() => document.querySelector('.told button')?.click()")
    expect(rep.page.locator(".told")).to_have_count(0)
    rep.device.expect_accessible()

    # The wrong name is put right; what was deleted comes back.
    row(rep, LIE).get_by_role("button", name=f"{LIE} 更多操作").click()
    rep.page.get_by_text("改名或说明").click()
    sheet = rep.page.get_by_role("dialog")
    sheet.locator("input[name=name]").fill(TRUTH)
    rep.device.screenshot("documents-phone-form")
    rep.button("保存", within=sheet).click()
    expect(row(rep, TRUTH)).not_to_contain_text("不符", timeout=SYNC_TIMEOUT)
    row(rep, LICENCE).get_by_role("button", name=f"{LICENCE} 更多操作").click()
    rep.page.get_by_text("删除", exact=True).click()
    expect(row(rep, LICENCE)).to_have_count(0)
    rep.tap("撤销")
    expect(row(rep, LICENCE)).to_be_visible()
    rep.waits_for_everything()

    clerk = Clerk(stage.open("desk", DESK), "clerk")
    clerk.log_in()
    clerk.go(f"/desk/customers/{shop['id']}")
    assert downloaded(clerk, CONTRACT) == (CONTRACT, contract)
    clerk.device.screenshot("documents-desk")
    # The company has its record, this desk may not keep it, and its bytes are still on their way: it stays in the list.
    uploads = "**/media/v1/uploads**"
    clerk.page.route(uploads, lambda route: route.abort())
    clerk.device.expect_complaint("net::ERR_FAILED.*/media/v1/uploads")
    with clerk.page.expect_response("**/api/attachments?**"):
        choose(clerk, **{QUOTE: "单价 12.00".encode()})
    expect(row(clerk, QUOTE).first).to_contain_text("等待联网上传")
    clerk.page.unroute(uploads)
    expect(row(clerk, QUOTE).first).not_to_contain_text("等待", timeout=SYNC_TIMEOUT)

    with stage.office("rep1") as mine, stage.office("rep2") as stranger:

        def ready() -> set[str]:
            return {one["name"] for one in mine.all("attachments", customer_id=shop["id"], state="ready")}

        comes_to(ready, {CONTRACT, LICENCE, TRUTH, QUOTE})
        for document in mine.all("attachments", customer_id=shop["id"]):
            address = f"/media/v1/files/{document['id']}"
            assert mine.status(address) == 200, document["name"]
            assert stranger.status(address) == 404, document["name"]
    rep.waits_for_everything()
    documents_of(rep, shop["name"])
    expect(row(rep, QUOTE)).to_contain_text("本机还没有", timeout=SYNC_TIMEOUT)
    assert downloaded(rep, QUOTE)[1] == "单价 12.00".encode()
    with rep.device.offline():
        assert downloaded(rep, QUOTE)[1] == "单价 12.00".encode()


def test_a_file_in_an_own_field_without_network(stage: Stage) -> None:
    with stage.office("admin") as admin:
        admin.create("own_field", record_type="customer", name="合同扫描件", kind="file", listed=True)
    with stage.office("rep1") as office_:
        shop = shop_with_credit(office_, nth=1)
    rep = Rep(stage.open("second phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    scan = SAMPLES["png"]
    with rep.device.offline():
        rep.tab("客户")
        rep.find_customer(shop["name"])
        rep.page.get_by_role("link", name="编辑", exact=True).click()
        payload = {"name": "扫描.png", "mimeType": "image/png", "buffer": scan}
        rep.page.locator("input[type=file][aria-label=合同扫描件]").set_input_files([payload])  # type: ignore[arg-type]
        rep.sees("扫描.png")
        rep.device.screenshot("documents-own-form")
        rep.tap("保存")
        rep.sees("已改好")
        rep.tap("资料")
        with rep.page.expect_download() as waiting:
            rep.button("扫描.png").click()
        assert waiting.value.path().read_bytes() == scan
    rep.waits_for_everything()

    clerk = Clerk(stage.open("second desk", DESK), "clerk")
    clerk.log_in()
    clerk.go(f"/desk/customers?q={shop['name']}")
    expect(clerk.page.get_by_role("row").filter(has_text="扫描.png")).to_have_count(1)
    clerk.go(f"/desk/customers/{shop['id']}#edit")
    payload = {"name": "附页.txt", "mimeType": "text/plain", "buffer": "附页".encode()}
    clerk.page.locator("input[type=file][aria-label=合同扫描件]").set_input_files([payload])  # type: ignore[arg-type]
    clerk.sees("附页.txt")
    clerk.device.screenshot("documents-own-desk")
    clerk.tap("保存")
    with clerk.page.expect_download() as waiting:
        clerk.button("附页.txt").first.click()
    assert waiting.value.path().read_bytes() == "附页".encode()
    rep.waits_for_everything()
    rep.tab("客户")
    rep.find_customer(shop["name"])
    rep.tap("资料")
    rep.sees("附页.txt", timeout=SYNC_TIMEOUT)
