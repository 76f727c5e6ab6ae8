"""Errors that carry their own code and status, so that every surface (REST, sync, import, CLI) says the same.

A code is stable and translated by the PWA; `field` names the place, `params` fill the sentence. What is called something
in each language, e.g. a field, is given as its `Label`.
"""

from collections.abc import Mapping
from typing import Any

from server.records.fields import L, Label

#: Where parameters have all texts of those that were labels: name → zh-CN, zh-TW, English.
WORDS = "words"


def worded(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as they are stored and sent: a label is its text in zh-CN, and all its texts stand beside it, so that who
    reads the sentence later, or again, reads it in another language."""
    words = {name: list(value) for name, value in params.items() if isinstance(value, Label)}
    if not words:
        return dict(params)
    told = {name: value.zh_cn if isinstance(value, Label) else value for name, value in params.items()}
    return {**told, WORDS: {**params.get(WORDS, {}), **words}}


def in_language(params: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Stored parameters with their labels in one language."""
    told = {name: value for name, value in params.items() if name != WORDS}
    return told | {name: Label(*texts).of(language) for name, texts in params.get(WORDS, {}).items()}


class BusinessError(Exception):
    """Something a person can understand and mend."""

    status = 422

    def __init__(self, code: str, *, field: str | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = worded(params)

    def detail(self) -> dict[str, Any]:
        found: dict[str, Any] = dict(self.params)
        if self.field is not None:
            found["field"] = self.field
        return found


class Rejected(BusinessError):
    """The command is not done: what was sent breaks a rule."""


class Forbidden(BusinessError):
    status = 403


class NotFound(BusinessError):
    status = 404


class Conflict(BusinessError):
    status = 409


class TooMany(BusinessError):
    status = 429


class Unauthorized(BusinessError):
    status = 401


ERROR_TEXTS: dict[str, Label] = {}


def error_texts(texts: dict[str, Label]) -> None:
    """Each area declares the sentences of its own codes beside the rules that raise them."""
    ERROR_TEXTS.update(texts)


def sentence(code: str, language: str, params: dict[str, Any]) -> str:
    """The error in words; unknown placeholders stay visible rather than hide a mistake."""
    label = ERROR_TEXTS.get(code)
    if label is None:
        return code
    text = label.of(language)
    for key, value in in_language(params, language).items():
        text = text.replace("{" + key + "}", str(value))
    return text


error_texts(
    {
        "required": L("请填写{label}", "請填寫{label}", "{label} is required"),
        "wrong_type": L("{label}的格式不对", "{label}的格式不對", "{label} has the wrong format"),
        "too_long": L("{label}最多 {max} 个字", "{label}最多 {max} 個字", "{label} is longer than {max} characters"),
        "too_small": L("{label}不能小于 {min}", "{label}不能小於 {min}", "{label} must be at least {min}"),
        "too_large": L("{label}不能大于 {max}", "{label}不能大於 {max}", "{label} must be at most {max}"),
        "not_a_choice": L(
            "{label}只能是：{choices}", "{label}只能是：{choices}", "{label} must be one of: {choices}"
        ),
        "unknown_field": L("没有名为 {name} 的字段", "沒有名為 {name} 的欄位", "There is no field {name}"),
        "readonly_field": L("{label}由系统填写，不能修改", "{label}由系統填寫，不能修改", "{label} is filled in by the system and cannot be changed"),
        "unknown_reference": L(
            "{label}指向的资料不存在", "{label}指向的資料不存在", "{label} points to something that does not exist"
        ),
        "invalid_arguments": L(
            "提交的内容不完整或格式不对：{message}",
            "提交的內容不完整或格式不對：{message}",
            "What was sent is incomplete or malformed: {message}",
        ),
        "not_found": L("找不到这条资料，可能已被删除", "找不到這筆資料，可能已被刪除", "This was not found; it may have been deleted"),
        "forbidden": L("您没有这项权限：{permission}。请联系管理员", "您沒有這項權限：{permission}。請聯絡管理員", "You lack the permission {permission}; ask your administrator"),
        "outside_scope": L(
            "这条资料不在您的权限范围内，请联系主管或管理员", "這筆資料不在您的權限範圍內，請聯絡主管或管理員", "This is outside of what you may see or change; ask your manager or administrator"
        ),
        "already_exists": L("这条资料已经存在", "這筆資料已經存在", "This exists already"),
        "unknown_command": L(
            "服务器还不认识这个操作，已保留，升级后执行",
            "伺服器還不認識這個操作，已保留，升級後執行",
            "The server does not know this action yet; it is kept and will run after an upgrade",
        ),
        "server_error": L(
            "服务器处理时出错，内容已保留，管理员会处理",
            "伺服器處理時出錯，內容已保留，管理員會處理",
            "The server failed on this; it is kept and an administrator will look at it",
        ),
        "needs_rejected": L(
            "它依赖的操作没有成功", "它依賴的操作沒有成功", "Something it depends on was not accepted"
        ),
        "needs_missing": L(
            "它依赖的操作还没有到达", "它依賴的操作還沒有到達", "Something it depends on has not arrived yet"
        ),
        "quarantined": L(
            "此设备已被停用，内容已保留待审核", "此裝置已被停用，內容已保留待審核",
            "This device was revoked; what it sent is kept for review",
        ),
    }
)  # fmt: skip
