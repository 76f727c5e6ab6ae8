"""The columns of the import, from the declarations, and how a sheet's header row is matched with them."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlalchemy.orm import Session

from server.customers.models import Contact, Customer
from server.records.actor import Actor
from server.records.asked import required_fields
from server.records.errors import Rejected, error_texts
from server.records.fields import FieldSpec, L, Label, listed
from server.records.own import readable
from server.records.record import Record, fields_of

error_texts(
    {
        "wrong_headers": L(
            "“{sheet}”表头不对：缺少 {missing}；不认识 {unknown}；重复 {repeated}",
            "「{sheet}」表頭不對：缺少 {missing}；不認識 {unknown}；重複 {repeated}",
            "The headers of {sheet} are wrong: missing {missing}; unknown {unknown}; repeated {repeated}",
        ),
        "column_of_files": L(
            "“{label}”是照片或文件字段，不能导入；请删除这一列，在客户页面添加",
            "「{label}」是照片或檔案欄位，不能匯入；請刪除這一欄，在客戶頁面新增",
            "{label} is a field of photos or files and cannot be imported; remove the column and add them in the app",
        ),
        "wrong_sheets": L(
            "找不到名为“{expected}”的工作表，文件里有：{found}",
            "找不到名為「{expected}」的工作表，檔案裡有：{found}",
            "There is no sheet {expected}; the file has: {found}",
        ),
    }
)


@dataclass(frozen=True)
class Sheet:
    """A sheet of the import: its record, its name, the columns without which it says nothing, and the company's own
    fields that the importer may write."""

    key: str
    record: type[Record]
    required: tuple[tuple[str, ...], ...]  #: of each group at least one
    own: Mapping[str, FieldSpec] = field(default_factory=dict)
    #: Own fields of photos and files: a cell cannot hold one.
    apart: Mapping[str, FieldSpec] = field(default_factory=dict)
    #: What the company's forms require on top.
    asked: frozenset[str] = frozenset()

    @property
    def name(self) -> Label:
        return self.record.spec.plural

    @cached_property
    def fields(self) -> dict[str, FieldSpec]:
        declared = {name: spec for name, spec in fields_of(self.record).items() if spec.importable}
        return {
            **declared,
            **{name: replace(declared[name], required=True) for name in self.asked & declared.keys()},
            **self.own,
        }


CUSTOMERS = Sheet("customer", Customer, (("name",), ("mobile", "landline", "office_phone", "fax")))
CONTACTS = Sheet("contact", Contact, (("customer_id",), ("name",)))
SHEETS = (CUSTOMERS, CONTACTS)


def sheets_for(session: Session, actor: Actor) -> tuple[Sheet, ...]:
    """The sheets with the own fields of the company that this importer may write."""
    return tuple(
        replace(
            sheet,
            own=_own(session, actor, sheet.record),
            apart=_apart(session, actor, sheet.record),
            asked=required_fields(session, sheet.record.__tablename__),
        )
        for sheet in SHEETS
    )


def _own(session: Session, actor: Actor, record: type[Record]) -> dict[str, FieldSpec]:
    return {
        name: replace(field.spec, required=field.must_fill(actor) and field.spec.default is None)
        for name, field in readable(session, actor, record).own.items()
        if field.spec.importable and field.right(actor) == "edit" and not field.hidden
    }


def _apart(session: Session, actor: Actor, record: type[Record]) -> dict[str, FieldSpec]:
    own = readable(session, actor, record).own
    return {name: field.spec for name, field in own.items() if field.kind in ("photo", "file", "mixed")}


#: The characters of our headers and sheet names in the other script, so that a converted file is understood.
_SIMPLIFIED = str.maketrans(
    "戶稱聯絡繫係別機電話辦傳郵詳細經緯類來組級屬業結帳賬額數約備註資訊員職務門區號農曆歷",
    "户称联络系系别机电话办传邮详细经纬类来组级属业结账账额数约备注资讯员职务门区号农历历",
)
#: Columns of the file with what was not imported, which comes back corrected.
REST_COLUMNS = (
    L("未导入原因", "未匯入原因", "Not imported because"),
    L("原行号", "原列號", "Row in the file"),
)
#: What companies also write above these columns.
_ALIASES = {"固定电话": "联系电话", "座机": "联系电话", "手机号": "手机", "手机号码": "手机", "主联系人": "联系人"}


def plain_header(text: object) -> str:
    """A header without width, case, script, white space and the star of required columns."""
    folded = unicodedata.normalize("NFKC", str(text)).casefold().translate(_SIMPLIFIED)
    return "".join(c for c in folded if not c.isspace() and c not in "*:").strip()


def _known(fields: dict[str, FieldSpec]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, spec in fields.items():
        for label in spec.label:
            found.setdefault(plain_header(label), name)
    return found


def sheet_names(sheet: Sheet) -> set[str]:
    return {plain_header(label) for label in (*sheet.record.spec.plural, *sheet.record.spec.label)}


def match_headers(sheet: Sheet, title: str, headers: list[object]) -> dict[int, str]:
    """Column index → field. Columns that an export has beside the importable ones are passed over.

    Raises `Rejected` wrong_headers, naming what is missing, unknown and repeated; column_of_files.
    """
    known, apart = _known(sheet.fields), _known(dict(sheet.apart))
    ignored = {*_known(fields_of(sheet.record)), *(plain_header(word) for label in REST_COLUMNS for word in label)}
    found: dict[int, str] = {}
    unknown: list[str] = []
    repeated: list[str] = []
    for index, header in enumerate(headers):
        plain = plain_header(header) if header is not None else ""
        if not plain:
            continue
        field = known.get(plain) or (None if plain in ignored else known.get(_ALIASES.get(plain, "")))
        if field is None:
            if plain in apart:
                raise Rejected("column_of_files", field="file", label=str(header).strip()[:40])
            if plain not in ignored:
                unknown.append(str(header).strip()[:40])
        elif field in found.values():
            repeated.append(str(header).strip()[:40])
        else:
            found[index] = field
    lacking = [group for group in sheet.required if not set(group) & set(found.values())]
    if unknown or repeated or lacking:
        absent = [spec.label for name, spec in sheet.fields.items() if name not in found.values()]
        raise Rejected(
            "wrong_headers",
            field="file",
            sheet=title,
            missing=listed(absent) if absent else "—",
            unknown="、".join(unknown[:20]) or "—",
            repeated="、".join(repeated[:20]) or "—",
        )
    return found
