"""Writes of the catalog: products, their categories, and what customers pay by level."""

from typing import Any

from sqlalchemy import func, select

from server.catalog.models import PRICE_LEVELS, Product, ProductCategory, ProductPrice
from server.customers.models import Customer
from server.customers.service import price_to_ask_for
from server.records.commands import Context, command
from server.records.editing import (
    CreateArgs,
    DeleteArgs,
    EditArgs,
    create_row,
    delete_row,
    edit_row,
    on_create,
    on_delete,
    on_edit,
    standard_commands,
)
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.pinyin import initials

standard_commands(ProductCategory)
standard_commands(Product)

error_texts(
    {
        "product_no_taken": L(
            "产品编号“{value}”已被使用", "產品編號「{value}」已被使用", "The product number {value} is taken"
        ),
        "category_in_use": L(
            "类别下还有产品或下级类别", "類別下還有產品或下級類別", "The category still has products or categories"
        ),
        "category_circle": L(
            "不能把上级类别设成自己或自己的下级",
            "不能把上級類別設成自己或自己的下級",
            "A category cannot lie below itself",
        ),
        "price_target": L(
            "{level}必须且只能指定对应的客户、分组或等级",
            "{level}必須且只能指定對應的客戶、分組或等級",
            "A {level} names exactly the customer, group or grade it is for",
        ),
        "price_exists": L(
            "该产品已有这个级别的价格，请直接修改",
            "該產品已有這個級別的價格，請直接修改",
            "The product already has a price for this level; change that one",
        ),
    }
)

#: The field that each price level fills.
_TARGETS = {"customer": "customer_id", "group": "group_id", "grade": "grade_id"}


@on_create(Product)
def new_product(context: Context, product: Product) -> None:
    """The number is generated unless it was typed (BUSINESS.md, "Defaults of Xunke": Product number)."""
    if product.product_no is None:
        product.product_no = _free_number(context)
    elif _number_taken(context, product.product_no):
        raise Rejected("product_no_taken", field="product_no", value=product.product_no)
    product.pinyin_code = initials(product.name)[:120]
    product.priced_at = context.today


def _free_number(context: Context) -> str:
    """A typed number may look like a generated one; the generated one steps over it."""
    while True:
        number = context.number("PD")
        if not _number_taken(context, number):
            return number


def _number_taken(context: Context, number: str) -> bool:
    return context.session.scalar(select(Product.id).where(Product.product_no == number)) is not None


@on_edit(Product)
def changed_product(context: Context, product: Product, changed: dict[str, tuple[Any, Any]]) -> None:
    if "name" in changed:
        product.pinyin_code = initials(product.name)[:120]
    if "price" in changed:
        product.priced_at = context.today


@on_delete(Product)
def delete_prices_of_product(context: Context, product: Product) -> None:
    """What was ever ordered is only taken off shelf (PR-2): `server.orders` adds that rule."""
    for row in context.session.scalars(select(ProductPrice).where(ProductPrice.product_id == product.id)).all():
        context.session.delete(row)


@on_edit(ProductCategory)
def changed_category(context: Context, category: ProductCategory, changed: dict[str, tuple[Any, Any]]) -> None:
    if "parent_id" not in changed:
        return
    seen, above = {category.id}, category.parent_id
    while above is not None:
        if above in seen:
            raise Rejected("category_circle", field="parent_id")
        seen.add(above)
        parent = context.find(ProductCategory, above)
        above = parent.parent_id if parent is not None else None


@on_delete(ProductCategory)
def delete_category(context: Context, category: ProductCategory) -> None:
    products = select(Product.id).where(Product.category_id == category.id).limit(1)
    below = select(ProductCategory.id).where(ProductCategory.parent_id == category.id).limit(1)
    if context.session.scalar(products) or context.session.scalar(below):
        raise Rejected("category_in_use", field="id")


@command("product_price.create", CreateArgs, permission="product.create")
def create_price(context: Context, args: CreateArgs) -> dict[str, Any]:
    """What a customer, a group or a grade pays. Where the company wants agreed prices approved it becomes a request (`held`,
    change_needs_approval). 422 price_target, price_exists."""
    values = args.values
    agreed = values.get("level") == "customer" and values.get("price") not in (None, "")
    customer_id = values.get("customer_id") if agreed else None
    if isinstance(customer_id, str) and price_to_ask_for(
        context, customer_id, str(values.get("product_id")), values["price"]
    ):
        return {"id": args.id}
    return create_row(context, ProductPrice, args.id, values)


@command("product_price.edit", EditArgs, permission="product.edit")
def edit_price(context: Context, args: EditArgs) -> dict[str, Any]:
    """Changes a level price; one that was agreed with a customer is asked for as a new one is."""
    row = context.get(ProductPrice, args.id)
    if row.customer_id is not None and "price" in args.set:
        price = args.set["price"][1]
        if price_to_ask_for(context, row.customer_id, row.product_id, price):
            return {"id": row.id}
    return edit_row(context, ProductPrice, args.id, args.set)


@command("product_price.delete", DeleteArgs, permission="product.delete")
def delete_price(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Ends a level price; one that was agreed with a customer is asked for as a new one is."""
    row = context.need(ProductPrice, args.id, "delete")
    if row.customer_id is not None and price_to_ask_for(context, row.customer_id, row.product_id, None):
        return {"id": args.id}
    return delete_row(context, ProductPrice, args.id)


@on_create(ProductPrice)
def new_price(context: Context, row: ProductPrice) -> None:
    """Exactly one of customer, group and grade, as the level says; one price for each product and target."""
    filled = [name for name in _TARGETS.values() if getattr(row, name) is not None]
    wanted = _TARGETS[row.level]
    if filled != [wanted]:
        wrong = next((name for name in filled if name != wanted), wanted)
        raise Rejected("price_target", field=wrong, level=PRICE_LEVELS[row.level])
    if row.customer_id is not None:
        context.need(Customer, row.customer_id)
    context.get(Product, row.product_id)  # locked: two people at once do not make two prices
    same = (
        select(func.count())
        .select_from(ProductPrice)
        .where(ProductPrice.product_id == row.product_id, getattr(ProductPrice, wanted) == getattr(row, wanted))
    )
    if context.session.scalar(same):
        raise Rejected("price_exists", field=wanted)
    row.priced_at = context.today


@on_edit(ProductPrice)
def changed_price(context: Context, row: ProductPrice, changed: dict[str, tuple[Any, Any]]) -> None:
    if "price" in changed:
        row.priced_at = context.today
