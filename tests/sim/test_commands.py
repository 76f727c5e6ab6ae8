"""The simulator draws every command there is, or says why not."""

from __future__ import annotations

import re

import server.areas  # noqa: F401 - declares all commands
from server.records.commands import commands
from tests.support.live_server import ROOT

_SIM = ROOT / "pwa" / "sim"


def _drawn() -> set[str]:
    """The commands that people draw, and those that faults are made of."""
    texts = {
        name: (_SIM / name).read_text(encoding="utf-8")
        for name in ("work.ts", "office.ts", "papers.ts", "files.ts", "mails.ts", "faults.ts")
    }
    drawn = {name for text in texts.values() for name in re.findall(r"^  '(\w+\.\w+)': ", text, re.MULTILINE)}
    return drawn | set(re.findall(r"\.do\('(\w+\.\w+)'", texts["faults.ts"]))


def test_every_command_is_drawn():
    public = {spec.name for spec in commands() if not spec.internal}
    assert public - _drawn() == set(), "the simulator does not draw these (pwa/sim/work.ts, office.ts)"
    assert _drawn() - public == {"gift.hand_over"}, "these are drawn and do not exist"
