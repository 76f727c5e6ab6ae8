"""The head of the feed: what it answers is what the pull would have answered, whoever wrote."""

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.company.setup import system_context
from server.database import Writer, write_engine
from server.records.ids import uuid7
from sync.head import Head
from sync.pull import Page
from tests.support.world import Person, World


@pytest.fixture
def other_process(world: World) -> Iterator[Writer]:
    """A writer nobody in the server knows of, as the command line is one."""
    settings = world.app.state.services.settings
    writer = Writer(write_engine(settings.database_url))
    yield writer
    writer.close()


@pytest.fixture
def answers(world: World, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each pull that asked: whether the head answered it."""
    told: list[bool] = []
    idle = Head.idle

    async def watched(self: Head, employee_id: str, cursor: str | None) -> Page | None:
        page = await idle(self, employee_id, cursor)
        told.append(page is not None)
        return page

    monkeypatch.setattr(Head, "idle", watched)
    return told


def test_a_pull_without_news_is_answered_by_the_head(world: World, answers: list[bool]) -> None:
    rep = world.person("rep")
    rep.pull()
    rep.pull()
    answers.clear()
    size = len(rep.client.get("/sync/v1/pull", params={"cursor": rep.cursor, "schema": 2}).content)
    assert answers == [True]
    assert size <= 300


def test_what_concerns_somebody_else_is_answered_by_the_head(world: World, answers: list[bool]) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    rep.pull()
    stranger.pull()
    stranger.pull()
    created = rep.create("customer", name="只归张三", mobile="13800000001")
    answers.clear()
    before = stranger.cursor
    stranger.pull()
    assert answers == [True]
    assert stranger.cursor != before
    rep.pull()
    assert answers == [True, False]
    assert rep.holds("customer", created)


def test_another_process_is_noticed(world: World, other_process: Writer, answers: list[bool]) -> None:
    rep = world.person("rep")
    rep.pull()
    rep.pull()
    option_id = other_process.call(partial(_new_option, name="命令行"))
    rep.pull()
    assert not answers[-1]
    assert rep.holds("option", option_id)
    rep.pull()
    assert answers[-1]


def test_rights_that_changed_are_told(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    rep.pull()
    rep.pull()
    role = rep.get("/api/me")["role"]["id"]
    name = boss.get(f"/api/roles/{role}")["name"]
    boss.do("role.edit", id=role, set={"name": [name, "外勤"]})
    assert rep.pull()["me"]["role"]["name"] == "外勤"


def _new_option(session: Session, name: str) -> str:
    option_id = uuid7()
    system_context(session).run("option.create", {"id": option_id, "values": {"list_name": "unit", "name": name}})
    return option_id


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_with_and_without_the_head_a_device_holds_the_same(
    world: World, other_process: Writer, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each person has two devices that pull at the same moments; the second one's pulls go past the head."""
    dice = random.Random(seed)
    boss, manager = world.person("boss"), world.person("manager")
    names = ["rep", "rep2", "stranger", "manager"]
    pairs = [(world.person(name), world.person(name, "past the head")) for name in names]
    owners = [world.person(name).id for name in names]
    customers: list[str] = []

    def file(person: Person) -> None:
        customers.append(person.create("customer", name=f"店{len(customers)}", mobile=f"138{len(customers):08d}"))

    def edit(person: Person) -> None:
        customer = boss.get(f"/api/customers/{dice.choice(customers)}")
        boss.do("customer.edit", id=customer["id"], set={"remark": [customer["remark"], str(dice.random())]})

    def transfer(person: Person) -> None:
        some = dice.sample(customers, min(3, len(customers)))
        boss.do("customer.assign", ids=some, owner_id=dice.choice([*owners, None]))

    def share(person: Person) -> None:
        chosen = dice.choice(customers)
        command = dice.choice(["customer.share", "customer.unshare"])
        boss.do(command, id=chosen, employee_id=dice.choice(owners))

    def role(person: Person) -> None:
        page = boss.get("/api/roles")["items"]
        found = dice.choice([entry for entry in page if not entry["is_administrator"]])
        boss.do("role.edit", id=found["id"], set={"name": [found["name"], f"岗位{dice.random()}"]})

    def elsewhere(person: Person) -> None:
        other_process.call(partial(_new_option, name=f"项{dice.random()}"))

    def company(person: Person) -> None:
        boss.create("option", list_name="unit", name=f"项{dice.random()}")

    steps: list[Callable[[Person], Any]] = [file, edit, transfer, share, role, elsewhere, company]
    for person in (boss, manager):
        file(person)
    for with_head, without in pairs:
        with_head.pull()
        without.pull()
    for _ in range(25):
        dice.choice(steps)(dice.choice(pairs)[0])
        for with_head, without in dice.sample(pairs, dice.randrange(len(pairs) + 1)):
            page = with_head.pull()
            with monkeypatch.context() as patch:
                patch.setattr(Head, "idle", _never)
                other = without.pull()
            assert with_head.cache == without.cache
            assert page["position"] <= other["position"]  # PostgreSQL counts on by itself
            assert page.get("me") == other.get("me") or "me" in page


async def _never(self: Head, employee_id: str, cursor: str | None) -> None:
    return None
