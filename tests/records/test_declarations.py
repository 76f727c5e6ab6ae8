"""Every declaration is complete: labels in three languages, references that exist, permissions that can be granted."""

import json
from pathlib import Path

from server.generate import LANGUAGES, declarations, labels
from server.people.permissions import ROLES, all_permissions
from server.records.errors import ERROR_TEXTS
from server.records.record import fields_of, is_record, permission_of, records

GENERATED = Path(__file__).resolve().parents[2] / "pwa" / "src" / "generated"


def test_every_label_exists_in_three_languages() -> None:
    keys = [set(labels(language)) for language in LANGUAGES]
    assert keys[0] == keys[1] == keys[2]
    for language in LANGUAGES:
        assert all(text.strip() for text in labels(language).values())


def test_references_point_to_records() -> None:
    for record in records():
        for name, spec in fields_of(record).items():
            assert spec.ref is None or is_record(spec.ref), f"{record.__tablename__}.{name}"


def test_titles_and_owners_are_fields() -> None:
    for record in records():
        fields = {"id", *fields_of(record)}
        spec = record.spec
        assert spec.title in fields
        assert set(spec.owners) <= fields
        assert spec.default_sort.lstrip("-") in fields
        for alternative in spec.root.split("|"):
            assert alternative == "company" or alternative.partition(":")[2] in fields


def test_roles_grant_only_permissions_that_exist() -> None:
    known = set(all_permissions())
    for role in ROLES.values():
        assert set(role) <= known
    for record in records():
        assert f"{permission_of(record)}.view" in known


def test_sentences_of_errors_keep_their_placeholders_in_every_language() -> None:
    def holes(text: str) -> set[str]:
        return {part.partition("}")[0] for part in text.split("{")[1:]}

    for code, label in ERROR_TEXTS.items():
        assert holes(label.zh_cn) == holes(label.zh_tw) == holes(label.en), code


def test_what_the_app_has_is_what_the_server_declares() -> None:
    assert json.loads((GENERATED / "declarations.json").read_text("utf-8")) == declarations()
