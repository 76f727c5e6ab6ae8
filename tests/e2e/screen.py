"""What every screen owes its reader, whatever it shows: its own words, its own width, and a way in for everybody."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.e2e.accessibility import lasting
from tests.e2e.device import Device

# An i18n key instead of a text: `orders.no_debt_text`. Looked for in texts, labels and placeholders that are shown.
_BARE_KEYS = """
() => {
  const key = /^[a-z][a-z0-9]*(\\.[a-z0-9_-]+)+$/
  const found = new Set()
  const look = (text) => key.test(text.trim()) && found.add(text.trim())
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    if (!['SCRIPT', 'STYLE', 'TEXTAREA'].includes(texts.currentNode.parentElement.tagName)) look(texts.currentNode.data)
  }
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]')) {
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) look(element.getAttribute(name) ?? '')
  }
  look(document.title.split(' · ')[0])
  return [...found]
}
"""

# Whatever can be scrolled sideways, unless it is made for that: rows of chips and the desk's tables.
_TOO_WIDE = """
(meant) => {
  const wide = (element) => element.scrollWidth > element.clientWidth + 1
  const name = (element) => element.tagName.toLowerCase() + [...element.classList].map((one) => '.' + one).join('')
  const root = document.documentElement
  const found = wide(root) ? [`the page: ${root.scrollWidth} > ${root.clientWidth}`] : []
  for (const element of document.body.querySelectorAll('*')) {
    if (element.closest(meant) || !wide(element) || element.clientWidth === 0) continue
    if (!['auto', 'scroll'].includes(getComputedStyle(element).overflowX)) continue
    const edge = element.getBoundingClientRect().left + element.clientWidth
    const sticksOut = [...element.querySelectorAll('*')].find((one) => one.getBoundingClientRect().right > edge + 1)
    found.push(`${name(element)}: ${element.scrollWidth} > ${element.clientWidth}, by ${sticksOut && name(sticksOut)}`)
  }
  return found
}
"""
_SCROLLS_SIDEWAYS = ".chips, .kinds, .scroller, .leaflet-container, .table-scroll, .days, .tabs"


def settled(device: Device) -> None:
    """Until the screen has its title and nothing of it is an outline any more."""
    page = device.page
    # How long that takes is no matter here, and a machine may be busy with other things.
    expect(page.locator("h1, [role=heading]").first).to_be_visible(timeout=60_000)
    expect(page.locator(".skeletons")).to_have_count(0)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 120)))")


def complaints(device: Device) -> list[str]:
    """Bare i18n keys and sideways overflow on what the page shows; not what is over in a moment, such as words that come
    after their screen."""
    return lasting(lambda: _complaints(device), device.page)


def _complaints(device: Device) -> list[str]:
    keys: list[Any] = device.page.evaluate(_BARE_KEYS)
    wide: list[Any] = device.page.evaluate(_TOO_WIDE, _SCROLLS_SIDEWAYS)
    return [f"no words for {key}" for key in keys] + [f"too wide: {what}" for what in wide]
