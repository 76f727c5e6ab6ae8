"""The conflict record: a value that lost, or a question only a person can answer. It syncs like any other row."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

CONFLICT_STATES = {
    "open": L("待处理", "待處理", "Open"),
    "auto": L("已自动处理", "已自動處理", "Settled by rule"),
    "resolved": L("已解决", "已解決", "Resolved"),
}
RESOLUTIONS = {
    "theirs": L("保留公司的值", "保留公司的值", "Keep the company's value"),
    "mine": L("采用手机的值", "採用手機的值", "Take the phone's value"),
    "other": L("另填新值", "另填新值", "A third value"),
}


@register
class Conflict(Record):
    """冲突: field, base, theirs (value, who, when), mine (value, who, device, when), policy, state, resolution."""

    __tablename__ = "conflict"
    spec = RecordSpec(
        label=L("冲突", "衝突", "Conflict"),
        plural=L("冲突", "衝突", "Conflicts"),
        area="conflicts",
        root="customer:customer_id|employee:employee_id",
        title="subject",
        permission="conflict",
        owners=("employee_id",),
        through=("customer_id", "customer"),
    )
    customer_id: Mapped[str | None] = f.ref(L("客户", "客戶", "Customer"), "customer", readonly=True, listed=True)
    employee_id: Mapped[str | None] = f.ref(L("员工", "員工", "Employee"), "employee", readonly=True)
    record_type: Mapped[str] = f.text(
        L("资料类型", "資料類型", "Kind"), 40, readonly=True, required=True, listed=True
    )
    record_id: Mapped[str] = f.text(L("资料", "資料", "Record"), 36, readonly=True, required=True, index=True)
    subject: Mapped[str | None] = f.text(L("名称", "名稱", "Name"), readonly=True, listed=True)
    field: Mapped[str] = f.text(L("字段", "欄位", "Field"), 60, readonly=True, required=True, listed=True)
    base: Mapped[Any] = f.json(L("原来的值", "原來的值", "Before"), readonly=True, listed=True)
    theirs: Mapped[Any] = f.json(L("公司的值", "公司的值", "Company's value"), readonly=True, listed=True)
    theirs_by: Mapped[str | None] = f.ref(
        L("公司值的修改人", "公司值的修改人", "Company's value by"), "employee", readonly=True, index=False
    )
    theirs_at: Mapped[datetime | None] = f.moment(
        L("公司值的时间", "公司值的時間", "Company's value at"), readonly=True
    )
    mine: Mapped[Any] = f.json(L("手机的值", "手機的值", "Phone's value"), readonly=True, listed=True)
    mine_by: Mapped[str | None] = f.ref(
        L("手机值的修改人", "手機值的修改人", "Phone's value by"), "employee", readonly=True, listed=True
    )
    mine_at: Mapped[datetime | None] = f.moment(L("手机值的时间", "手機值的時間", "Phone's value at"), readonly=True)
    mine_device: Mapped[str | None] = f.text(L("设备", "裝置", "Device"), 36, readonly=True)
    reason: Mapped[str | None] = f.text(L("原因", "原因", "Reason"), 60, readonly=True, listed=True)
    policy: Mapped[str] = f.text(L("处理规则", "處理規則", "Rule"), 10, readonly=True, required=True)
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), CONFLICT_STATES, readonly=True, required=True, listed=True, index=True
    )
    resolution: Mapped[str | None] = f.choice(L("处理结果", "處理結果", "Resolution"), RESOLUTIONS, readonly=True)
    resolved_value: Mapped[Any] = f.json(L("最终的值", "最終的值", "Final value"), readonly=True)
    resolved_by: Mapped[str | None] = f.ref(
        L("处理人", "處理人", "Resolved by"), "employee", readonly=True, index=False
    )
    resolved_at: Mapped[datetime | None] = f.moment(L("处理时间", "處理時間", "Resolved at"), readonly=True)
