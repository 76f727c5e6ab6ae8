"""Writes of the company's settings and lists."""

import re
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from sqlalchemy import select

from server.company import data_sets
from server.company.models import DUPLICATE_FIELDS, Company, Option
from server.company.tiles import check_template
from server.records.commands import Context
from server.records.editing import on_create, on_edit, standard_commands
from server.records.errors import Rejected, error_texts
from server.records.fields import L

MOST_MENU_NAMES = 200
#: Without these a phone has no way to anything.
_ALWAYS = {"nav.today", "nav.customers", "nav.new_visit", "nav.orders", "nav.me"}
_MENU_KEY = re.compile(r"[a-z][a-z_.]{1,59}", re.ASCII)

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
        "menu_malformed": L(
            "菜单名称有误：每个最多 24 个字，中文名称不能为空",
            "選單名稱有誤：每個最多 24 個字，中文名稱不能為空",
            "The menu names are not understood: at most 24 characters each, and a Chinese one",
        ),
        "guide_malformed": L(
            "开账指引的进度有误，请刷新后再试",
            "開帳指引的進度有誤，請重新整理後再試",
            "The progress of the set-up is not understood; reload and try again",
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
    if "menu_names" in changed:
        company.menu_names = _menu_names(company.menu_names)
    if "data_sets" in changed:
        company.data_sets = data_sets.tidy(company.data_sets)
    if "setup_guide" in changed:
        company.setup_guide = _guide(company.setup_guide)
    if "map_tile_url" in changed and company.map_tile_url:
        check_template(company.map_tile_url)


class MenuName(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`off`: the company does without; no menu has it, whoever may use it (TG-8). It needs no name."""

    name: Annotated[str, msgspec.Meta(max_length=24)] = ""
    name_tw: Annotated[str, msgspec.Meta(max_length=24)] | None = None
    name_en: Annotated[str, msgspec.Meta(max_length=24)] | None = None
    off: bool = False


def _menu_names(value: Any) -> dict[str, Any] | None:
    """Entries that the product does not have today are kept: another version of the app may."""
    try:
        found = msgspec.convert(value or {}, dict[str, MenuName])
    except msgspec.ValidationError as error:
        raise Rejected("menu_malformed", field="menu_names") from error
    if len(found) > MOST_MENU_NAMES or not all(_MENU_KEY.fullmatch(key) for key in found):
        raise Rejected("menu_malformed", field="menu_names")
    tidied: dict[str, Any] = {}
    for key, one in sorted(found.items()):
        words = {field: " ".join((getattr(one, field) or "").split()) for field in ("name", "name_tw", "name_en")}
        if (not words["name"] and not one.off) or (one.off and key in _ALWAYS):
            raise Rejected("menu_malformed", field="menu_names")
        tidied[key] = {field: word for field, word in words.items() if word} | ({"off": True} if one.off else {})
    return tidied or None


Step = Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,40}$")]


class Guide(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    done: Annotated[list[Step], msgspec.Meta(max_length=40)] = []
    skipped: Annotated[list[Step], msgspec.Meta(max_length=40)] = []
    away: bool = False


def _guide(value: Any) -> dict[str, Any] | None:
    """Which steps there are, the app says."""
    try:
        found = msgspec.convert(value or {}, Guide)
    except msgspec.ValidationError as error:
        raise Rejected("guide_malformed", field="setup_guide") from error
    done = sorted(set(found.done))
    tidied = Guide(done, sorted(set(found.skipped) - set(done)), found.away)
    return msgspec.to_builtins(tidied) or None


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
