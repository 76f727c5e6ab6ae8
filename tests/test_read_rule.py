"""The linter of the read rule finds what goes around `visible`, and the project has nothing of the kind."""

from pathlib import Path

from server.lint import problems


def test_the_project_reads_only_through_visible() -> None:
    assert list(problems()) == []


def test_a_read_around_the_rule_is_found(tmp_path: Path) -> None:
    (tmp_path / "queries.py").write_text(
        "def all_of_them(session):\n    return session.execute(select(Customer.name)).all()\n\n\n"
        "def mine(session, actor):\n    return session.execute(select(Customer).where(visible(actor, Customer)))\n\n\n"
        "# unrestricted: the number on the door\ndef count(session):\n    return session.scalar(select(Customer.id))\n"
    )
    [found] = list(problems(tmp_path))
    assert "queries.py:2: all_of_them reads Customer" in found


def test_a_mark_without_a_reason_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "queries.py").write_text("# unrestricted:\ndef f(session):\n    return session.get(Customer, 'x')\n")
    assert len(list(problems(tmp_path))) == 1
