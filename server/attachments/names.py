"""Names of files: which kind they claim, and which names would deceive or harm whoever saves the file."""

import re
import unicodedata

from server.attachments.models import FILE_KINDS
from server.records.errors import Rejected, error_texts
from server.records.fields import L

#: As many as the file systems of phones and desks keep.
MOST_BYTES = 255
ENDINGS = {**{kind: kind for kind in FILE_KINDS}, "jpeg": "jpg"}
#: Ways out of a folder, what Windows does not take, what no screen shows, and what turns the direction of writing.
_FORBIDDEN = re.compile(
    r'[/\\:*?"<>|\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]'
)
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)

error_texts(
    {
        "file_name_malformed": L(
            "文件名不能用：含有路径、控制字符或不可见字符",
            "檔案名稱不能用：含有路徑、控制字元或不可見字元",
            "This file name cannot be used: it has a path, control characters or invisible ones",
        ),
        "file_name_too_long": L(
            "文件名太长，请缩短到 {max} 字节（约 85 个汉字）以内",
            "檔案名稱太長，請縮短到 {max} 位元組（約 85 個漢字）以內",
            "The file name is too long; at most {max} bytes",
        ),
        "file_type_not_allowed": L(
            "不支持“.{ending}”文件，可用：{allowed}",
            "不支援「.{ending}」檔案，可用：{allowed}",
            "Files of type .{ending} are not taken; allowed: {allowed}",
        ),
        "file_macros": L(
            "不接收带宏的 Office 文件，请另存为不带宏的格式",
            "不接收帶巨集的 Office 檔案，請另存為不帶巨集的格式",
            "Office files with macros are not taken; save it in a format without macros",
        ),
    }
)
_MACRO_ENDINGS = {"docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "potm", "ppsm", "ppam"}


def clean_name(name: str) -> str:
    """The name as it is kept. Raises `Rejected` file_name_malformed, file_name_too_long."""
    found = unicodedata.normalize("NFC", name).strip()
    if not found.strip(". ") or found != found.rstrip(". ") or _FORBIDDEN.search(found) or _DEVICES.match(found):
        raise Rejected("file_name_malformed", field="name")
    if len(found.encode()) > MOST_BYTES:
        raise Rejected("file_name_too_long", field="name", max=MOST_BYTES)
    return found


def kind_of(name: str) -> str:
    """The kind that the ending says. Raises `Rejected` file_macros, file_type_not_allowed."""
    stem, dot, ending = name.rpartition(".")
    ending = ending.lower() if dot and stem else ""
    if ending in _MACRO_ENDINGS:
        raise Rejected("file_macros", field="name")
    if ending not in ENDINGS:
        raise Rejected("file_type_not_allowed", field="name", ending=ending[:20], allowed=" ".join(FILE_KINDS))
    return ENDINGS[ending]
