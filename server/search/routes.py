"""The search box: everything the actor may see."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from server.api.security import signed_in
from server.api.state import Services
from server.people.logins import Login
from server.records.errors import Rejected
from server.search.everything import TYPES, search

_LONGEST = 200


class Found(msgspec.Struct):
    """The field in which a row has the first word."""

    field: str
    text: str


class FoundGroup(msgspec.Struct):
    """The best rows of one type; `found` has an entry for each of the `items`, null where the name or number says it."""

    record: str
    items: list[dict[str, Any]]
    found: list[Found | None]
    refs: dict[str, dict[str, str]]
    more: bool


class SearchAnswer(msgspec.Struct):
    """`words`: what was searched for, as texts are compared; `indexed`: false while the index is being made."""

    words: list[str]
    groups: list[FoundGroup]
    indexed: bool


class SearchController(Controller):
    path = "/api/search"
    tags = ["search"]
    guards = [signed_in]

    @get(operation_id="search_everything")
    async def everything(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        q: FromQuery[str] = "",
        types: FromQuery[str] = "",
        limit: Annotated[FromQuery[int], QueryParameter(ge=1, le=50)] = 6,
    ) -> SearchAnswer:
        """The best of everything the actor may see, by number, name, pinyin, phone, contact, address, remark and own
        fields. All words have to be found. `types`: only these, separated by commas."""
        chosen = tuple(name for name in TYPES if name in types.split(",")) if types else TYPES
        if not chosen:
            raise Rejected("unknown_field", field="types", name=types[:80])
        actor = request.auth.actor
        found = await services.search.read(lambda session: search(session, actor, q[:_LONGEST], chosen, limit))
        return msgspec.convert(found, SearchAnswer)
