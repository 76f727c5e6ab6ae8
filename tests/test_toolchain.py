"""The promises of the set-up: what is installed is locked, and every dependency has its reason in CONTRIBUTING.md."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.support.live_server import ROOT

_ROW = re.compile(r"^\| ([@\w./-]+) \| (\S.+) \|$", re.MULTILINE)


def _packages_of_contributing(heading: str) -> set[str]:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split(f"\n### {heading}\n", 1)[1].split("\n### ", 1)[0]
    return {name for name, _reason in _ROW.findall(section)} - {"package"}


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", requirement, maxsplit=1)[0] for requirement in requirements}


def _package_json(path: Path) -> dict[str, dict[str, str]]:
    content: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_every_python_package_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert _packages_of_contributing("The server") == _names(project["project"]["dependencies"])
    assert _packages_of_contributing("Development of the server") == _names(
        [name for group in project["dependency-groups"].values() for name in group]
    )


@pytest.mark.parametrize(
    ("heading", "kind"), [("The app", "dependencies"), ("Development of the app", "devDependencies")]
)
def test_every_package_of_the_app_has_its_reason(heading: str, kind: str) -> None:
    assert _packages_of_contributing(heading) == set(_package_json(ROOT / "pwa" / "package.json")[kind])


@pytest.mark.parametrize("kind", ["dependencies", "devDependencies"])
def test_the_lock_of_the_app_is_the_one_of_its_package_json(kind: str) -> None:
    # `npm install --no-save`, which the Makefile uses, would not say so.
    wanted = _package_json(ROOT / "pwa" / "package.json")[kind]
    locked = json.loads((ROOT / "pwa" / "package-lock.json").read_text(encoding="utf-8"))["packages"][""][kind]
    assert locked == wanted
