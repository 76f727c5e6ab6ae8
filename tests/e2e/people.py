"""What people do with their devices, in the words of the trade. Texts are those of the app in 简体中文."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from playwright.sync_api import Locator, Page, TimeoutError, expect

from server.demo.names import PASSWORD
from tests.e2e.device import Device

#: Milliseconds a sync, an upload and its checks may take on a busy machine.
SYNC_TIMEOUT = 45_000
_SEARCH_CUSTOMER = "名称 / 拼音首字母 / 电话"
expect.set_options(timeout=15_000)


@dataclass
class Person:
    """Somebody of the demo company with the device in the hand."""

    device: Device
    username: str

    @property
    def page(self) -> Page:
        return self.device.page

    def log_in(self) -> None:
        """Signs in and waits until the device works without a network."""
        page = self.page
        page.locator("input[name=username]").fill(self.username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.get_by_role("navigation", name="主导航")).to_be_visible(timeout=SYNC_TIMEOUT)
        self.device.wait_until_installed()

    def go(self, path: str) -> None:
        """Opens a page by its address, which starts the app anew: also a test that this works offline."""
        self.page.goto(self.device.url + path)

    def button(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=isinstance(name, str))

    def tap(self, name: str | re.Pattern[str]) -> None:
        self.button(name).first.click()

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("link", name=name)

    def sees(self, text: str | re.Pattern[str], *, timeout: float | None = None) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=timeout)

    def sees_nowhere(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text)).to_have_count(0)

    def fill(self, field: str, value: str) -> None:
        """Fills a declared field by its name, as in `server/*/models.py`."""
        self.page.locator(f"input[name={field}], textarea[name={field}]").first.fill(value)


class Rep(Person):
    """On the phone."""

    def tab(self, name: str) -> None:
        """One of the tabs at the foot; from screens that have none, by going back first."""
        tabs = self.page.get_by_role("navigation", name="主导航")
        back = self.button("返回")
        # What waits is counted on the tab.
        wanted = tabs.get_by_role("link", name=re.compile(rf"^{name}(\W|\d|$)"))
        for _step in range(6):
            tabs.or_(back).first.wait_for()
            # Either may be gone by then: a screen that is just left by itself is as good, and has the other.
            with suppress(TimeoutError):
                if tabs.is_visible():
                    wanted.click(timeout=3_000)
                    return
                back.click(timeout=3_000)
        wanted.click()

    def waits_for_everything(self) -> None:
        """Until nothing is on its way in either direction: the sync page says so, of a sync that began after this."""
        self.go("/sync")
        now = self.page.evaluate("Date.now()")
        self.tap("立即同步")
        as_of = "Date.parse(document.querySelector('header time')?.dateTime ?? '')"
        self.page.wait_for_function(f"now => {as_of} >= now", arg=now, timeout=SYNC_TIMEOUT)
        expect(self.page.get_by_role("heading", level=1)).to_have_text(
            re.compile("全部已到公司|待我处理"), timeout=SYNC_TIMEOUT
        )
        expect(self.page.get_by_text(re.compile("待传"))).to_have_count(0, timeout=SYNC_TIMEOUT)

    # -- a visit

    def check_in(self) -> None:
        """From the check-in screen into the camera."""
        expect(self.page.get_by_text(re.compile("定位良好"))).to_be_visible()
        self.tap("到店签到")

    def take_photos(self, *kinds: str) -> None:
        """One photo of each kind, with the device's camera; then back to the visit."""
        page = self.page
        camera = page.get_by_role("region", name="拍照")
        for kind in kinds:
            camera.get_by_role("group", name="照片类型").get_by_role("button", name=re.compile(f"^{kind}")).click()
            shutter = camera.get_by_role("button", name=f"拍照：{kind}")
            expect(shutter).to_be_enabled()
            photos = camera.get_by_role("button", name=re.compile("^查看照片："))
            before = photos.count()
            shutter.click()
            expect(photos).to_have_count(before + 1)
        camera.get_by_role("button", name=re.compile("^(完成|先到这里)")).click()

    def write_notes(self, *, person: str, stage: str, content: str, next_contact: str) -> None:
        page = self.page
        self.fill("visited_person", person)
        page.get_by_role("group", name="销售阶段").get_by_role("button", name=stage).click()
        self.fill("content", content)
        page.get_by_role("group", name=re.compile("下次")).get_by_role("button", name=next_contact).click()

    def check_out(self) -> None:
        self.tap("下一步：签退")
        self.tap("签退")
        expect(self.page).to_have_url(re.compile("/today$"))

    # -- trade

    def choose(self, product: str, quantity: int) -> None:
        page = self.page
        page.get_by_role("searchbox", name="名称 / 拼音 / 编号 / 条码").fill(product)
        page.get_by_role("button", name=f"加入{product}").click()
        stepper = page.get_by_role("group", name=product)
        stepper.get_by_role("button", name=re.compile(f"^{product}: ")).click()
        self.type_number(str(quantity))
        expect(stepper.get_by_role("button", name=re.compile(f"^{product}: {quantity} "))).to_be_visible()

    def type_number(self, number: str) -> None:
        pad = self.page.get_by_role("dialog").last
        for key in number:
            pad.get_by_role("button", name="小数点" if key == "." else key, exact=True).click()
        pad.get_by_role("button", name="确定").click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def running_total(self) -> Decimal:
        text = self.page.locator(".bar .total").inner_text()
        return Decimal(re.sub(r"[^\d.]", "", text))

    # -- the day

    def plan_for_today(self, customer: str) -> None:
        self.tab("今日")
        self.page.get_by_role("link", name="计划", exact=True).click()
        self.page.get_by_role("searchbox", name=_SEARCH_CUSTOMER).fill(customer)
        row = self.button(re.compile(f"^{customer}"))
        row.click()
        expect(row).to_have_attribute("aria-pressed", "true")
        self.tap(re.compile("^好了，共"))

    def start_next_stop(self, customer: str) -> None:
        """From today's screen, where this customer is the next stop, to the door."""
        self.sees("下一站")
        expect(self.link(customer)).to_be_visible()
        self.tap("到店签到")
        expect(self.page).to_have_url(re.compile("/visits/start/"))

    def beside_the_visit(self, what: str) -> None:
        self.page.get_by_role("navigation", name="拜访中还可以").get_by_role("link", name=what).click()

    def hand_in_order(self) -> Decimal:
        """Looks the order over and hands it in; returns its total."""
        self.tap("下一步")
        hand_in = self.button(re.compile("^提交(订单|待审批)$"))
        expect(hand_in).to_be_enabled()
        total = self.running_total()
        hand_in.click()
        self.sees("订单已记下，有网络就送出")
        return total

    def type_amount(self, amount: str) -> None:
        self.tap(re.compile("^回款金额"))
        self.type_number(amount)

    def record_payment(self, amount: str, *, order: str) -> None:
        """`order`: its number, or the words that stand for one that has none yet."""
        self.page.get_by_role("button", name=re.compile(order)).click()
        self.type_amount(amount)
        self.tap(re.compile(f"^记下 ¥{amount}"))
        self.sees(f"已记下回款 ¥{amount}")

    def report(self, summary: str, plan: str) -> None:
        """The daily report; adds to what the app has written already."""
        self.link("写今天的日报").click()
        written = self.page.locator("textarea[name=summary]")
        expect(written).to_have_value(re.compile("^拜访了"))
        written.fill(f"{written.input_value()}{summary}")
        self.fill("next_plan", plan)
        self.tap("提交日报")
        self.sees("今天的日报已交")

    def find_customer(self, name: str) -> None:
        """In the customer list, to the customer's page."""
        self.page.get_by_role("searchbox", name=_SEARCH_CUSTOMER).fill(name)
        self.page.get_by_role("link", name=re.compile(f"^{name}")).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)

    def order_at(self, customer: str) -> None:
        """Begins an order from the customer's page."""
        self.tab("客户")
        self.find_customer(customer)
        self.page.get_by_role("navigation", name="操作").get_by_role("link", name="下单").click()

    def add_beside(self, heading: str) -> None:
        """On the customer's page, where each kind of thing has its own section to add one in."""
        section = self.page.locator("section", has=self.page.get_by_role("heading", name=heading, exact=True))
        section.get_by_role("link", name="添加").click()

    def edit_customer(self, **values: str) -> None:
        """On the customer's page."""
        self.page.get_by_role("link", name="编辑", exact=True).click()
        for field, value in values.items():
            self.fill(field, value)
        self.tap("保存")
        self.sees("已改好")

    def card(self, subject: str) -> Locator:
        """What the sync page says about something that needs the rep."""
        return self.page.get_by_role("article").filter(has_text=subject)

    def what_waits(self) -> Locator:
        """The lines of the sync page about what has not reached the company: what it is and, read after that, of whom."""
        self.go("/sync")
        card = self.page.locator("section", has=self.page.get_by_role("heading", name=re.compile(r"^待传 \d+")))
        lines = card.locator(".what")
        expect(lines.first).to_be_visible()
        expect(lines.filter(has_not_text=" · ")).to_have_count(0)
        return lines


class Manager(Person):
    """On the tablet."""

    def rail(self, name: str) -> None:
        self.page.get_by_role("navigation", name="主导航").get_by_role("link", name=name, exact=True).click()

    def open_day_of(self, name: str) -> None:
        self.rail("团队")
        self.page.get_by_role("region", name="人员").get_by_role("link", name=re.compile(name)).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)


class Clerk(Person):
    """At the desk."""

    def rail(self, name: str) -> None:
        self.page.get_by_role("navigation", name="主导航").get_by_role("link", name=name, exact=True).click()

    def open_order(self, number: str) -> None:
        self.rail("订单")
        self.page.get_by_role("searchbox", name=re.compile("^搜索")).first.fill(number)
        self.page.get_by_role("table").get_by_role("link", name=number).click()

    def edit_customer(self, customer_id: str, **values: str) -> None:
        self.go(f"/desk/customers/{customer_id}")
        self.tap("编辑")
        for field, value in values.items():
            self.fill(field, value)
        self.tap("保存")
        self.sees("已保存")
