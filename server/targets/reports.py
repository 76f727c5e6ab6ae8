"""Reports on targets: what people are to reach."""

from server.records.fields import L
from server.reports.declaring import Measure, Report, report

_TREE = "person_id.department_id:tree"

report(
    Report(
        name="targets.all",
        label=L("人员指标查询", "人員指標查詢", "Targets"),
        record="target",
        filters={"state": "approved"},
        moment="start_date",
        period="this_year",
        measures=(
            Measure("count", "count", L("指标数", "指標數", "Targets")),
            Measure("visits", "sum", L("拜访客户次数", "拜訪客戶次數", "Visits"), "visits"),
            Measure("new_customers", "sum", L("新增客户数量", "新增客戶數量", "New customers"), "new_customers"),
            Measure("deal_amount", "sum", L("客户成交金额", "客戶成交金額", "Orders amount"), "deal_amount"),
            Measure("received_amount", "sum", L("客户回款金额", "客戶回款金額", "Money received"), "received_amount"),
        ),
        dimensions=("person_id", _TREE, "kind", "start_date:month", "start_date:quarter", "start_date:year"),
        by="person_id",
        chart="column",
        paths=((_TREE, "person_id"),),
        columns=("person_id", "period", "visits", "new_customers", "deal_amount", "received_amount"),
    )
)
