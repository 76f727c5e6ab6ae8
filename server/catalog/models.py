"""The catalog: products, their categories and prices by customer level (BUSINESS.md, Products)."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Number, Record, RecordSpec, register

PRICE_LEVELS = {
    "customer": L("客户协议价", "客戶協議價", "Agreed price"),
    "group": L("分组价", "分組價", "Group price"),
    "grade": L("等级价", "等級價", "Grade price"),
}


@register
class ProductCategory(Record):
    """产品类别, a tree."""

    __tablename__ = "product_category"
    spec = RecordSpec(
        label=L("产品类别", "產品類別", "Product category"),
        plural=L("产品类别", "產品類別", "Product categories"),
        area="catalog",
        root="company",
        title="name",
        permission="product",
        default_sort="sort",
    )
    name: Mapped[str] = f.text(L("类别名称", "類別名稱", "Name"), 60, required=True, listed=True, quick=True)
    parent_id: Mapped[str | None] = f.ref(
        L("上级类别", "上級類別", "Parent category"), "product_category", listed=True
    )
    sort: Mapped[int] = f.integer(L("排序值", "排序值", "Sort value"), default=100, listed=True)


@register
class Product(Record):
    """产品 / 货品."""

    __tablename__ = "product"
    spec = RecordSpec(
        label=L("产品", "產品", "Product"),
        plural=L("产品", "產品", "Products"),
        area="catalog",
        root="company",
        title="name",
        number=Number("product_no", "PD", on_create=False),
        default_sort="product_no",
    )
    product_no: Mapped[str | None] = f.text(
        L("产品编号", "產品編號", "Product no."), 30, unique=True, listed=True, search=True, fixed=True
    )
    name: Mapped[str] = f.text(
        L("产品名称", "產品名稱", "Product name"), 120, required=True, listed=True, quick=True, search=True
    )
    pinyin_code: Mapped[str | None] = f.text(
        L("拼音简码", "拼音簡碼", "Pinyin initials"), 120, readonly=True, search=True
    )
    barcode: Mapped[str | None] = f.text(L("条码", "條碼", "Barcode"), 40, search=True)
    spec_text: Mapped[str | None] = f.text(
        L("产品规格", "產品規格", "Specification"), 120, listed=True, quick=True, search=True
    )
    unit_id: Mapped[str] = f.option(L("单位", "單位", "Unit"), "unit", required=True, listed=True, quick=True)
    category_id: Mapped[str | None] = f.ref(
        L("产品类别", "產品類別", "Category"), "product_category", listed=True, quick=True
    )
    price: Mapped[Decimal] = f.price(
        L("含税单价", "含稅單價", "List price"), required=True, min=0, listed=True, quick=True
    )
    priced_at: Mapped[date | None] = f.date(L("定价日期", "定價日期", "Priced on"), readonly=True)
    stock: Mapped[Decimal] = f.quantity(
        L("库存余额", "庫存餘額", "Stock"), default=Decimal(0), listed=True, policy="server"
    )
    safety_stock: Mapped[Decimal | None] = f.quantity(L("安全库存", "安全庫存", "Safety stock"), min=0)
    on_shelf: Mapped[bool] = f.boolean(L("上架", "上架", "For sale"), default=True, listed=True)
    color: Mapped[str | None] = f.text(L("颜色", "顏色", "Colour"), 40)
    remark: Mapped[str | None] = f.longtext(L("备注", "備註", "Remark"))


@register
class ProductPrice(Record):
    """价格: what a customer, a group or a grade pays instead of the list price.

    What was agreed with a customer is told only to the devices that hold that customer.
    """

    __tablename__ = "product_price"
    spec = RecordSpec(
        label=L("客户级别价格", "客戶級別價格", "Level price"),
        plural=L("客户级别价格", "客戶級別價格", "Level prices"),
        area="catalog",
        root="customer:customer_id",
        title="level",
        permission="product",
        within=("customer_id", "customer"),
    )
    product_id: Mapped[str] = f.ref(L("产品", "產品", "Product"), "product", required=True, fixed=True, listed=True)
    level: Mapped[str] = f.choice(
        L("价格级别", "價格級別", "Level"), PRICE_LEVELS, required=True, fixed=True, listed=True
    )
    grade_id: Mapped[str | None] = f.option(
        L("客户等级", "客戶等級", "Grade"), "customer_grade", fixed=True, listed=True
    )
    group_id: Mapped[str | None] = f.option(
        L("客户分组", "客戶分組", "Group"), "customer_group", fixed=True, listed=True
    )
    customer_id: Mapped[str | None] = f.ref(L("客户", "客戶", "Customer"), "customer", fixed=True, listed=True)
    price: Mapped[Decimal] = f.price(L("价格", "價格", "Price"), required=True, min=0, listed=True)
    priced_at: Mapped[date | None] = f.date(L("定价日期", "定價日期", "Priced on"), readonly=True, listed=True)
