"""docs/requirements.md cannot rot: every rule has a line, what its lines name exists, and the counts are those of the lines."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "requirements.md"
STATES = ("done", "part", "open")
_NAMED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Line:
    """A rule of a chapter. `where` and `tests` as written, without the backticks."""

    chapter: str
    rule: str
    words: str
    state: str
    lacks: str
    where: tuple[str, ...]
    tests: tuple[str, ...]


@cache
def lines() -> tuple[Line, ...]:
    found: list[Line] = []
    chapter = ""
    for text in PAGE.read_text(encoding="utf-8").splitlines():
        if text.startswith("## "):
            chapter = text.removeprefix("## ")
        if not text.startswith("|") or text.startswith(("| Rule |", "| Chapter |", "|---")):
            continue
        cells = [cell.strip() for cell in text.strip("|").split("|")]
        if chapter == "" or len(cells) != 5:
            continue
        rule, words, state, where, tests = cells
        kind, _, lacks = state.partition(": ")
        found.append(
            Line(chapter, rule, words, kind, lacks, tuple(_NAMED.findall(where)), tuple(_NAMED.findall(tests)))
        )
    return tuple(found)


def counts() -> str:
    """The table of counts, as it has to stand on the page."""
    rows = ["| Chapter | done | of these without a test | part | open |", "|---|--:|--:|--:|--:|"]
    chapters = list(dict.fromkeys(line.chapter for line in lines()))
    for chapter in [*chapters, "Together"]:
        mine = [line for line in lines() if chapter in (line.chapter, "Together")]
        done = [line for line in mine if line.state == "done"]
        bare = sum(not line.tests for line in done)
        rest = [sum(line.state == state for line in mine) for state in ("part", "open")]
        rows.append(f"| {chapter} | {len(done)} | {bare} | {rest[0]} | {rest[1]} |")
    return "\n".join(rows)


@cache
def _names(path: str) -> frozenset[str]:
    """What a Python file defines: functions, classes, constants, tests."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return frozenset(found)


def lacking(named: str) -> str | None:
    """Why `path`, `path:name` or `path::test` leads nowhere; None where it leads somewhere."""
    path, separator, name = named.partition("::") if "::" in named else named.partition(":")
    if not (ROOT / path).exists():
        return f"there is no {path}"
    if not separator:
        return None
    if path.endswith(".py"):
        return None if name in _names(path) else f"{path} has no {name}"
    text = (ROOT / path).read_text(encoding="utf-8")
    return None if re.search(rf"['\"`]{re.escape(name)}['\"`]", text) else f"{path} has no test “{name}”"


def test_every_rule_has_a_line() -> None:
    ranges = {"PP": 25, "CU": 68, "LF": 15, "VI": 5, "TG": 8, "WR": 6, "RP": 3}
    wanted = {f"{prefix}-{number}" for prefix, last in ranges.items() for number in range(1, last + 1)}
    wanted |= {f"SY-{number}" for number in (1, 2, 3, 8, *range(10, 17))} | {"OF-7", "OF-9", "C1", "C2"}
    wanted |= {f"Q{number}" for number in (1, 2, 3, 4, 9, 10, 11, 12)}
    wanted |= {f"T{number}" for number in (1, 2, 3, 4, 5, 7, 12, 13, 14, 15, 16)}
    rules = [line.rule for line in lines()]
    assert wanted - set(rules) == set()
    assert len(rules) == len(set(rules))


def test_a_line_says_what_it_lacks() -> None:
    for line in lines():
        assert line.state in STATES, line.rule
        assert len(line.words.split()) <= 12, line.rule
        assert line.state != "done" or (line.where and not line.lacks), line.rule
        assert line.state != "part" or (line.where and line.lacks), line.rule


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.rule)
def test_what_a_line_names_exists(line: Line) -> None:
    assert [problem for named in (*line.where, *line.tests) if (problem := lacking(named))] == []
    assert [named for named in line.tests if "::" not in named] == []


def test_the_counts_are_those_of_the_lines() -> None:
    assert counts() in PAGE.read_text(encoding="utf-8"), f"put this there instead:\n{counts()}"


def test_a_name_that_leads_nowhere_is_found() -> None:
    assert lacking("server/customers/rules.py:check") is None
    assert lacking("server/customers/rules.py:no_such_rule") == "server/customers/rules.py has no no_such_rule"
    assert lacking("server/customers/no_such_file.py") == "there is no server/customers/no_such_file.py"
    assert lacking("tests/test_requirements.py::test_no_such") == "tests/test_requirements.py has no test_no_such"
    assert lacking("pwa/src/areas/reducers.test.ts::it never says this") is not None
