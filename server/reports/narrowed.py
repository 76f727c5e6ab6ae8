"""What a report was narrowed to, in words: on paper nobody sees the filters."""

from collections.abc import Mapping
from contextlib import suppress
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.export import local_moment
from server.records.fields import FieldSpec, L, Label
from server.records.listing import titles_of
from server.records.own import is_own, readable
from server.records.record import Record, record_named

_SIGNS = {"ge": "≥ ", "gt": "> ", "le": "≤ ", "lt": "< ", "ne": "≠ "}
_THERE = L("已填写", "已填寫", "filled in")
_NOT_THERE = L("未填写", "未填寫", "not filled in")
_YES, _NO = L("是", "是", "Yes"), L("否", "否", "No")


def in_words(
    session: Session, actor: Actor, record: type[Record], filters: Mapping[str, str], language: str, zone: ZoneInfo
) -> str:
    """ "省份: 山东 · 状态: 成交"; of filters that are no field's, e.g. of a quick view, name and value as they were asked."""
    return " · ".join(_one(session, actor, record, *item, language, zone) for item in sorted(filters.items()))


def _one(
    session: Session, actor: Actor, record: type[Record], name: str, text: str, language: str, zone: ZoneInfo
) -> str:
    path, _, operator = name.partition("__")
    labels, spec = _field(session, actor, record, path)
    label = " · ".join(one.of(language) for one in labels) or path
    if operator == "empty":
        return f"{label}: {(_NOT_THERE if text in ('1', 'true') else _THERE).of(language)}"
    parts = text.split(",") if operator == "in" else [text]
    words = [_value(session, actor, spec, part, language, zone) for part in parts]
    return f"{label}: {_SIGNS.get(operator, '')}{', '.join(words)}"


def _field(session: Session, actor: Actor, record: type[Record], path: str) -> tuple[list[Label], FieldSpec | None]:
    """`customer_id.province` → its two labels, and what the last one is."""
    head, _, rest = ("", "", "") if is_own(path) else path.partition(".")
    spec = readable(session, actor, record).fields.get(head or path)
    if spec is None:
        return [], None
    if not rest or spec.ref is None:
        return [spec.label], spec
    labels, last = _field(session, actor, record_named(spec.ref), rest)
    return [spec.label, *labels], last


def _value(session: Session, actor: Actor, spec: FieldSpec | None, text: str, language: str, zone: ZoneInfo) -> str:
    if spec is None:
        return text
    if text in spec.choices:
        return spec.choices[text].of(language)
    if spec.kind == "ref" and spec.ref:
        return titles_of(session, actor, record_named(spec.ref), {text}).get(text, text)
    if spec.kind == "bool":
        return (_YES if text in ("1", "true") else _NO).of(language)
    if spec.kind == "datetime":
        with suppress(ValueError):
            return f"{local_moment(text, zone):%Y-%m-%d %H:%M}"
    return text
