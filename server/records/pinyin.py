"""Pinyin of names, lower case, as people type it to search: the initials 王记超市 → wjcs, or in full."""

from functools import lru_cache
from typing import Any

from pypinyin import Style
from pypinyin.converter import DefaultConverter
from pypinyin.core import Pinyin


class _Remembering(DefaultConverter):
    """Names are made of the same words again and again (有限公司): each is looked up once."""

    @lru_cache(maxsize=8192)  # noqa: B019  # there is one for as long as the process lives
    def convert(self, words: str, style: Style, heteronym: bool, errors: Any, strict: bool, **options: Any) -> Any:
        return super().convert(words, style, heteronym, errors, strict, **options)


_pinyin = Pinyin(_Remembering())


def initials(name: str) -> str:
    """Letters and digits of other scripts stay as they are."""
    parts = _pinyin.lazy_pinyin(name, style=Style.FIRST_LETTER)
    return "".join(c for part in parts for c in part.lower() if c.isalnum())[:200]


def in_full(name: str) -> str:
    """王记超市 → wangjichaoshi; what is no Chinese stays as it is written."""
    return "".join(_pinyin.lazy_pinyin(name))
