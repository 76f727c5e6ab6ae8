"""Notices of the office, who has read them, and what people have in their schedules, all by the real commands."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from server.demo.troubles import Scene
from server.records.commands import run

_RULES = (
    "各位同事：\n\n从本周起，拜访、订单和回款都在巡客里登记，纸质日报不再使用。\n\n"
    "1. 到店签到，拍门头和货架；\n2. 订单当场录入，价格以系统为准；\n3. 每天 18:00 前提交日报。\n\n有问题请找内勤。"
)
_PROMOTION = "本月饮料类买十送一，按箱计算，赠品随货发出。\n\n活动到月底结束，订单备注里请写“买十送一”。"
_SHELF = (
    "各位同事：\n\n下周起执行新的陈列标准：主推品放在与视线齐平的一层，价签朝外，破损价签当场更换。\n\n"
    "拜访时请拍货架全景一张、主推品一张。达标的店月底有陈列奖励。"
)
_HOLIDAY = "元旦放假三天，值班表另行通知。"
#: (title, category, text, days ago, whether pinned, for these roles alone, how likely somebody has read it)
_NOTICES: tuple[tuple[str, str, str, float, bool, tuple[str, ...], float], ...] = (
    ("日报和订单改用巡客登记", "规章制度", _RULES, 12, False, (), 1),
    ("本月促销：饮料买十送一", "促销政策", _PROMOTION, 5, False, ("销售员", "销售经理"), 0.9),
    ("新的陈列标准", "内部通知", _SHELF, 0.8, True, (), 0.5),
)
#: (what, days from today, from, until, place, whether with a customer); without hours it takes all day.
_ENTRIES: tuple[tuple[str, int, float, float, str | None, bool], ...] = (
    ("早会", 0, 8.5, 9, "公司三楼会议室", False),
    ("谈年度陈列协议", 0, 15, 16, None, True),
    ("领新品样品", 1, 8.5, 9, "一号仓库", False),
    ("经销商恳谈会", 3, 14, 17, "城阳国际会议中心", False),
    ("新品知识培训", 6, 0, 0, "公司三楼会议室", False),
    ("陪同主管走店", -2, 9, 11.5, None, True),
)


def write_office(scene: Scene) -> tuple[int, int]:
    """How many notices and entries there are now. Whom one signs in as has read everything."""
    return _publish(scene), _enter(scene)


def _publish(scene: Scene) -> int:
    staff, now = scene.company.staff, scene.calendar.now
    first = [staff.administrator_id, *staff.manager_ids, *(rep.id for rep in staff.reps[:2])]
    others = [rep.id for rep in staff.reps[2:]]
    for title, category, content, days, pinned, roles, read in _NOTICES:
        at = now - timedelta(days=days)
        notice = scene.dice.id_at(at)
        to: dict[str, Any] = {}
        if roles:
            to = {"audience": "some", "role_ids": [scene.company.founded.roles[name] for name in roles]}
        _write(scene, at, notice, title, category, content, pinned=pinned, **to)
        run(scene.context(staff.clerk_id, at + timedelta(minutes=5)), "notice.publish", 1, {"id": notice})
        for person in [*first, *(one for one in others if scene.dice.chance(read))]:
            if roles and person == staff.administrator_id:
                continue
            seen = at + timedelta(minutes=scene.dice.between(10, 600))
            line = {"id": scene.dice.id_at(seen), "notice_id": notice}
            run(scene.context(person, seen), "notice.read", 1, line)
    at = now - timedelta(hours=3)
    _write(scene, at, scene.dice.id_at(at), "元旦放假安排", "放假安排", _HOLIDAY)
    return len(_NOTICES) + 1


def _write(scene: Scene, at: datetime, notice: str, title: str, category: str, content: str, **more: Any) -> None:
    category_id = scene.company.option("notice_category", category)
    values = {"title": title, "category_id": category_id, "content": content, **more}
    run(scene.context(scene.company.staff.clerk_id, at), "notice.create", 1, {"id": notice, "values": values})


def _enter(scene: Scene) -> int:
    """Into the schedules of managers and reps, some days ago."""
    at = scene.calendar.now - timedelta(days=4)
    people = [(one, None) for one in scene.company.staff.manager_ids]
    count = 0
    for person, rep in [*people, *((rep.id, rep) for rep in scene.company.staff.reps)]:
        for index, (title, days, begins, ends, place, meets) in enumerate(_ENTRIES):
            if (meets and rep is None) or (index > 1 and scene.dice.chance(0.3)):
                continue
            shops = scene.known(rep)[:5] if meets and rep is not None else []
            values = {
                "title": title, "place": place, "all_day": ends == 0, "start_at": _at(scene, days, begins),
                "end_at": _at(scene, days, ends or 24),
                **({"customer_id": scene.dice.pick(shops).customer.id} if shops else {}),
                **({"remind_before": 30} if days > 1 else {}),
            }  # fmt: skip
            args = {"id": scene.dice.id_at(at), "values": values}
            run(scene.context(person, at), "schedule_entry.create", 1, args)
            count += 1
    return count


def _at(scene: Scene, days: int, hour: float) -> str:
    day = scene.calendar.today + timedelta(days=days)
    midnight = datetime.combine(day, time(), scene.calendar.zone)
    return (midnight + timedelta(hours=hour)).astimezone(UTC).isoformat()
