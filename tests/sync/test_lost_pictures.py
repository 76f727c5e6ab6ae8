"""Who loses a customer loses the pictures that the browser keeps of him, too."""

from tests.support.world import World


def test_a_page_that_takes_roots_away_empties_the_browsers_cache_and_no_other(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001", primary_contact="王强")
    rep.pull()
    rep2.pull()
    manager.do("customer.assign", ids=[customer_id], owner_id=rep2.id, reason="片区调整")

    lost, gained = (
        person.client.get("/sync/v1/pull", params={"schema": 2, "cursor": person.cursor}) for person in (rep, rep2)
    )
    assert lost.json()["drop"] == [f"customer:{customer_id}"]
    assert lost.headers["clear-site-data"] == '"cache"'
    assert "clear-site-data" not in gained.headers
    rep.pull()
    quiet = rep.client.get("/sync/v1/pull", params={"schema": 2, "cursor": rep.cursor})
    assert "clear-site-data" not in quiet.headers


def test_whoever_leaves_a_device_leaves_no_pictures_on_it(world: World) -> None:
    boss, rep, elsewhere = world.person("boss"), world.person("rep"), world.person("rep", "tablet")
    boss.do("device.revoke", id=rep.device_id)
    revoked = rep.client.get("/sync/v1/pull", params={"schema": 2})
    assert (revoked.status_code, revoked.json()["wipe"]) == (403, True)
    over = elsewhere.client.get("/sync/v1/pull", params={"schema": 2, "cursor": "of-nobody"})
    assert over.json()["reset"] is True
    out = elsewhere.client.post("/api/logout")
    assert out.status_code == 204
    for answer in (revoked, over, out):
        assert answer.headers["clear-site-data"] == '"cache"'
