"""The map's pictures: a company names one source, and its app may load pictures from that host and no other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.company.tiles import origin_of
from tests.support.world import Person, Refused, World

AMAP = "https://tiles.example.cn/appmaptile?x={x}&y={y}&z={z}&style=7"


def choose(person: Person, **changes: object) -> None:
    company = person.get("/api/companies")["items"][0]
    person.do("company.edit", id=company["id"], set={name: [company[name], value] for name, value in changes.items()})


def pictures_from(person: Person) -> str:
    """What the page's policy says of pictures."""
    policy = person.client.get("/").headers["content-security-policy"]
    return next(part.strip() for part in policy.split(";") if part.strip().startswith("img-src"))


def test_the_page_may_load_pictures_from_the_chosen_host_only(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "index.html").write_text("<!doctype html>")
    world = make_world(pwa=tmp_path / "app")
    boss = world.person("boss")
    assert pictures_from(boss) == "img-src 'self' blob: data:"
    choose(boss, map_tile_url=AMAP, map_tile_datum="gcj02", map_tile_max_zoom=19, map_tile_attribution="高德地图")
    assert pictures_from(boss) == "img-src 'self' blob: data: https://tiles.example.cn"
    answer = boss.client.get("/api/companies")
    assert "tiles.example.cn" not in answer.headers["content-security-policy"]
    rep = world.person("rep")
    rep.pull()
    [company] = rep.cache["company"].values()
    assert (company["map_tile_url"], company["map_tile_max_zoom"]) == (AMAP, 19)
    choose(boss, map_tile_url=None)
    assert pictures_from(boss) == "img-src 'self' blob: data:"


def test_only_an_administrator_chooses_and_only_what_can_be_used(world: World) -> None:
    with pytest.raises(Refused) as refused:
        choose(world.person("manager"), map_tile_url=AMAP)
    assert refused.value.status == 403
    with pytest.raises(Refused) as refused:
        choose(world.person("boss"), map_tile_url="https://a.example.cn; script-src *//{z}/{x}/{y}")
    assert (refused.value.code, refused.value.body["field"]) == ("tile_url", "map_tile_url")


@pytest.mark.parametrize(
    ("template", "origin"),
    [
        ("https://t.example.cn/{z}/{x}/{y}.png", "https://t.example.cn"),
        ("https://T.Example.cn:8443/{z}/{x}/{-y}{r}.png?k=1", "https://t.example.cn:8443"),
        ("http://127.0.0.1:9000/{z}/{x}/{y}", "http://127.0.0.1:9000"),
        ("https://{s}.example.cn/{z}/{x}/{y}.png", None),  # no policy can name it
        ("https://user:secret@example.cn/{z}/{x}/{y}", None),
        ("https://*.example.cn/{z}/{x}/{y}", None),
        ("https://a.cn https://b.cn/{z}/{x}/{y}", None),
        ("https://a.cn;/{z}/{x}/{y}", None),
        ("https://例子.cn/{z}/{x}/{y}", None),
        ("https://t.example.cn/{z}/{x}/{y}/{key}", None),  # the map would stop at a word it does not know
        ("https://t.example.cn/{z}/{x}", None),
        ("javascript:alert(1)//{z}/{x}/{y}", None),
        ("//t.example.cn/{z}/{x}/{y}", None),
        ("https://[::1/{z}/{x}/{y}", None),
    ],
)
def test_what_is_a_source(template: str, origin: str | None) -> None:
    assert origin_of(template) == origin
