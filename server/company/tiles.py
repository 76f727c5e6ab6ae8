"""Map tiles: a source of the company's own choice, and the one host beside ours that the app may load pictures from."""

import re
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.company.models import Company
from server.records.errors import Rejected, error_texts
from server.records.fields import L

error_texts(
    {
        "tile_url": L(
            "瓦片地址应以 https:// 开头，写明一个主机，并含有花括号里的 z、x、y",
            "圖磚網址應以 https:// 開頭，寫明一個主機，並含有大括號裡的 z、x、y",
            "A tile address begins with https://, names one host, and has z, x and y in curly brackets",
        ),
    }
)

#: One plain host: the content security policy has to name it, so no {s} and no user, and no semicolon can slip in.
_HOST = re.compile(
    r"(?=.{1,253}(?::\d+)?$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?"
)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN = {"x", "y", "-y", "z", "r"}


def origin_of(template: str) -> str | None:
    """Scheme and host of a tile address that can be used, else None."""
    try:
        parts = urlsplit(template)
    except ValueError:
        return None
    host = parts.netloc.lower()
    if parts.scheme not in ("https", "http") or not _HOST.fullmatch(host) or template != template.strip():
        return None
    names = _PLACEHOLDER.findall(template[len(parts.scheme) + 3 + len(host) :])
    if not set(names) <= _KNOWN or not {"x", "z"} <= set(names) or not {"y", "-y"} & set(names):
        return None
    return f"{parts.scheme}://{host}"


def check_template(template: str) -> None:
    """Raises `Rejected`: tile_url."""
    if origin_of(template) is None:
        raise Rejected("tile_url", field="map_tile_url", value=template[:80])


# unrestricted: where the map's pictures come from is no secret
def tile_origin(session: Session) -> str | None:
    """The host that the app may load tiles from; None without a source."""
    template = session.scalar(select(Company.map_tile_url).limit(1))
    return origin_of(template) if template else None
