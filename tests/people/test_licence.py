"""The number of accounts is limited by what was bought (PP-9)."""

from collections.abc import Callable

import pytest

from tests.support.world import PEOPLE, Refused, World


def test_one_account_more_than_bought_is_refused(make_world: Callable[..., World]) -> None:
    bought = len(PEOPLE) + 1  # and the administrator who founded the company
    world = make_world(max_users=bought + 1)
    boss = world.person("boss")
    me = boss.me["employee"]
    values = {"real_name": "新人", "department_id": me["department_id"], "role_id": me["role_id"]}
    boss.create("employee", username="last", **values)
    with pytest.raises(Refused) as refused:
        boss.create("employee", username="one-more", **values)
    assert refused.value.status == 422
    assert str(bought + 1) in refused.value.body["detail"]
