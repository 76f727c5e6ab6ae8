"""Reports on customers (BUSINESS.md, Reports: Q1, Q2, Q4, Q9, Q11, T4, T5, T12 – T16, C1)."""

from server.records.fields import L
from server.reports.declaring import SHARE, Measure, Report, report

#: Two files that became one are counted once.
_KEPT = {"merged_into__empty": "1"}
_ACTIVE = {**_KEPT, "enabled": "true"}
_PLACES = ("province", "city", "district")
_TREE = "owner_id.department_id:tree"
_PATHS = (_PLACES, (_TREE, "owner_id"))
_KINDS = ("category_id", "lead_stage", "sales_stage_id", "customer_status", "source_id", "grade_id", "industry")
_CALENDAR = ("filed_at:month", "filed_at:day", "filed_at:year")
_EVERYTHING = (*_PLACES, "sales_region_id", _TREE, "owner_id", *_KINDS, *_CALENDAR)
_NUMBER = L("客户数", "客戶數", "Customers")
_CUSTOMERS = Measure("count", "count", _NUMBER)
_DEALT = Measure("dealt", "count", L("已成交", "已成交", "Have bought"), filters={"customer_status": "dealt"})

report(
    Report(
        name="customers.new",
        number="Q1",
        label=L("客户新增查询", "客戶新增查詢", "New customers"),
        record="customer",
        filters=_KEPT,
        moment="filed_at",
        period="this_month",
        measures=(_CUSTOMERS,),
        dimensions=_EVERYTHING,
        paths=_PATHS,
        columns=("name", "category_id", "source_id", "sales_region_id", "filed_at", "owner_id"),
    )
)
report(
    Report(
        name="customers.places",
        number="Q4",
        label=L("客户位置信息", "客戶位置資訊", "Where customers are"),
        record="customer",
        filters=_ACTIVE,
        measures=(_CUSTOMERS,),
        dimensions=_EVERYTHING,
        paths=_PATHS,
        columns=("name", "address", "building_no", "primary_contact", "mobile", "landline"),
    )
)
report(
    Report(
        name="customers.all",
        number="Q11",
        label=L("客户信息查询", "客戶資訊查詢", "Customers"),
        record="customer",
        filters=_ACTIVE,
        measures=(
            _CUSTOMERS,
            Measure("visits", "sum", L("拜访次数", "拜訪次數", "Visits"), "visit_count"),
            Measure("sales", "sum", L("销售总额", "銷售總額", "Sales"), "sales_total"),
            Measure("debt", "sum", L("欠款总额", "欠款總額", "Debt"), "debt_total"),
        ),
        dimensions=_EVERYTHING,
        paths=_PATHS,
        columns=("name", "category_id", "customer_status", "sales_region_id", "owner_id", "visit_count"),
    )
)
report(
    Report(
        name="customers.deposits",
        label=L("预存余额", "預存餘額", "Deposits of customers"),
        record="customer",
        filters={**_KEPT, "deposit_total__ne": "0"},
        measures=(
            _CUSTOMERS,
            Measure("deposit", "sum", L("预存余额", "預存餘額", "Deposit"), "deposit_total"),
            Measure("debt", "sum", L("欠款总额", "欠款總額", "Debt"), "debt_total"),
        ),
        dimensions=_EVERYTHING,
        paths=_PATHS,
        columns=("name", "deposit_total", "debt_total", "prepay_allowed", "settlement_mode", "owner_id"),
    )
)
report(
    Report(
        name="customers.new_by_region",
        number="T4",
        label=L("本年新增客户", "本年新增客戶", "New customers this year"),
        record="customer",
        filters=_KEPT,
        moment="filed_at",
        period="this_year",
        measures=(_CUSTOMERS,),
        dimensions=_EVERYTHING,
        by="sales_region_id",
        across="filed_at:month",
        chart="column",
        paths=_PATHS,
    )
)
report(
    Report(
        name="customers.new_mine",
        number="T5",
        label=L("我本年新增客户", "我本年新增客戶", "My new customers this year"),
        record="customer",
        filters=_KEPT,
        mine="created_by",
        moment="filed_at",
        period="this_year",
        measures=(_CUSTOMERS,),
        dimensions=("category_id", "sales_region_id", "source_id", *_CALENDAR),
        by="category_id",
        across="filed_at:month",
        chart="column",
    )
)
report(
    Report(
        name="customers.my_states",
        number="T12",
        label=L("我的客户状态", "我的客戶狀態", "States of my customers"),
        record="customer",
        filters=_ACTIVE,
        mine="owner_id",
        measures=(_CUSTOMERS, SHARE),
        dimensions=_KINDS,
        by="customer_status",
        chart="pie",
    )
)
for _name, _number, _label, _by in (
    ("customers.stages", "T13", L("跟进阶段统计", "跟進階段統計", "Customers by stage"), "sales_stage_id"),
    ("customers.categories", "T14", L("客户类型统计", "客戶類型統計", "Customers by type"), "category_id"),
    ("customers.states", "T15", L("客户状态统计", "客戶狀態統計", "Customers by state"), "customer_status"),
    ("customers.sources", "T16", L("客户来源统计", "客戶來源統計", "Customers by source"), "source_id"),
):
    report(
        Report(
            name=_name,
            number=_number,
            label=_label,
            record="customer",
            filters=_ACTIVE,
            measures=(_CUSTOMERS, SHARE),
            dimensions=_EVERYTHING,
            by=_by,
            chart="pie" if _number == "T14" else "bar",
            paths=_PATHS,
        )
    )
