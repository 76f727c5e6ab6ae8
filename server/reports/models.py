"""Reports that people have saved for themselves or for everybody."""

from typing import Any

from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.actor import Actor
from server.records.fields import L
from server.records.record import Record, RecordSpec, register
from server.records.visibility import also_visible

AUDIENCES = {
    "own": L("仅自己", "僅自己", "Only me"),
    "everyone": L("所有人", "所有人", "Everybody"),
}


@register
class SavedReport(Record):
    """保存的报表: a declaration (server/reports/declaring.py) with the settings it was saved with. Who opens it gets the
    numbers of what he himself may see."""

    __tablename__ = "saved_report"
    spec = RecordSpec(
        label=L("保存的报表", "儲存的報表", "Saved report"),
        plural=L("保存的报表", "儲存的報表", "Saved reports"),
        area="reports",
        root="company",
        title="name",
        owners=("owner_id",),
        default_sort="name",
        synced=False,
    )
    name: Mapped[str] = f.text(L("报表名称", "報表名稱", "Name"), 80, required=True, listed=True, quick=True)
    owner_id: Mapped[str] = f.ref(
        L("所有者", "擁有者", "Owner"), "employee", readonly=True, required=True, listed=True
    )
    audience: Mapped[str] = f.choice(
        L("可见范围", "可見範圍", "For"), AUDIENCES, default="own", readonly=True, listed=True, index=True
    )
    declaration: Mapped[dict[str, Any]] = f.json(
        L("报表内容", "報表內容", "What it shows"), required=True, policy="ask"
    )


@also_visible(SavedReport, "published")
def published(actor: Actor, operation: str) -> Any:
    """What was saved for everybody is read by everybody."""
    return SavedReport.audience == "everyone" if operation == "view" else None
