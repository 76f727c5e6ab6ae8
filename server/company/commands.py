"""Writes of the company's settings and lists."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select

from server.company.models import DUPLICATE_FIELDS, Company, Option
from server.company.tiles import check_template
from server.records.commands import Context
from server.records.editing import on_create, on_edit, standard_commands
from server.records.errors import Rejected, error_texts
from server.records.fields import L

standard_commands(Company, create=False, delete=False)
standard_commands(Option, delete=False)

error_texts(
    {
        "unknown_time_zone": L("没有这个时区：{value}", "沒有這個時區：{value}", "There is no time zone {value}"),
        "unknown_duplicate_field": L(
            "不能按这个字段查重：{value}", "不能依這個欄位查重：{value}", "{value} cannot be checked for duplicates"
        ),
        "unknown_category": L(
            "没有这个客户类别：{value}", "沒有這個客戶類別：{value}", "There is no customer category {value}"
        ),
        "option_exists": L("列表里已有“{name}”", "清單裡已有「{name}」", "The list already has “{name}”"),
    }
)


@on_edit(Company)
def check_company(context: Context, company: Company, changed: dict[str, tuple[object, object]]) -> None:
    if "time_zone" in changed:
        try:
            ZoneInfo(company.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise Rejected("unknown_time_zone", field="time_zone", value=company.time_zone) from error
    if "duplicate_fields" in changed:
        for name in company.duplicate_fields:
            if name not in DUPLICATE_FIELDS:
                raise Rejected("unknown_duplicate_field", field="duplicate_fields", value=name)
    if "recovery_categories" in changed:
        _check_categories(context, company)
    if "map_tile_url" in changed and company.map_tile_url:
        check_template(company.map_tile_url)


def _check_categories(context: Context, company: Company) -> None:
    chosen = company.recovery_categories
    if chosen is not None and not isinstance(chosen, list):
        raise Rejected("unknown_category", field="recovery_categories", value=str(chosen)[:40])
    there = set(context.session.scalars(select(Option.id).where(Option.list_name == "customer_category")))
    for value in chosen or ():
        if value not in there:
            raise Rejected("unknown_category", field="recovery_categories", value=str(value)[:40])
    company.recovery_categories = list(dict.fromkeys(chosen or ())) or None


@on_create(Option)
def new_option(context: Context, option: Option) -> None:
    _check_option(context, option)


@on_edit(Option)
def changed_option(context: Context, option: Option, changed: dict[str, tuple[object, object]]) -> None:
    _check_option(context, option)


def _check_option(context: Context, option: Option) -> None:
    """Names are unique in a list; exactly one entry of a list is the default (BUSINESS.md, settings lists)."""
    others = context.session.scalars(
        select(Option).where(Option.list_name == option.list_name, Option.id != option.id)
    ).all()
    if any(other.name == option.name for other in others):
        raise Rejected("option_exists", field="name", name=option.name)
    if option.is_default:
        for other in others:
            other.is_default = False
