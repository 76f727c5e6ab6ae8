"""Finds reads that go around `visible`: `python -m server.lint`.

A function that selects a record must call `visible`, `allowed`, `checked` or one of the list functions built on them, unless it
is part of the write path (it takes a command's `Context`, or lives in a service or the records package) or says why in a
comment `# unrestricted: <reason>` on the line of its `def` or directly above it.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import server.areas  # noqa: F401 - makes every record known
from server.records.record import records

ROOT = Path(__file__).parent
#: The write path decides by permission and scope in its own way (`Context.need`).
WRITE_PATH = {"service.py", "setup.py"}
FOLDERS = {"records", "migrations", "demo"}
GUARDS = {
    "visible",
    "allowed",
    "checked",
    "chosen_rows",
    "list_page",
    "select_list",
    "detail",
    "summary",
    "names_of_refs",
}
READERS = {"select", "get", "query", "exists", "join", "outerjoin", "select_from", "scalar", "scalars"}
MARK = "# unrestricted:"


def problems(folder: Path = ROOT) -> Iterator[str]:
    """Each place that reads a record without the rule, as `file:line: message`."""
    names = {record.__name__ for record in records()}
    for file in sorted(folder.rglob("*.py")):
        if file.name in WRITE_PATH or FOLDERS & set(file.relative_to(folder).parts):
            continue
        yield from _file_problems(file, names)


def _file_problems(file: Path, names: set[str]) -> Iterator[str]:
    source = file.read_text("utf-8")
    lines = source.splitlines()
    for function in _functions(ast.parse(source)):
        read = _record_read(function, names)
        if read is None or _is_guarded(function) or _in_command(function) or _is_marked(function, lines):
            continue
        node, record = read
        yield f"{file}:{node.lineno}: {function.name} reads {record} without visible(actor, {record})"


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Outermost functions and methods: a helper inside is judged with the function that holds it."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield item


def _called(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else None


def _record_read(function: ast.AST, names: set[str]) -> tuple[ast.expr, str] | None:
    for call in ast.walk(function):
        if _called(call) not in READERS:
            continue
        assert isinstance(call, ast.Call)
        for argument in call.args:
            for part in ast.walk(argument):
                if isinstance(part, ast.Name) and part.id in names:
                    return part, part.id
    return None


def _in_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it takes a command's context, which decides by permission and scope (`Context.need`)."""
    return any(
        isinstance(argument.annotation, ast.Name) and argument.annotation.id == "Context"
        for argument in function.args.args
    )


def _is_guarded(function: ast.AST) -> bool:
    return any(_called(node) in GUARDS for node in ast.walk(function))


def _is_marked(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> bool:
    """The mark stands on a line of the signature or directly above it, and gives a reason."""
    first = max(function.lineno - 2, 0)
    signature = lines[first : function.body[0].lineno]
    return any(MARK in line and line.partition(MARK)[2].strip() for line in signature)


def main() -> int:
    found = list(problems())
    print("\n".join(found) or "every read goes through visible")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
