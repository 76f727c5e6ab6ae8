"""The company's alert rules, and the customers they point at today."""

from datetime import timedelta

from server.alerts.judging import found_by
from server.alerts.models import Alert, AlertRule
from server.alerts.schedule import percent_of
from server.demo.troubles import Scene
from server.records.record import Record

_RULES = (
    ("老客户 5 天没有下单", "no_order", 5, None),
    ("欠款达到额度六成", "debt_share", None, 60),
    ("四天销售比前四天少一半", "sales_fell", 4, 50),
    ("客户不满意", "unhappy", None, None),
    ("满意度 90 天没有回访", "not_asked", 90, None),
)


def write_alerts(scene: Scene) -> list[Record]:
    """Customers, orders and reports must be loaded already. One in five has been put aside by its owner."""
    dice, founded, calendar = scene.dice, scene.company.founded_at + timedelta(hours=6), scene.calendar
    rows: list[Record] = []
    boss = scene.company.staff.administrator_id
    for name, kind, days, percent in _RULES:
        rule = AlertRule(
            id=dice.id_at(founded), name=name, kind=kind, days=days, percent=percent, enabled=True,
            created_at=founded, created_by=boss,
        )  # fmt: skip
        rows.append(rule)
        found = found_by(rule, calendar.today, calendar.zone)
        for index, row in enumerate(sorted(scene.session.execute(found), key=lambda one: one.customer_id)):
            at = calendar.now - timedelta(days=index % 4, hours=1)
            alert = Alert(
                id=dice.id_at(at), customer_id=row.customer_id, rule_id=rule.id, kind=kind, last_at=row.last_at,
                percent=percent_of(row), since=dice.day_of(at), state="standing", created_at=at, created_by=boss,
            )  # fmt: skip
            if index % 5 == 4:
                alert.state, alert.aside_until = "aside", calendar.today + timedelta(days=6)
                alert.aside_note, alert.aside_by = "老板出差，下周再谈", row.owner_id
            rows.append(alert)
    return rows
