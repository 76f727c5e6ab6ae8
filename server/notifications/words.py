"""Notifications in words, where the server says them itself: on locked phones and in chat groups."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from server.notifications.kinds import Kind, kind_named
from server.records.fields import L

MORE = L("{count} 条新提醒", "{count} 則新提醒", "{count} new notifications")
OPEN = L("点开查看", "點開查看", "Tap to open")
REST = L(
    "……另有 {count} 条，请打开巡客查看", "……另有 {count} 則，請開啟巡客查看", "… and {count} more; see them in Xunke"
)
TEST = L("测试：这个群会收到巡客的提醒", "測試：這個群組會收到巡客的提醒", "Test: this group will be told by Xunke")
_PLACE = re.compile(r"\{(\w+)\}")
_COUNTED = 20


def sentence(kind: Kind, args: Mapping[str, Any], language: str, zone: ZoneInfo) -> str:
    """The kind's sentence filled in. What is missing stays visible rather than hide a mistake."""

    def fill(place: re.Match[str]) -> str:
        name = place[1]
        return _shown(name, args[name], zone) if name in args else place[0]

    return _PLACE.sub(fill, kind.text.of(language))


def _shown(name: str, value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return "–"
    if name.endswith("_at") and isinstance(value, str):
        return datetime.fromisoformat(value).astimezone(zone).strftime("%m-%d %H:%M")
    if name.endswith("_on") and isinstance(value, str):
        return value[5:]
    return str(value)


def pushed(kind_names: Sequence[str], language: str) -> tuple[str, str]:
    """Title and text on a locked phone: what kind of thing it is, nothing of what it says. Several are counted."""
    labels = [kind.label.of(language) for name in kind_names if (kind := kind_named(name)) is not None]
    if len(kind_names) == 1 and labels:
        return labels[0], OPEN.of(language)
    counted = {label: labels.count(label) for label in dict.fromkeys(labels)}
    joint = ", " if language == "en" else "，"
    text = joint.join(f"{label} {count}" for label, count in list(counted.items())[:_COUNTED])
    return MORE.of(language).replace("{count}", str(len(kind_names))), text


def posted(lines: Sequence[tuple[str, Mapping[str, Any]]], language: str, zone: ZoneInfo, limit: int) -> str:
    """What a group is told: a line each, and how many there were no room for. `limit` in bytes."""
    texts = [_post(kind, content, language, zone) for kind, content in lines]
    if len(texts) == 1:
        return _cut(texts[0], limit)
    head = MORE.of(language).replace("{count}", str(len(texts)))
    shown: list[str] = [head]
    for index, text in enumerate(texts):
        rest = REST.of(language).replace("{count}", str(len(texts) - index))
        if len("\n".join([*shown, text, rest]).encode()) > limit:
            shown.append(rest)
            break
        shown.append(text)
    return "\n".join(shown)


def _post(kind_name: str, content: Mapping[str, Any], language: str, zone: ZoneInfo) -> str:
    kind = kind_named(kind_name)
    if kind is None:
        return TEST.of(language)
    names = "、".join(content.get("names", ())) if language != "en" else ", ".join(content.get("names", ()))
    text = f"【{kind.label.of(language)}】{sentence(kind, content.get('args', {}), language, zone)}"
    # Chat services take <at …> in a text as calling somebody; a customer may be called anything.
    return f"{text} → {names}".replace("<", "＜").replace(">", "＞")


def _cut(text: str, limit: int) -> str:
    while len(text.encode()) > limit:
        text = text[: max(len(text) - max((len(text.encode()) - limit) // 4, 1), 0)]
    return text
