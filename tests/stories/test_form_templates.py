"""How forms look, as an administrator keeps it: on every device with the next pull, one in force for each form and purpose,
with a picture that is looked at and is everybody's."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from server.photos.unnamed import count_unnamed
from server.records.ids import uuid7
from tests.support.fieldwork import upload
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories


def save(boss: Person, **more: Any) -> str:
    args = {"id": uuid7(), "record_type": "order", "purpose": "print", "name": "送货单", "look": {}, **more}
    return str(boss.do("form_template.save", **args)["result"]["id"])


def code(boss: Person, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        save(boss, **more)
    return refused.value.code


def in_force(person: Person) -> dict[tuple[str, str], str]:
    person.pull()
    rows = person.cache.get("form_template", {}).values()
    found = {(row["record_type"], row["purpose"]): row["name"] for row in rows if row["in_force"]}
    assert len(found) == sum(row["in_force"] for row in rows), "two are in force"
    return found


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 20)) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", size, (20, 120, 60)).save(held, kind)
    return held.getvalue()


def sent(boss: Person, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    assert upload(boss, data, sha256).status_code == 201
    return sha256


def test_one_look_is_in_force_for_each_form_and_purpose_and_everybody_has_it(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    paper = {
        "paper": "A5",
        "title": "送货单",
        "lines": ["product_name", "quantity"],
        "signatures": ["收货人", "送货人"],
    }
    first = save(boss, look={"accent": "green", "paper": paper}, in_force=True)
    assert in_force(rep) == {("order", "print"): "送货单"}
    assert rep.cache["form_template"][first]["look"] == {"accent": "green", "paper": paper}
    # Another purpose and another form are others; a second one of the same is kept beside it until it is put in force.
    form = save(boss, purpose="create", name="开单", look={"columns": 1, "text": "先问库存"}, in_force=True)
    second = save(boss, name="带价格")
    assert in_force(rep) == {("order", "print"): "送货单", ("order", "create"): "开单"}
    boss.do("form_template.use", record_type="order", purpose="print", id=second)
    assert in_force(rep) == {("order", "print"): "带价格", ("order", "create"): "开单"}
    # As the product has it; what was saved stays. Deleted: gone, and one that was in force leaves the product's look.
    boss.do("form_template.use", record_type="order", purpose="print", id=None)
    boss.do("form_template.delete", id=form)
    assert in_force(rep) == {}
    assert set(rep.cache["form_template"]) == {first, second}
    # Changed: the whole of it, and whether it is in force stays as it was.
    boss.do("form_template.use", record_type="order", purpose="print", id=first)
    save(boss, id=first, name="送货单二")
    assert in_force(rep) == {("order", "print"): "送货单二"}
    assert rep.cache["form_template"][first]["look"] == {}
    entries = [entry["command"] for entry in boss.get(f"/api/form-templates/{first}/history")]
    assert {"form_template.save", "form_template.use"} <= set(entries)

    with pytest.raises(Refused) as refused:
        boss.do("form_template.use", record_type="order", purpose="create", id=first)
    assert refused.value.code == "template_other_form"
    for wrong in ({"record_type": "role"}, {"name": "  "}, {"look": {"paper": {"lines": ["colour"]}}}):
        assert code(boss, **wrong) == "template_malformed"
    for record_type, purpose in (("payment", "edit"), ("visit", "edit"), ("call_report_existing", "print")):
        assert code(boss, record_type=record_type, purpose=purpose) == "template_purpose"
    assert code(boss, look={"accent": "#ff0"}) == "malformed"
    for username in ("rep", "manager", "clerk"):
        for command, args in (
            ("form_template.save", {"id": uuid7(), "purpose": "print", "name": "我的", "look": {}, "record_type": "order"}),
            ("form_template.use", {"record_type": "order", "purpose": "print"}),
            ("form_template.delete", {"id": first}),
        ):  # fmt: skip
            with pytest.raises(Refused) as refused:
                world.person(username).do(command, **args)
            assert refused.value.status == 403


def test_a_picture_is_what_its_bytes_are_small_and_everybodys(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    logo = picture()
    sha256 = sent(boss, logo)
    template = save(boss, picture=sha256, in_force=True)
    in_force(rep)
    row = rep.cache["form_template"][template]
    assert (row["picture_kind"], row["picture_size"]) == ("png", len(logo))
    got = rep.client.get(f"/media/v1/form-templates/{template}")
    assert (got.status_code, got.content) == (200, logo)
    assert got.headers["content-type"] == "application/octet-stream"
    assert rep.client.get(f"/media/v1/form-templates/{uuid7()}").status_code == 404
    # It is named: no sweep may take it.
    app = world.app.state.services
    assert app.writer.call(lambda session: count_unnamed(session, datetime.now(UTC))) == 0

    assert code(boss, picture="0" * 64) == "template_picture_missing"
    assert code(boss, picture=sent(boss, b"<svg xmlns='http://www.w3.org/2000/svg'/>")) == "template_picture_kind"
    assert code(boss, picture=sent(boss, logo[:40])) == "template_picture_kind"
    assert code(boss, picture=sent(boss, picture(size=(3001, 4)))) == "template_picture_large"
    # Taken away again.
    save(boss, id=template)
    assert rep.client.get(f"/media/v1/form-templates/{template}").status_code == 404
