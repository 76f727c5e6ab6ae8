"""The cold start of a large device in Chromium with the processor slowed four times: how long until the first customers
are on the screen, until everything is in IndexedDB, and how long the page does not answer meanwhile."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.bench.company import REP, build
from tests.bench.figures import Table
from tests.support.chromium import find_chromium
from tests.support.live_server import LiveServer, run_xunke

PASSWORD = "xunke-demo"
_SLOWER = 4
_PATIENCE = 300.0

_WATCH_TASKS = """
window.longTasks = []
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push(entry.duration)
}).observe({ type: 'longtask', buffered: true })
const looking = setInterval(() => {
  if (!document.querySelector('a[href*="/customers/0"]')) return
  window.firstRow = performance.now()
  clearInterval(looking)
}, 50)
"""
_STATE = """async () => {
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => one.endsWith('-cache'))
  if (!name) return { rows: 0, complete: false }
  const db = await new Promise((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const ask = (work) => new Promise((resolve, reject) => {
    const request = work()
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  try {
    const tables = [...db.objectStoreNames].filter((table) => !table.startsWith('_'))
    if (tables.length === 0) return { rows: 0, complete: false }
    const reading = db.transaction([...tables, '_cursor'], 'readonly')
    const cursor = await ask(() => reading.objectStore('_cursor').get('pull'))
    let rows = 0
    for (const table of tables) rows += await ask(() => reading.objectStore(table).count())
    return { rows, complete: cursor?.complete === true }
  } finally {
    db.close()
  }
}"""


#: Bare IndexedDB: as many objects of as many fields as a customer has, in transactions as large as a page.
_BARE = """async (many) => {
  const db = await new Promise((resolve) => {
    const request = indexedDB.open('bench-reference')
    request.onupgradeneeded = () => request.result.createObjectStore('row', { keyPath: 'id' })
    request.onsuccess = () => resolve(request.result)
  })
  const began = performance.now()
  for (let start = 0; start < many; start += 5000) {
    const writing = db.transaction('row', 'readwrite', { durability: 'relaxed' })
    for (let n = start; n < Math.min(start + 5000, many); n++) {
      const row = { id: `0193${n}` }
      for (let field = 0; field < 40; field++) row[`field_${field}`] = field % 2 ? null : `${field}/${n}`
      writing.objectStore('row').put(row)
    }
    await new Promise((resolve, reject) => {
      writing.oncomplete = resolve
      writing.onerror = () => reject(writing.error)
    })
  }
  db.close()
  indexedDB.deleteDatabase('bench-reference')
  return performance.now() - began
}"""


def measure(table: Table, data: Path, customers: int = 5_000, visits_each: int = 8, pwa: Path | None = None) -> None:
    """Builds a company of 50,000 rows in `data` where there is none: 5,000 customers with contacts and visits."""
    file = data / "xunke.db"
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        build(f"sqlite:///{file}", customers, visits_each)
        run_xunke("search", "rebuild", environment={"XUNKE_DATA": str(data)})
    server = LiveServer(data, {"XUNKE_PWA": str(pwa)} if pwa else None)
    server.start()
    try:
        with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
            found = find_chromium()
            context = playwright.chromium.launch_persistent_context(
                profile, executable_path=found.executable, args=found.args, env=found.env, locale="zh-CN",
                viewport={"width": 390, "height": 844},
            )  # fmt: skip
            context.add_init_script(_WATCH_TASKS)
            _measure(table, context.pages[0], server.url)
            context.close()
    finally:
        server.stop()


def _measure(table: Table, page: Page, url: str) -> None:
    page.goto(f"{url}/customers")
    page.locator("input[name=username]").fill(REP)
    page.locator("input[name=password]").fill(PASSWORD)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    page.evaluate("window.longTasks.length = 0")
    busy = _busy(devtools)
    clicked = page.evaluate("performance.now()")
    page.get_by_role("button", name="登录", exact=True).click()
    started = time.perf_counter()
    # Looking into the database takes the page's time as well: not before there is something to see.
    while page.evaluate("window.firstRow ?? null") is None and time.perf_counter() - started < _PATIENCE:
        time.sleep(0.2)
    while True:
        state: dict[str, Any] = page.evaluate(_STATE)
        seconds = time.perf_counter() - started
        if state["complete"]:
            break
        if seconds > _PATIENCE:
            raise RuntimeError(f"{state['rows']} rows after {seconds:.0f} s, and not complete")
        time.sleep(0.5)
    tasks = sorted(page.evaluate("window.longTasks"))
    busy = _busy(devtools) - busy
    shown = page.evaluate("window.firstRow")
    bare = page.evaluate(_BARE, state["rows"]) / 1000
    table.add(
        f"cold start in Chromium, processor slowed {_SLOWER}×, {state['rows']} rows",
        f"{seconds:.1f} s; first rows on the screen after {(shown - clicked) / 1000 if shown else seconds:.1f} s; "
        f"the page's thread busy {busy:.1f} s",
        f"{len(tasks)} tasks over 50 ms, the longest {tasks[-1] if tasks else 0:.0f} ms, {sum(tasks) / 1000:.1f} s in all; "
        f"bare IndexedDB puts of as many objects {bare:.1f} s",
    )


def _busy(devtools: CDPSession) -> float:
    """Seconds that the page's thread has worked."""
    found = {metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]}
    return float(found["TaskDuration"])


if __name__ == "__main__":
    # python -m tests.bench.browser [FOLDER [CUSTOMERS VISITS_EACH [PWA]]]
    with tempfile.TemporaryDirectory() as scratch:
        given = sys.argv[1:]
        where = Path(given[0]) if given else Path(scratch) / "data"
        many = int(given[1]) if len(given) > 1 else 5_000
        each = int(given[2]) if len(given) > 2 else 8
        measure(Table(), where, many, each, Path(given[3]) if len(given) > 3 else None)
