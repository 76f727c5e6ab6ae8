"""Pinyin initials of a name, lower case, as people type them to search: 王记超市 → wjcs."""

from pypinyin import Style, lazy_pinyin


def initials(name: str) -> str:
    """Letters and digits of other scripts stay as they are."""
    parts = lazy_pinyin(name, style=Style.FIRST_LETTER)
    return "".join(c for part in parts for c in part.lower() if c.isalnum())[:200]