report(
    Report(
        name="customers.leads",
        label=L("线索漏斗", "線索漏斗", "Leads by stage"),
        record="customer",
        filters=_ACTIVE,
        measures=(_CUSTOMERS, SHARE, _DEALT),
        dimensions=_EVERYTHING,
        by="lead_stage",
        chart="bar",
        paths=(*_PATHS, ("lead_stage", "owner_id")),
    )
)
report(
    Report(
        name="customers.count",
        number="C1",
        label=L("客户数量报表", "客戶數量報表", "Number of customers"),
        record="customer",
        filters=_KEPT,
        moment="filed_at",
        measures=(
            _CUSTOMERS,
            SHARE,
            _DEALT,
            Measure("rate", "rate", L("成交率", "成交率", "Bought"), filters=_DEALT.filters),
        ),
        dimensions=_EVERYTHING,
        by="province",
        chart="column",
        paths=_PATHS,
    )
)

_TO = "to_id.department_id:tree"
_MOVED = ("moved_at:month", "moved_at:day", "moved_at:year")
for _name, _number, _moved, _filters, _counted in (
    ("claims.all", "Q2", L("客户申领查询", "客戶申領查詢", "Claims"), {"kind": "claim"}, L("申领数", "申領數", "Claims")),
    (
        "transfers.all", "Q9", L("客户转交查询", "客戶轉交查詢", "Transfers"), {"kind__in": "transfer,assign,hand_over"},
        L("转交数", "轉交數", "Transfers"),
    ),
):  # fmt: skip
    report(
        Report(
            name=_name,
            number=_number,
            label=_moved,
            record="customer_move",
            filters=_filters,
            moment="moved_at",
            period="this_year",
            measures=(
                Measure("count", "count", _counted),
                Measure("approved", "count", L("经审批", "經審批", "By approval"), filters={"by_approval": "true"}),
            ),
            dimensions=(
                "kind", "to_id", _TO, "from_id", "category_id", "customer_status", "sales_region_id", *_MOVED,
            ),
            paths=((_TO, "to_id"),),
            columns=(
                "name", "category_id", "customer_status", "moved_at", "from_id", "to_id", "sales_region_id", "kind",
                "by_approval",
            ),
        )
    )  # fmt: skip
