"""What the studio costs a browser: bytes, requests, time to the first paint; and whether it complains or asks others.

    python benchmarks/studio.py

It starts a server of its own and needs Chromium (``--browser``). The median of the times is told.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from statistics import median
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@dataclass
class Visit:
    """One first visit.

    Attributes:
        sent: bytes as they were sent, of each address.
        paint_ms: until something is drawn.
        complaints: errors in the console.
        elsewhere: requests to other places.
    """

    sent: dict[str, int] = field(default_factory=dict)
    paint_ms: float = 0.0
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def visit(browser, address: str) -> Visit:
    """Open the page as for the first time."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page, seen = context.new_page(), Visit()
    page.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(address) else seen.elsewhere.append(asked.url))
    page.on("requestfinished", lambda asked: seen.sent.update({asked.url: asked.sizes()["responseBodySize"]}))
    page.goto(address, wait_until="networkidle")
    seen.paint_ms = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    context.close()
    return seen


@contextlib.contextmanager
def serving():
    """A server with nothing in its history; its address."""
    with contextlib.closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as state:
        command = [sys.executable, "-m", "menura", "serve", "--quiet", "--port", str(port), "--state", state]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        address = f"http://localhost:{port}"
        try:
            while True:
                with contextlib.suppress(OSError):
                    if urlopen(f"{address}/readyz").status == 200:
                        break
                time.sleep(0.1)
            yield address
        finally:
            process.kill()
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browser", default=shutil.which("chromium"), help="path of Chromium")
    parser.add_argument("--visits", type=int, default=5)
    args = parser.parse_args()
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=args.browser, args=FLAGS)
        seen = [visit(browser, address) for _ in range(args.visits)]
        browser.close()
    last = seen[-1]
    page = {url: size for url, size in last.sent.items() if "/v1/" not in url}
    print("| what | measured | budget |\n|---|---|---|")
    print(f"| bytes of the page, as sent | {sum(page.values()):,} in {len(page)} requests | 250,000 |")
    print(f"| bytes of the API until it rests | {sum(last.sent.values()) - sum(page.values()):,} | |")
    print(f"| first paint, ms, median of {args.visits} | {median(one.paint_ms for one in seen):.0f} | 1500 |")
    print(f"| errors in the console | {sum(len(one.complaints) for one in seen)} | 0 |")
    print(f"| requests elsewhere | {sum(len(one.elsewhere) for one in seen)} | 0 |")


if __name__ == "__main__":
    main()
