"""Trial accounts: asked for at a customer without network, opened, prolonged, expired, closed and put back by who may. On
both engines, through the public API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from server.records.ids import uuid7
from tests.customers.test_pool import refused
from tests.notifications.test_kinds import SHANGHAI, run, told
from tests.stories.test_company_switches import setting
from tests.support.fieldwork import new_shop
from tests.support.world import Person, World

pytestmark = pytest.mark.stories


def account(person: Person, row_id: str) -> dict[str, Any]:
    return dict(person.get(f"/api/trial-accounts/{row_id}"))


def test_an_account_is_asked_for_opened_prolonged_expires_and_comes_out_of_the_bin(world: World) -> None:
    rep, manager, boss, stranger = (world.person(name) for name in ("rep", "manager", "boss", "stranger"))
    colleague, shop, row_id = world.person("rep2"), new_shop(rep), uuid7()
    sent = {"id": row_id, "values": {"customer_id": shop, "name": "云进销存", "remark": "想先试一个月"}}
    [off] = rep.push(rep.op("trial_account.create", sent))
    assert (off["status"], off["code"]) == ("rejected", "trials_off")
    setting(world, trial_accounts=True)
    row_id = uuid7()
    [made] = rep.push(rep.op("trial_account.create", {**sent, "id": row_id}))
    assert made["status"] == "applied"
    [asked] = told(boss, "trial_account.asked")
    assert (asked["record_id"], asked["args"]["name"]) == (row_id, "云进销存")
    rep.do("trial_account.edit", id=row_id, set={"login_name": [None, " wangji "]})

    now = datetime.now(SHANGHAI)
    day = [str((now + timedelta(days=days)).date()) for days in range(-1, 40)]
    assert refused(rep.do, "trial_account.open", id=row_id, ends_on=day[11]) == "forbidden"
    assert refused(manager.do, "trial_account.open", id=row_id, ends_on=day[11]) == "forbidden"
    assert refused(boss.do, "trial_account.extend", id=row_id, ends_on=day[11]) == "trial_state"
    assert refused(boss.do, "trial_account.open", id=row_id, ends_on=day[0]) == "trial_ends_before"
    boss.do("trial_account.refuse", id=row_id, reason="先填资料")
    assert [one["args"]["reason"] for one in told(rep, "trial_account.refused")] == ["先填资料"]
    boss.do("trial_account.open", id=row_id, ends_on=day[11])
    boss.do("trial_account.open", id=row_id, ends_on=day[11])  # tapped twice
    seen = account(manager, row_id)
    assert (seen["state"], seen["login_name"], seen["keeper_id"], seen["ends_on"], seen["reason"]) == (
        "open", "wangji", rep.id, day[11], None,
    )  # fmt: skip
    assert [one["record_id"] for one in told(rep, "trial_account.opened")] == [row_id]
    assert stranger.client.get(f"/api/trial-accounts/{row_id}").status_code == 404

    # What was decided is the administrator's; a remark may be added, and nobody looks after a customer he cannot see.
    assert refused(rep.do, "trial_account.edit", id=row_id, set={"login_name": ["wangji", "w"]}) == "trial_decided"
    rep.do("trial_account.edit", id=row_id, set={"remark": ["想先试一个月", "想先试一个月，已培训"]})
    boss.do(
        "trial_account.edit", id=row_id, set={"login_name": ["wangji", "wangji01"], "name": ["云进销存", "云财务"]}
    )
    # Its password is read one at a time, by who tells it to the customer; the product says who is there.
    where, secret = f"/api/trial-logins/{row_id}", {"password": "Wj-2026"}
    assert rep.client.get(where).json()["code"] == "trial_no_password"
    assert [who.client.put(where, json=secret).status_code for who in (rep, manager, boss)] == [403, 403, 204]
    assert rep.get(where) == {"login_name": "wangji01", **secret}
    assert [who.client.get(where).status_code for who in (colleague, manager, stranger)] == [404, 404, 404]
    for path in ("", f"/{row_id}", f"/{row_id}/history"):
        assert "Wj-2026" not in boss.client.get(f"/api/trial-accounts{path}").text
    assert boss.get("/api/trial-accounts", online="1")["items"] == []
    assert refused(rep.do, "trial_account.seen", login_name="wangji01") == "forbidden"
    assert refused(boss.do, "trial_account.seen", login_name="wangji02") == "trial_login_unknown"
    boss.do("trial_account.seen", login_name="wangji01")
    assert [one["id"] for one in manager.get("/api/trial-accounts", online="1")["items"]] == [row_id]
    assert manager.get("/api/trial-accounts", online="0")["items"] == []

    keeper = {"id": row_id, "keeper_id": colleague.id}
    assert refused(boss.do, "trial_account.assign", **keeper) == "trial_keeper_elsewhere"
    rep.do("customer.share", id=shop, employee_id=colleague.id)
    boss.do("trial_account.assign", **keeper)

    # Told three days before, once; expired after the last day; prolonged it is open again, and the history has both days.
    morning = now.replace(hour=9, minute=0, second=0, microsecond=0)
    assert run(world, "followups.trials", morning + timedelta(days=6))["told"] == 0
    assert run(world, "followups.trials", morning + timedelta(days=7))["told"] == 1
    assert run(world, "followups.trials", morning + timedelta(days=8))["told"] == 0
    assert [len(told(person, "trial_account.ends")) for person in (rep, colleague, boss)] == [1, 1, 0]
    assert run(world, "followups.trials", morning + timedelta(days=10))["expired"] == 0
    assert run(world, "followups.trials", morning + timedelta(days=11))["expired"] == 1
    assert account(rep, row_id)["state"] == "expired"
    assert refused(boss.do, "trial_account.extend", id=row_id, ends_on=day[11]) == "trial_ends_before"
    boss.do("trial_account.extend", id=row_id, ends_on=day[30], reason="谈价格")
    history = boss.get(f"/api/trial-accounts/{row_id}/history")
    moved = [line["changes"]["ends_on"] for line in history if "ends_on" in line["changes"]]
    assert [day[11], day[30]] in moved

    assert refused(boss.do, "trial_account.close", id=row_id, reason=" ") == "required"
    boss.do("trial_account.close", id=row_id, reason="已购买")
    assert [one["id"] for one in boss.get("/api/trial-accounts", state="closed")["items"]] == [row_id]
    boss.do("trial_account.restore", id=row_id)
    rep.pull()
    assert (rep.cache["trial_account"][row_id]["state"], rep.cache["trial_account"][row_id]["name"]) == (
        "open",
        "云财务",
    )

    # What the office asks for on behalf of the one who serves the customer is his to look after.
    own = boss.create("trial_account", customer_id=shop, name="云收银", login_name="wj02")
    boss.do("trial_account.open", id=own, ends_on=day[30])
    assert account(boss, own)["keeper_id"] == rep.id
