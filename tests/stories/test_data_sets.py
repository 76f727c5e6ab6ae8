"""Several companies with books of their own: each an installation, chosen before the login."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.company.data_sets import address_of
from tests.stories.test_company_switches import setting
from tests.support.world import Refused, World

pytestmark = pytest.mark.stories


def test_people_choose_a_company_before_they_sign_in_and_each_has_data_of_its_own(
    make_world: Callable[..., World],
) -> None:
    head, branch = make_world(), make_world()
    other = {"company": " 青岛 分公司 ", "server": "Branch.example.com:8443", "database": "xunke_qd"}
    setting(head, data_sets=[other, {"company": "济南", "server": "http://192.168.1.9", "database": "jn"}])
    # Whoever has not signed in learns where he may, and nothing about the databases.
    told = head.client().get("/api/data-sets")
    assert told.status_code == 200
    boss = head.person("boss")
    name = boss.get("/api/companies")["items"][0]["name"]
    assert told.json() == {
        "here": name,
        "others": [
            {"company": "济南", "server": "http://192.168.1.9"},
            {"company": "青岛 分公司", "server": "https://branch.example.com:8443"},
        ],
    }
    assert branch.client().get("/api/data-sets").json()["others"] == []
    # What is filed in one is not in the other, and who signed in here has not signed in there.
    shop = head.person("rep").create("customer", name="王记超市", mobile="13800000001")
    with pytest.raises(Refused) as missing:
        branch.person("rep").get(f"/api/customers/{shop}")
    assert missing.value.status == 404
    for wrong, code in (
        ([{**other, "database": " "}], "data_set_blank"),
        ([{**other, "company": ""}], "data_set_blank"),
        ([{**other, "server": "javascript:alert(1)"}], "data_set_server"),
        ([{**other, "server": "https://shop.example.com/login"}], "data_set_server"),
        ([other, {**other, "company": "威海"}], "data_set_twice"),
        ([{**other, "program": "x"}], "data_sets_malformed"),
        ([{**other, "company": f"{n}", "server": f"h{n}"} for n in range(51)], "data_sets_malformed"),
    ):
        with pytest.raises(Refused) as refused:
            setting(head, data_sets=wrong)
        assert (refused.value.code, refused.value.body["field"]) == (code, "data_sets")
    setting(head, data_sets=[])
    assert head.client().get("/api/data-sets").json()["others"] == []


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("10.0.0.7", "https://10.0.0.7"),
        ("http://ERP:8000/", "http://erp:8000"),
        ("[::1]:8000", "https://[::1]:8000"),
        ("erp.example.com:0", None),
        ("erp.example.com:99999", None),
        ("me@erp.example.com", None),
        ("https://erp.example.com?x", None),
        ("两个 字", None),
        ("ftp://erp", None),
        ("https://", None),
    ],
)
def test_a_server_is_a_host_and_a_port(server: str, address: str | None) -> None:
    assert address_of(server) == address
