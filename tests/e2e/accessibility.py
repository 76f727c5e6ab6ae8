"""axe-core on a page as a person sees it: WCAG 2.2 A and AA, findings of impact serious or critical."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_AXE = Path(__file__).resolve().parent.parent.parent / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Where a mark stands is what a map says (WCAG 2.5.8, "essential"); the lists beside it lead to the same rows.
_ON_THE_MAP = (".leaflet-marker-pane",)
#: Seconds.
_A_WHILE = 5.0
_RUN = """
async ([rules, only, exclude]) => {
  const result = await axe.run(
    { exclude: exclude.map((selector) => [selector]) },
    {
      runOnly: only.length ? { type: 'rule', values: only } : { type: 'tag', values: rules },
      resultTypes: ['violations'],
    },
  )
  return result.violations
}
"""


@cache
def _source() -> str:
    return _AXE.read_text(encoding="utf-8")


def findings(page: Page, *, exclude: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Every violation as axe-core reports it; `exclude` are CSS selectors, beside that of marks on maps; `only` names
    rules instead of all."""
    if not page.evaluate("() => 'axe' in window"):
        # Evaluated, not added as a script: the app's content security policy would refuse that, rightly.
        page.evaluate(_source())
    violations: list[dict[str, Any]] = page.evaluate(_RUN, [_RULES, list(only), [*_ON_THE_MAP, *exclude]])
    return violations


def lasting(look: Callable[[], list[str]], page: Page) -> list[str]:
    """What is still found after a while. Colours, sizes and words follow a change within some frames, on a busy machine
    some more."""
    end = time.monotonic() + _A_WHILE
    while (found := look()) and time.monotonic() < end:
        page.wait_for_timeout(200)
    return found


def serious(page: Page, *, exclude: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> list[str]:
    """What is serious or critical and stays, with where it is."""

    def look() -> list[str]:
        found = findings(page, exclude=exclude, only=only)
        return [_describe(one) for one in found if one["impact"] in ("serious", "critical")]

    return lasting(look, page)


def expect_no_serious_findings(page: Page, *, exclude: tuple[str, ...] = ()) -> None:
    if found := serious(page, exclude=exclude):
        raise AssertionError(f"axe-core on {page.url}:\n" + "\n".join(found))


def _describe(found: dict[str, Any]) -> str:
    places = "\n".join(f"    {node['html'][:200]}" for node in found["nodes"][:5])
    return f"  {found['impact']}: {found['help']} ({found['id']}, {len(found['nodes'])} places)\n{places}"
