"""Data sets (帐套): companies or branches that keep their books apart, each an installation with a database of its own. One is
told of the others, so that people choose theirs before they sign in (PP-25)."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.company.models import Company
from server.records.errors import Rejected, error_texts
from server.records.fields import L

MOST = 50
#: A name, an IPv4 address or a bracketed IPv6 one, with or without a port.
_PLACE = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?")

error_texts(
    {
        "data_set_blank": L(
            "第 {line} 个帐套没有填全：公司、服务器、数据库都不能为空",
            "第 {line} 個帳套沒有填全：公司、伺服器、資料庫都不能為空",
            "Data set {line} is not complete: company, server and database are all needed",
        ),
        "data_set_server": L(
            "第 {line} 个帐套的服务器应是主机名或 IP，可带端口：{value}",
            "第 {line} 個帳套的伺服器應是主機名或 IP，可帶連接埠：{value}",
            "The server of data set {line} is a host name or IP, with a port if need be: {value}",
        ),
        "data_set_twice": L(
            "“{value}”填了两次，公司和服务器各不能重复",
            "「{value}」填了兩次，公司和伺服器各不能重複",
            "“{value}” is there twice; each company and each server once",
        ),
        "data_sets_malformed": L(
            "帐套有误：最多 {most} 个，每格最多 200 个字",
            "帳套有誤：最多 {most} 個，每格最多 200 個字",
            "The data sets are not understood: at most {most}, with at most 200 characters a cell",
        ),
    }
)

Cell = Annotated[str, msgspec.Meta(max_length=200)]


class DataSet(msgspec.Struct, forbid_unknown_fields=True):
    """`server`: as it is kept, the address that a browser opens (`https://host:port`). `database`: what it is called there, for
    whoever looks after both."""

    company: Cell = ""
    server: Cell = ""
    database: Cell = ""


class Choice(msgspec.Struct):
    company: str
    server: str


class Choices(msgspec.Struct):
    """What one chooses from before signing in: the company at this address, and the others, by name."""

    here: str
    others: list[Choice]


def tidy(value: Any) -> list[dict[str, Any]] | None:
    """Data sets as they are kept. Raises `Rejected`: data_set_blank, data_set_server, data_set_twice, data_sets_malformed."""
    try:
        found = msgspec.convert(value or [], list[DataSet])
    except msgspec.ValidationError as error:
        raise Rejected("data_sets_malformed", field="data_sets", most=MOST) from error
    if len(found) > MOST:
        raise Rejected("data_sets_malformed", field="data_sets", most=MOST)
    kept: list[DataSet] = []
    for line, one in enumerate(found, 1):
        company, server, database = (" ".join(text.split()) for text in (one.company, one.server, one.database))
        if not (company and server and database):
            raise Rejected("data_set_blank", field="data_sets", line=line)
        address = address_of(server)
        if address is None:
            raise Rejected("data_set_server", field="data_sets", line=line, value=server)
        for other in kept:
            if company == other.company or address == other.server:
                raise Rejected(
                    "data_set_twice", field="data_sets", value=company if company == other.company else server
                )
        kept.append(DataSet(company, address, database))
    return [msgspec.to_builtins(one) for one in kept] or None


def address_of(server: str) -> str | None:
    """What a browser opens: scheme, host and port; None where it is no server. Without a scheme it is HTTPS."""
    try:
        parts = urlsplit(server if "://" in server else f"https://{server}")
        port = parts.port
    except ValueError:
        return None
    place = parts.netloc.lower()
    if parts.scheme not in ("https", "http") or not _PLACE.fullmatch(place) or port == 0:
        return None
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        return None
    return f"{parts.scheme}://{place}"


# unrestricted: who stands before the login has not said who he is; names and addresses are on the door
def choices(session: Session) -> Choices:
    """The database's names are for administrators and stay away."""
    name, found = session.execute(select(Company.name, Company.data_sets).limit(1)).one()
    others = [Choice(one["company"], one["server"]) for one in found or []]
    return Choices(name, sorted(others, key=lambda one: one.company))
