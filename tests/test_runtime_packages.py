"""The server runs on what it declares: a package that only a development tool brings along is missing in production."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.support.live_server import ROOT

_IMPORT_ALL = """
import json, sys
before = set(sys.modules)
import server.app, server.cli, server.demo.build, server.demo.stages, psycopg
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
"""


def _locked_for_production() -> set[str]:
    """The names of the packages that `uv sync` without groups installs, followed through uv.lock."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    packages = {package["name"]: package for package in lock["package"]}
    found: set[tuple[str, str]] = set()
    queue: list[tuple[str, str]] = [("xunke", "")]
    while queue:
        name, extra = queue.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        package = packages[name]
        needed = package.get("optional-dependencies", {}).get(extra, []) if extra else package.get("dependencies", [])
        for dependency in needed:
            queue.append((dependency["name"], ""))
            queue += [(dependency["name"], more) for more in dependency.get("extra", [])]
    return {name for name, _ in found}


@pytest.mark.slow
def test_the_server_imports_only_what_production_installs() -> None:
    answer = subprocess.run([sys.executable, "-c", _IMPORT_ALL], cwd=ROOT, capture_output=True, text=True, check=True)
    owners = packages_distributions()
    used = {owners[name][0].lower().replace("_", "-") for name in json.loads(answer.stdout) if name in owners}
    assert used - _locked_for_production() == set()
