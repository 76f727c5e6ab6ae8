"""Reports on what was asked for (BUSINESS.md, Reports: Q12). What became of claims and transfers, and those without
approval, are reports on customers (Q2, Q9)."""

from server.records.fields import L
from server.reports.declaring import Measure, Report, report

_TREE = "requester_id.department_id:tree"

for _name, _number, _label, _kind in (
    ("claims.asked", "", L("客户申领申请", "客戶申領申請", "Claims asked for"), "customer.claim"),
    ("transfers.asked", "", L("客户转交申请", "客戶轉交申請", "Transfers asked for"), "customer.transfer"),
    ("changes.all", "Q12", L("信息变更查询", "資訊變更查詢", "Changes of customers"), "customer.change"),
):
    report(
        Report(
            name=_name,
            number=_number,
            label=_label,
            record="approval",
            filters={"kind": _kind},
            moment="created_at",
            period="this_year",
            measures=(Measure("count", "count", L("申请数", "申請數", "Requests")),),
            dimensions=("state", "requester_id", _TREE, "created_at:day", "created_at:month"),
            paths=((_TREE, "requester_id"),),
            columns=("customer_id", "title", "state", "created_at", "requester_id", "reason", "finished_at"),
        )
    )
