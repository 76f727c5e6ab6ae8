"""Orders, their lines and the money received for them (BUSINESS.md, Orders)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from server.catalog.models import PRICE_LEVELS
from server.customers.models import SETTLEMENT_MODES
from server.people.models import GENDERS
from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

ORDER_STATES = {
    "pending": L("等待审核", "等待審核", "Waiting for approval"),
    "picking": L("正在配货", "正在配貨", "Picking"),
    "shipped": L("已经发货", "已經發貨", "Shipped"),
    "completed": L("交易完成", "交易完成", "Completed"),
    "cancelled": L("取消订单", "取消訂單", "Cancelled"),
}
HOLDS = {
    "credit_exceeded": L("超信用额度", "超信用額度", "Over the credit limit"),
    "product_off_shelf": L("产品已下架", "產品已下架", "Product withdrawn"),
    "customer_moved": L("客户已转移", "客戶已轉移", "Customer changed hands"),
    "customer_disabled": L("客户已停用", "客戶已停用", "Customer disabled"),
}
PRICE_REASONS = {
    **PRICE_LEVELS,
    "list": L("标准价", "標準價", "List price"),
    "free": L("手工改价", "手工改價", "Free price"),
}


@register
class Order(Record):
    """销售订单. Amounts: payable = goods total + freight; debt = payable − discount − paid (OR-8).

    `hold_reason` is the first of the open questions; `hold_detail` is {reasons: [{code, …numbers}], decision: {decision,
    note, by, at}} and stays when it is decided. A cancelled order owes nothing: its debt is −paid, what was paid for
    it is the customer's.
    """

    __tablename__ = "order"
    __table_args__ = (Index("ix_order_clerk_id_ordered_at", "clerk_id", "ordered_at"),)
    spec = RecordSpec(
        label=L("订单", "訂單", "Order"),
        plural=L("订单", "訂單", "Orders"),
        area="orders",
        root="customer:customer_id",
        title="order_no",
        permission="order",
        owners=("clerk_id",),
        through=("customer_id", "customer"),
        default_sort="-ordered_at",
    )
    order_no: Mapped[str | None] = f.text(
        L("订单号", "訂單編號", "Order no."), 30, readonly=True, unique=True, listed=True, search=True
    )
    customer_id: Mapped[str] = f.ref(
        L("客户名称", "客戶名稱", "Customer"), "customer", required=True, fixed=True, listed=True
    )
    visit_id: Mapped[str | None] = f.ref(L("拜访", "拜訪", "Visit"), "visit", fixed=True)
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), ORDER_STATES, required=True, readonly=True, listed=True, index=True
    )
    hold_reason: Mapped[str | None] = f.choice(
        L("挂起原因", "掛起原因", "On hold"), HOLDS, readonly=True, listed=True
    )
    hold_detail: Mapped[Any] = f.json(L("挂起说明", "掛起說明", "Hold details"), readonly=True)
    settlement_mode: Mapped[str] = f.choice(
        L("结账方式", "結帳方式", "Settlement"), SETTLEMENT_MODES, readonly=True, required=True, listed=True
    )
    consignee: Mapped[str | None] = f.text(L("收货人", "收貨人", "Consignee"), 60, listed=True, search=True)
    consignee_gender: Mapped[str | None] = f.choice(L("性别", "性別", "Title"), GENDERS)
    consignee_mobile: Mapped[str | None] = f.phone(L("手机", "手機", "Mobile"), search=True)
    consignee_phone: Mapped[str | None] = f.phone(L("座机电话", "座機電話", "Phone"), search=True)
    address: Mapped[str | None] = f.text(L("送货地址", "送貨地址", "Ship to"), 300, search=True)
    postcode: Mapped[str | None] = f.text(L("邮编", "郵遞區號", "Postcode"), 12)
    terminal_id: Mapped[str | None] = f.ref(L("终端", "終端", "Terminal"), "terminal")
    customer_department_id: Mapped[str | None] = f.ref(
        L("客户部门", "客戶部門", "Customer department"), "customer_department"
    )
    delivery_time: Mapped[str | None] = f.text(L("送货时间", "送貨時間", "Delivery time"), 60)
    goods_total: Mapped[Decimal] = f.money(
        L("产品总额", "產品總額", "Goods total"), default=Decimal(0), readonly=True, total=True
    )
    freight: Mapped[Decimal] = f.money(
        L("运费", "運費", "Freight"), default=Decimal(0), min=0, listed=True, total=True
    )
    payable: Mapped[Decimal] = f.money(
        L("应付金额", "應付金額", "Payable"), default=Decimal(0), readonly=True, listed=True, total=True
    )
    discount: Mapped[Decimal] = f.money(L("优惠", "優惠", "Discount"), default=Decimal(0), min=0, total=True)
    paid: Mapped[Decimal] = f.money(
        L("实付金额", "實付金額", "Paid"), default=Decimal(0), readonly=True, listed=True, total=True
    )
    debt: Mapped[Decimal] = f.money(
        L("欠款金额", "欠款金額", "Debt"), default=Decimal(0), readonly=True, listed=True, total=True
    )
    ordered_at: Mapped[datetime] = f.moment(
        L("下单日期", "下單日期", "Ordered"), required=True, readonly=True, listed=True, index=True
    )
    clerk_id: Mapped[str] = f.ref(
        L("下单人", "下單人", "Ordered by"), "employee", required=True, readonly=True, listed=True, index=False
    )
    sales_clerk_id: Mapped[str | None] = f.ref(L("业务客服", "業務客服", "Sales clerk"), "employee", index=False)
    approved_by: Mapped[str | None] = f.ref(
        L("审核人", "審核人", "Approved by"), "employee", readonly=True, index=False
    )
    approved_at: Mapped[datetime | None] = f.moment(L("审核时间", "審核時間", "Approved"), readonly=True)
    shipper_id: Mapped[str | None] = f.ref(
        L("发货客服", "發貨客服", "Shipped by"), "employee", readonly=True, index=False
    )
    shipped_at: Mapped[datetime | None] = f.moment(L("发货日期", "發貨日期", "Shipped"), readonly=True)
    completed_at: Mapped[datetime | None] = f.moment(L("完成时间", "完成時間", "Completed"), readonly=True)
    logistics_id: Mapped[str | None] = f.option(L("物流公司", "物流公司", "Carrier"), "logistics", readonly=True)
    waybill_no: Mapped[str | None] = f.text(L("物流单号", "物流單號", "Waybill"), 40, readonly=True, search=True)
    accompanying: Mapped[str | None] = f.text(L("随包物品", "隨包物品", "Enclosed"), 200)
    remark: Mapped[str | None] = f.longtext(L("订单备注", "訂單備註", "Remark"), search=True)
    cancelled_by: Mapped[str | None] = f.ref(
        L("取消人", "取消人", "Cancelled by"), "employee", readonly=True, index=False
    )
    cancelled_at: Mapped[datetime | None] = f.moment(L("取消时间", "取消時間", "Cancelled"), readonly=True)
    cancel_reason: Mapped[str | None] = f.text(L("取消原因", "取消原因", "Reason"), 200, readonly=True)
    own: Mapped[dict[str, Any] | None] = f.own_values()


@register
class OrderLine(Record):
    """订单明细. subtotal = price × quantity, rounded half up to the cent."""

    __tablename__ = "order_line"
    spec = RecordSpec(
        label=L("订单明细", "訂單明細", "Order line"),
        plural=L("订单明细", "訂單明細", "Order lines"),
        area="orders",
        root="customer:customer_id",
        title="product_name",
        permission="order",
        through=("order_id", "order"),
        default_sort="line_no",
    )
    order_id: Mapped[str] = f.ref(L("订单", "訂單", "Order"), "order", required=True, readonly=True)
    customer_id: Mapped[str] = f.ref(L("客户", "客戶", "Customer"), "customer", required=True, readonly=True)
    line_no: Mapped[int] = f.integer(L("序号", "序號", "Line"), required=True, readonly=True, listed=True)
    product_id: Mapped[str] = f.ref(
        L("产品", "產品", "Product"), "product", required=True, readonly=True, listed=True
    )
    product_no: Mapped[str | None] = f.text(L("产品编号", "產品編號", "Product no."), 30, readonly=True, listed=True)
    product_name: Mapped[str] = f.text(
        L("产品名称", "產品名稱", "Product"), 120, required=True, readonly=True, listed=True
    )
    spec_text: Mapped[str | None] = f.text(L("规格", "規格", "Specification"), 120, readonly=True, listed=True)
    unit: Mapped[str | None] = f.text(L("单位", "單位", "Unit"), 60, readonly=True, listed=True)
    price: Mapped[Decimal] = f.price(L("单价", "單價", "Price"), required=True, readonly=True, listed=True)
    price_reason: Mapped[str] = f.choice(
        L("价格依据", "價格依據", "Price basis"), PRICE_REASONS, required=True, readonly=True, listed=True
    )
    quantity: Mapped[Decimal] = f.quantity(L("数量", "數量", "Quantity"), required=True, readonly=True, listed=True)
    subtotal: Mapped[Decimal] = f.money(
        L("小计", "小計", "Subtotal"), required=True, readonly=True, listed=True, total=True
    )


PAYMENT_KINDS = {
    "order": L("订单回款", "訂單回款", "For an order"),
    "top_up": L("预存", "預存", "Deposit"),
    "used": L("预存冲抵", "預存沖抵", "From deposit"),
    "refund": L("预存退款", "預存退款", "Paid back"),
}


@register
class Payment(Record):
    """回款单: money received against an order, or ahead of any (预存, CO-7). A fact: never refused; what exceeds the debt is
    shown as such.

    `amount` is what the order is paid or the till has more (refunds and reversals are negative); no money moves where the
    kind is "used". `deposit` is by how much the customer's deposit changes: their sum is the customer's `deposit_total`.
    """

    __tablename__ = "payment"
    __table_args__ = (Index("ix_payment_operator_id_paid_at", "operator_id", "paid_at"),)
    spec = RecordSpec(
        label=L("回款", "回款", "Receipt"),
        plural=L("回款", "回款", "Receipts"),
        area="orders",
        root="customer:customer_id",
        title="amount",
        owners=("operator_id",),
        through=("customer_id", "customer"),
        default_sort="-paid_at",
    )
    kind: Mapped[str] = f.choice(
        L("类型", "類型", "Kind"), PAYMENT_KINDS, default="order", required=True, readonly=True, listed=True
    )
    order_id: Mapped[str | None] = f.ref(L("订单", "訂單", "Order"), "order", readonly=True, listed=True)
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, readonly=True, listed=True
    )
    amount: Mapped[Decimal] = f.money(
        L("回款金额", "回款金額", "Amount"), required=True, readonly=True, listed=True, total=True
    )
    method_id: Mapped[str | None] = f.option(
        L("回款方式", "回款方式", "Method"), "payment_method", readonly=True, listed=True
    )
    paid_at: Mapped[datetime] = f.moment(
        L("回款时间", "回款時間", "Received"), required=True, readonly=True, listed=True, index=True
    )
    paid_on: Mapped[date | None] = f.date(L("回款日期", "回款日期", "Received on"), readonly=True)
    operator_id: Mapped[str] = f.ref(
        L("操作人", "操作人", "Received by"), "employee", required=True, readonly=True, listed=True, index=False
    )
    overpaid: Mapped[Decimal] = f.money(
        L("超出欠款", "超出欠款", "Above the debt"), default=Decimal(0), readonly=True
    )
    deposit: Mapped[Decimal] = f.money(
        L("预存变动", "預存變動", "Change of the deposit"), default=Decimal(0), readonly=True, total=True
    )
    booked_at: Mapped[datetime | None] = f.moment(L("入账时间", "入帳時間", "Booked"), readonly=True)
    booked_by: Mapped[str | None] = f.ref(L("入账人", "入帳人", "Booked by"), "employee", readonly=True, index=False)
    remark: Mapped[str | None] = f.text(L("备注", "備註", "Remark"), 400, readonly=True, listed=True)
    reverses_id: Mapped[str | None] = f.ref(L("冲销", "沖銷", "Takes back"), "payment", readonly=True, index=False)
    reversed_at: Mapped[datetime | None] = f.moment(L("冲销时间", "沖銷時間", "Taken back"), readonly=True)
