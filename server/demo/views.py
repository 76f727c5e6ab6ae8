"""Views of lists that the manager and the office have saved and shared, by the real command."""

from datetime import timedelta
from typing import Any

from server.demo.troubles import Scene
from server.records.commands import run

#: Of which list, its name, and what it asks.
_OF_MANAGER: tuple[dict[str, Any], ...] = (
    {
        "record_type": "customer", "name": "本周要联系的", "sort": "next_contact_at", "audience": "everybody",
        "filters": {"next_contact_at__ge": "@today", "next_contact_at__lt": "@today+7"},
    },
    {
        "record_type": "opportunity", "name": "快成交的商机", "sort": "-expected_amount", "audience": "everybody",
        "filters": {"state": "open", "chance__ge": "60"},
    },
    {
        "record_type": "contact_record", "name": "近一周的催款", "audience": "everybody",
        "filters": {"kind": "collection", "contacted_at__ge": "@today-7"},
    },
    {"record_type": "work_report", "name": "等批示的报告", "audience": "private", "filters": {"asks": "1", "comment_count": "0"}},
)  # fmt: skip
_OF_CLERK: tuple[dict[str, Any], ...] = (
    {
        "record_type": "customer", "name": "欠款超过五千", "sort": "-debt_total", "audience": "everybody",
        "filters": {"debt_total__ge": "5000"},
    },
)  # fmt: skip


def share_views(scene: Scene) -> int:
    """How many there are now."""
    staff = scene.company.staff
    at = scene.company.founded_at + timedelta(hours=5)
    for owner, views in ((staff.manager_ids[0], _OF_MANAGER), (staff.clerk_id, _OF_CLERK)):
        for view in views:
            context = scene.context(owner, at)
            run(context, "saved_view.save", 1, {"id": scene.dice.id_at(at), **view})
    return len(_OF_MANAGER) + len(_OF_CLERK)
