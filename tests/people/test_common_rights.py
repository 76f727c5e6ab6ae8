"""What everybody may read makes nobody a manager: the app knows which permissions those are."""

import re
from pathlib import Path

from server.people.permissions import REP

SESSION = Path(__file__).parents[2] / "pwa/src/app/session.ts"


def test_the_app_knows_what_reps_may_read_of_the_whole_company() -> None:
    listed = re.search(r"COMMON = new Set\(\s*\[([^\]]*)\]", SESSION.read_text())
    assert listed is not None
    known = {f"{name}.view" for name in re.findall(r"'(\w+)'", listed[1])}
    assert {name for name, scope in REP.items() if scope != "own"} <= known
