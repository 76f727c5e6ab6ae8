"""Trial accounts in every state: the company resells a stock-keeping program that its customers may try."""

from dataclasses import dataclass
from datetime import timedelta

from server.demo.company import Rep
from server.demo.shops import Shop
from server.demo.troubles import Scene
from server.followups.models import TrialAccount

_PRODUCTS = ("云进销存 标准版", "云进销存 连锁版", "云收银")


@dataclass(frozen=True, slots=True)
class _Course:
    """How one went: days since it was asked for, days until it ends (None: never opened), hours since the customer was
    online."""

    state: str
    category: str
    asked: int
    ends: int | None = None
    seen: float | None = None
    remark: str | None = None
    reason: str | None = None


#: The first rep's, and one or two of each other rep.
_FIRST = (
    _Course("pending", "意向强", 0, remark="老板想先试一个月"),
    _Course("open", "意向强", 20, 12, 0.05, "两家店一起用，已培训店员"),
    _Course("open", "一般", 28, 2, 30),
    _Course("expired", "一般", 38, -5, 130, "说月底前答复"),
    _Course("closed", "先了解", 40, -10, 300, reason="已购买正式版"),
)
_OTHERS = (
    _Course("open", "意向强", 9, 21, 2),
    _Course("pending", "一般", 1, remark="想换掉现在的软件"),
    _Course("refused", "先了解", 6, reason="营业执照还没有补"),
    _Course("open", "一般", 24, 6),
)


def write_trials(scene: Scene) -> list[TrialAccount]:
    """Not loaded yet."""
    first, *others = scene.company.staff.reps
    rows = _of(scene, first, _FIRST)
    for index, rep in enumerate(others):
        rows += _of(scene, rep, (_OTHERS[index % len(_OTHERS)],))
    return rows


def _of(scene: Scene, rep: Rep, courses: tuple[_Course, ...]) -> list[TrialAccount]:
    return [_row(scene, rep, shop, course) for shop, course in zip(scene.known(rep), courses, strict=False)]


def _row(scene: Scene, rep: Rep, shop: Shop, course: _Course) -> TrialAccount:
    dice, calendar = scene.dice, scene.calendar
    asked = max(calendar.now - timedelta(days=course.asked, hours=1), shop.customer.created_at)
    opened = min(asked + timedelta(minutes=40), calendar.now) if course.ends is not None else None
    seen = calendar.now - timedelta(hours=course.seen) if course.seen is not None else None
    return TrialAccount(
        id=dice.id_at(asked), customer_id=shop.customer.id, name=dice.pick(_PRODUCTS),
        login_name=f"shop{dice.between(1000, 9999)}" if opened else None,
        category_id=scene.company.option("trial_category", course.category), remark=course.remark, state=course.state,
        owner_id=rep.id, keeper_id=rep.id if opened else None, opened_at=opened,
        ends_on=calendar.today + timedelta(days=course.ends) if course.ends is not None else None,
        reason=course.reason, seen_at=max(seen, opened) if seen and opened else None,
        created_at=asked, created_by=rep.id,
    )  # fmt: skip
