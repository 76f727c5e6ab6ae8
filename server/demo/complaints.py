"""What customers complained of or suggested: some to be answered, some to be asked about, some settled."""

from datetime import timedelta
from typing import NamedTuple

from server.company.workdays import work_hours_later
from server.demo.company import Rep
from server.demo.shops import Shop
from server.demo.troubles import Scene
from server.followups.models import Complaint
from server.records.record import Record


class _Story(NamedTuple):
    """`days` ago; 0 is just now. `hours` until the answer, if there is one; `handler`: the customer's rep, or the clerk."""

    kind: str
    content: str
    urgency: str
    days: int
    state: str
    handler: str
    answer: str | None = None
    hours: int = 0
    satisfaction: str | None = None
    note: str | None = None


#: Two for each rep, in turn.
_STORIES = (
    _Story("送货", "早上没人收货，货放在门口被雨淋了。", "normal", 2, "answered", "clerk", "明天上午换货，以后先打电话。", 5),
    _Story(
        "产品质量", "两箱有胀包，顾客来退。", "high", 6, "closed", "rep", "当天换了两箱，已报给仓库查批次。", 3, "good",
        "换得快，没有意见",
    ),
    _Story("服务", "电话打不通，补货等了两天。", "normal", 0, "open", "rep"),
    _Story(
        "价格", "比隔壁批发部贵两块。", "normal", 7, "closed", "rep", "本月促销价可以再降一块。", 40, "bad", "还是觉得贵",
    ),
    _Story("送货", "少送一箱，单子上是五箱。", "high", 0, "working", "clerk"),
    _Story(
        "建议", "希望大瓶装也出小规格。", "low", 5, "closed", "clerk", "已转给产品部，下季度试销。", 8, "fair", "等新品",
    ),
)  # fmt: skip


def write_complaints(scene: Scene) -> list[Record]:
    """Customers must be loaded already. Nothing of it is due soon: who looks at a new company is not reminded at once."""
    rows: list[Record] = []
    for number, rep in enumerate(scene.company.staff.reps):
        known = scene.known(rep)
        for place in range(min(2, len(known))):
            story = _STORIES[(2 * number + place) % len(_STORIES)]
            rows.append(_complaint(scene, rep, known[-1 - place], story))
    return rows


def _complaint(scene: Scene, rep: Rep, shop: Shop, story: _Story) -> Complaint:
    dice, calendar, company = scene.dice, scene.calendar, scene.company
    at = calendar.now - timedelta(days=story.days, minutes=dice.between(20, 90))
    at = max(at, shop.customer.created_at + timedelta(minutes=5)).replace(microsecond=0)
    due = work_hours_later(at, 24, [1, 2, 3, 4, 5, 6], calendar.zone)
    handler = company.staff.clerk_id if story.handler == "clerk" else rep.id
    answered = min(at + timedelta(hours=story.hours), calendar.now) if story.answer else None
    closed = min(answered + timedelta(hours=20), calendar.now) if answered and story.state == "closed" else None
    return Complaint(
        id=dice.id_at(at), customer_id=shop.customer.id, kind_id=company.option("complaint_kind", story.kind),
        content=story.content, urgency=story.urgency, contact_id=shop.contacts[0].id if shop.contacts else None,
        reported_at=at, handler_id=handler, state=story.state, due_at=due, late=bool(answered and answered > due),
        answer=story.answer, answered_at=answered, answered_by=handler if answered else None,
        satisfaction=story.satisfaction, close_note=story.note, closed_at=closed, reopened=0, author_id=rep.id,
        created_at=at, created_by=rep.id,
    )  # fmt: skip
