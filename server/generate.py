"""What the web app takes from the declarations: structure, labels in each language, and the OpenAPI document."""

import json
from pathlib import Path
from typing import Any

import server.areas  # noqa: F401 - makes every record and command known
from media.reasons import REASONS
from server.api.sync import SCHEMA
from server.layouts.forms import ENTERED, NEEDED, purposes_of, record_of
from server.layouts.models import PURPOSES, RECORD_TYPES
from server.notifications.kinds import Kind, kinds
from server.people.permissions import all_permissions
from server.records.commands import commands
from server.records.errors import ERROR_TEXTS
from server.records.fields import FieldSpec, Label
from server.records.record import Record, path_of, permission_of, records, visible_fields

LANGUAGES = ("zh-CN", "zh-TW", "en")

_SECTIONS = {
    "main": Label("基本信息", "基本資訊", "Basics"),
    "contact": Label("联系方式", "聯絡方式", "Contact"),
    "place": Label("地址位置", "地址位置", "Place"),
    "class": Label("分类", "分類", "Classification"),
    "money": Label("结算", "結算", "Settlement"),
    "map": Label("地图", "地圖", "Map"),
    "evidence": Label("照片核验", "照片核驗", "Photo checks"),
    "notifications": Label("提醒", "提醒", "Notifications"),
    "own": Label("其他信息", "其他資訊", "More"),
    "system": Label("系统信息", "系統資訊", "System"),
}
_SCOPES = {
    "own": Label("自己", "自己", "Own"),
    "subordinates": Label("自己及下属", "自己及下屬", "Own and subordinates"),
    "department": Label("本部门", "本部門", "Department"),
    "all": Label("所有", "所有", "All"),
}


def declarations() -> dict[str, Any]:
    """The structure of all records and commands, without any words."""
    return {
        "schema": SCHEMA,
        "records": {record.__tablename__: _record(record) for record in records()},
        "sections": list(_SECTIONS),
        "permissions": list(all_permissions()),
        "commands": {spec.name: {"version": spec.version} for spec in commands()},
        "notification_kinds": {kind.name: _kind(kind) for kind in kinds()},
        "forms": {form: _form(form) for form in RECORD_TYPES if form in ENTERED or form in NEEDED},
    }


def _form(form: str) -> dict[str, Any]:
    """What people enter in it, where that is not all that can be written, and what cannot be hidden; its record, where that
    has another form as well."""
    found: dict[str, Any] = {}
    if form in ENTERED:
        found["entered"] = list(ENTERED[form])
    if (purposes := purposes_of(form)) != list(PURPOSES):
        found["purposes"] = purposes
    if form in NEEDED:
        found["needed"] = list(NEEDED[form])
    if (record := record_of(form).__tablename__) != form:
        found["record"] = record
    return found


def _record(record: type[Record]) -> dict[str, Any]:
    spec = record.spec
    return {
        "name": record.__tablename__,
        "path": path_of(record),
        "area": spec.area,
        "root": spec.root,
        "synced": spec.synced,
        "permission": permission_of(record),
        "title_field": spec.title,
        "number_field": spec.number.field if spec.number else None,
        "default_sort": spec.default_sort,
        "search": [name for name, field in visible_fields(record).items() if field.search],
        "fields": [_field(name, field) for name, field in visible_fields(record).items()],
    }


def _field(name: str, spec: FieldSpec) -> dict[str, Any]:
    """Only what differs from the usual, so that the file stays small."""
    found: dict[str, Any] = {"name": name, "kind": spec.kind}
    for key in ("required", "readonly", "fixed", "listed", "quick", "importable", "total"):
        if getattr(spec, key):
            found[key] = True
    if spec.looked_up:
        found["index"] = True
    for key in ("ref", "ref_list", "calendar", "max_length", "min", "max"):
        if getattr(spec, key) is not None:
            found[key] = getattr(spec, key)
    if spec.policy != "ask":
        found["policy"] = spec.policy
    if spec.section != "main":
        found["section"] = spec.section
    if spec.choices:
        found["choices"] = list(spec.choices)
    if spec.default is not None and not callable(spec.default):
        found["default"] = spec.default if isinstance(spec.default, str | int | bool) else str(spec.default)
    return found


def _kind(kind: Kind) -> dict[str, Any]:
    """What a new company starts with; only what there is."""
    found: dict[str, Any] = {"push": kind.push}
    if kind.lead_days is not None:
        found["lead_days"] = kind.lead_days
    if kind.at is not None:
        found["at"] = kind.at.strftime("%H:%M")
    if kind.needs is not None:
        found["needs"] = kind.needs
    return found


def labels(language: str) -> dict[str, str]:
    """Every word that belongs to a declaration, in one language."""
    found: dict[str, Label] = {}
    for record in records():
        name = record.__tablename__
        found[f"record.{name}"] = record.spec.label
        found[f"record.{name}.plural"] = record.spec.plural
        for field_name, field in visible_fields(record).items():
            found[f"field.{name}.{field_name}"] = field.label
            if field.hint is not None:
                found[f"hint.{name}.{field_name}"] = field.hint
            for code, label in field.choices.items():
                found[f"choice.{name}.{field_name}.{code}"] = label
    found.update({f"section.{name}": label for name, label in _SECTIONS.items()})
    found.update({f"scope.{name}": label for name, label in _SCOPES.items()})
    found.update({f"permission.{name}": label for name, label in all_permissions().items()})
    for form, needed in NEEDED.items():
        found.update({f"needed.{form}.{name}": label for name, label in needed.items()})
    for told in kinds():
        found[f"notification.{told.name}"] = told.label
        found[f"notification.{told.name}.text"] = told.text
    found.update({f"error.{code}": label for code, label in ERROR_TEXTS.items()})
    texts = {key: label.of(language) for key, label in sorted(found.items())}
    for code, kind in REASONS.items():
        texts[f"reason.{code}"] = Label(kind.zh_cn, kind.zh_tw, kind.en).of(language)
    return texts


def write(folder: Path, openapi: dict[str, Any], openapi_file: Path) -> list[Path]:
    """Writes the files; returns those that changed."""
    files = {folder / "declarations.json": declarations(), openapi_file: openapi}
    files.update({folder / f"labels.{language}.json": labels(language) for language in LANGUAGES})
    changed: list[Path] = []
    for file, content in files.items():
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            changed.append(file)
    return changed
