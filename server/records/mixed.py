"""Text with pictures between: `[{"text": "…"} | {"file": "<id of an attachment>"}]`. Words are words, never markup."""

from collections.abc import Mapping
from typing import Any

MOST_BLOCKS, MOST_TEXT = 60, 2000


def parsed(value: Any) -> list[dict[str, str]]:
    """Raises `TypeError`, `ValueError` for what is none. Without empty paragraphs."""
    if not isinstance(value, list) or len(value) > MOST_BLOCKS:
        raise TypeError(value)
    found: list[dict[str, str]] = []
    for block in value:
        if not isinstance(block, dict) or len(block) != 1:
            raise TypeError(block)
        [(kind, content)] = block.items()
        if not isinstance(content, str) or kind not in ("text", "file"):
            raise TypeError(block)
        if len(content) > (MOST_TEXT if kind == "text" else 36):
            raise ValueError(block)
        content = content.replace("\x00", "").strip()
        if content:
            found.append({kind: content})
    return found


def files_in(value: Any) -> list[str]:
    """The ids of its pictures, in their order."""
    return [block["file"] for block in value or () if "file" in block]


def as_text(value: Any, names: Mapping[str, str]) -> str | None:
    """As lines of text: pictures by their names, those that are gone left out."""
    lines = []
    for block in value:
        if "text" in block:
            lines.append(block["text"])
        elif block["file"] in names:
            lines.append(f"[{names[block['file']]}]")
    return "\n".join(lines) or None
