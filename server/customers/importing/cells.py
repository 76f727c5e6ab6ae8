"""What a cell means: every way people write phones, dates, amounts and choices, read as meant or refused by name."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from server.customers.duplicates import normal_text
from server.customers.rules import tidy_phone
from server.records.errors import Rejected, error_texts
from server.records.fields import FieldSpec, L, listed

error_texts(
    {
        "not_a_date": L("{label}不是日期：{value}", "{label}不是日期：{value}", "{label} is not a date: {value}"),
        "not_a_number": L("{label}不是数字：{value}", "{label}不是數字：{value}", "{label} is not a number: {value}"),
        "digits_lost": L(
            "{label}被表格写成了科学计数法，号码已不完整：{value}",
            "{label}被表格寫成了科學記號，號碼已不完整：{value}",
            "{label} was turned into scientific notation and lost digits: {value}",
        ),
        "cell_error": L(
            "{label}是表格的错误值：{value}", "{label}是表格的錯誤值：{value}", "{label} is an error value: {value}"
        ),
    }
)

#: `(field, its declaration, the cell, the cell as clean text) -> value on the wire`
Reader = Callable[[str, FieldSpec, Any, str], Any]

_EPOCH = date(1899, 12, 30)  #: day 0 of spreadsheets
_DATE = re.compile(r"(\d{4})\s*[年/.\-]\s*(\d{1,2})\s*[月/.\-]\s*(\d{1,2})\s*[日号號]?(?:[ T]\d.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_NOISE = re.compile(r"[¥￥$,，\s]|元|CNY|RMB", re.IGNORECASE)
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}


def shown(cell: Any) -> str:
    """A cell as the spreadsheet shows it, for the preview and the rest file."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(getattr(cell, "text", cell))


def read(name: str, spec: FieldSpec, cell: Any) -> Any:
    """The cell as a value on the wire; None for an empty one. Raises `Rejected` with what is wrong.

    Choices, references and coordinates need more than the cell; they come back as clean text or a float.
    """
    text = unicodedata.normalize("NFKC", shown(cell)).strip()
    if not text:
        return None
    if text in _ERRORS:
        raise Rejected("cell_error", field=name, label=spec.label, value=text)
    reader: Reader = _READERS.get(spec.kind) or _text
    return reader(name, spec, cell, text)


def _text(name: str, spec: FieldSpec, cell: Any, text: str) -> str:
    # Only numbers and codes are brought to half width: a name keeps the characters it was written with.
    written = shown(cell).replace("_x000D_", "").replace("\r\n", "\n")
    return written.strip() if spec.kind == "longtext" else " ".join(written.split())


def _phone(name: str, spec: FieldSpec, cell: Any, text: str) -> str:
    if _SCIENTIFIC.fullmatch(text):
        number = Decimal(text)
        digits = len(text.partition(".")[2].lower().partition("e")[0])
        if number != number.to_integral_value() or digits < number.adjusted():
            raise Rejected("digits_lost", field=name, label=spec.label, value=text)
        text = str(int(number))
    return tidy_phone(spec.label, name, text.removesuffix(".0"))


def _number(name: str, spec: FieldSpec, cell: Any, text: str) -> Decimal:
    if isinstance(cell, bool):
        raise Rejected("not_a_number", field=name, label=spec.label, value=text)
    try:
        number = Decimal(_NOISE.sub("", text))
    except InvalidOperation:
        raise Rejected("not_a_number", field=name, label=spec.label, value=text[:40]) from None
    if not number.is_finite():
        raise Rejected("not_a_number", field=name, label=spec.label, value=text[:40])
    return number


def _amount(name: str, spec: FieldSpec, cell: Any, text: str) -> str:
    number = _number(name, spec, cell, text)
    if abs(number) >= Decimal(10) ** 13:
        raise Rejected("too_large", field=name, label=spec.label, max="9999999999999")
    return str(number.quantize(Decimal("0.01") if spec.kind == "money" else Decimal("0.0001")))


def _int(name: str, spec: FieldSpec, cell: Any, text: str) -> int:
    number = _number(name, spec, cell, re.sub(r"[日号號]$", "", text))
    if number != number.to_integral_value() or abs(number) > 2**31:
        raise Rejected("not_a_number", field=name, label=spec.label, value=text[:40])
    return int(number)


def _float(name: str, spec: FieldSpec, cell: Any, text: str) -> float:
    return float(_number(name, spec, cell, re.sub(r"[°度]$", "", text)))


def _date(name: str, spec: FieldSpec, cell: Any, text: str) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    match = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    try:
        if match:
            year, month, day = (int(part) for part in match.groups())
            if spec.calendar is not None and year and 1 <= month <= 12 and 1 <= day <= 31:
                return f"{year:04}-{month:02}-{day:02}"  # whether there is such a day depends on the calendar
            return date(year, month, day).isoformat()
        days = float(text)
        if 3_000 < days < 80_000:  # 1908 to 2119, a date cell that lost its format
            return (_EPOCH + timedelta(days=int(days))).isoformat()
    except ValueError:
        pass
    raise Rejected("not_a_date", field=name, label=spec.label, value=text[:40])


def _choice(name: str, spec: FieldSpec, cell: Any, text: str) -> str:
    wanted = normal_text(text)
    for code, label in spec.choices.items():
        if wanted in {normal_text(word) for word in (code, *label)}:
            return code
    raise Rejected("not_a_choice", field=name, label=spec.label, choices=listed(spec.choices.values()))


def _choices(name: str, spec: FieldSpec, cell: Any, text: str) -> list[str]:
    words = [word for word in re.split(r"[、,;|/\n]", text) if word.strip()]
    return list(dict.fromkeys(_choice(name, spec, cell, word.strip()) for word in words))


_READERS: dict[str, Reader] = {
    "phone": _phone,
    "money": _amount,
    "price": _amount,
    "quantity": _amount,
    "int": _int,
    "geo": _float,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
}


def is_swapped(lng: float, lat: float) -> bool:
    """Whether longitude and latitude stand in each other's column: only the other way round they lie in China."""
    return not _in_china(lng, lat) and _in_china(lat, lng)


def _in_china(lng: float, lat: float) -> bool:
    return 73 <= lng <= 136 and 3 <= lat <= 54


def as_written(cell: Any, spec: FieldSpec, value: Any) -> bool:
    """Whether the value is plainly what stands in the cell, so that nobody needs to be told how it was read."""
    if value is None or spec.kind in ("choice", "choices", "ref", "geo"):
        return True
    if isinstance(cell, bool):
        return False
    if spec.kind == "phone" and isinstance(cell, int | float):
        return False
    if isinstance(cell, int | float | datetime | date) and spec.kind not in ("phone",):
        return spec.kind != "date" or isinstance(cell, datetime | date)
    if spec.kind == "money":
        try:
            return Decimal(str(cell)) == Decimal(str(value))
        except InvalidOperation:
            return False
    return str(cell) == str(value)
