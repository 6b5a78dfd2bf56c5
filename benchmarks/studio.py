"""What the studio costs a browser: bytes, requests, time until it can be used, time until a long piece sounds.

    python benchmarks/studio.py

It starts a server of its own and needs Chromium (``--browser``). The median of the times is told. The piece lasts 2:24
and comes over a line of 8 Mbit/s; from the opening of its address until a tenth of a second of it has been heard.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from statistics import median
from urllib.request import Request, urlopen

import numpy as np
from playwright.sync_api import sync_playwright

from menura.score import midi
from menura.score.notes import Score, Tempo, Track

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--autoplay-policy=no-user-gesture-required"]
SIZE = {"width": 1400, "height": 900}
LINE = {"offline": False, "latency": 20, "downloadThroughput": 1e6, "uploadThroughput": 1e6}
PIECE_S = 144
WATCH = """new MutationObserver((_, watch) => document.querySelector("#make") &&
    (watch.disconnect(), window.ready = performance.now())).observe(document, {childList: true, subtree: true})"""
HEARD = """const Plain = window.Audio; window.Audio = function (...given) { const media = new Plain(...given);
    media.addEventListener("timeupdate", () => media.currentTime > 0.1 && (window.heard ??= performance.now()));
    return media; }"""


@dataclass
class Visit:
    """One first visit.

    Attributes:
        sent: bytes as they were sent, of each address.
        paint_ms, ready_ms: until something is drawn, and until the form can be filled in.
        complaints: errors in the console.
        elsewhere: requests to other places.
    """

    sent: dict[str, int] = field(default_factory=dict)
    paint_ms: float = 0.0
    ready_ms: float = 0.0
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def visit(browser, address: str) -> Visit:
    """Open the page as for the first time."""
    context = browser.new_context(viewport=SIZE)
    page, seen = context.new_page(), Visit()
    page.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(address) else seen.elsewhere.append(asked.url))
    page.on("requestfinished", lambda asked: seen.sent.update({asked.url: asked.sizes()["responseBodySize"]}))
    page.add_init_script(WATCH)
    page.goto(address)
    seen.ready_ms = page.wait_for_function("() => window.ready").json_value()
    page.wait_for_timeout(500)
    seen.paint_ms = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    context.close()
    return seen


def sounding_ms(browser, address: str, piece: str) -> float:
    """Until a long piece is heard on a slow line, its address being where one begins."""
    context = browser.new_context(viewport=SIZE)
    page = context.new_page()
    page.add_init_script(HEARD)
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", LINE)
    page.goto(f"{address}/r/{piece}")
    page.click(".play")
    heard = page.wait_for_function("() => window.heard", timeout=60_000).json_value()
    context.close()
    return heard


def long_piece(address: str) -> str:
    """A piece of piano that lasts as long as is told; its job."""
    notes = [[480 * beat, 480, 48 + beat % 24, 80] for beat in range(2 * PIECE_S - 6)]
    content = midi.to_bytes(Score((Track("piano", 0, False, np.array(notes)),), (Tempo(0, 120),)))
    body = b"--b\r\nContent-Disposition: form-data; name=file; filename=piece.mid\r\n\r\n" + content + b"\r\n--b--\r\n"
    asked = Request(
        f"{address}/v1/tasks/render?wait=60", body, {"content-type": "multipart/form-data; boundary=b"}, method="POST"
    )
    job = json.load(urlopen(asked))
    while job["status"] in ("queued", "running"):
        time.sleep(0.5)
        job = json.load(urlopen(f"{address}/v1/jobs/{job['id']}"))
    return job["id"]


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
        piece = long_piece(address)
        heard = [sounding_ms(browser, address, piece) for _ in range(args.visits)]
        browser.close()
    last = seen[-1]
    page = {url: size for url, size in last.sent.items() if "/v1/" not in url}
    print("| what | measured | budget |\n|---|---|---|")
    print(f"| bytes of the page, as sent | {sum(page.values()):,} in {len(page)} requests | 100,000 |")
    print(f"| bytes of the API until it rests | {sum(last.sent.values()) - sum(page.values()):,} | |")
    print(f"| first paint, ms, median of {args.visits} | {median(one.paint_ms for one in seen):.0f} | |")
    print(f"| until it can be used, ms, median of {args.visits} | {median(one.ready_ms for one in seen):.0f} | 1000 |")
    print(f"| 2:24 on 8 Mbit/s until it sounds, ms, median of {args.visits} | {median(heard):.0f} | 3000 |")
    print(f"| errors in the console | {sum(len(one.complaints) for one in seen)} | 0 |")
    print(f"| requests elsewhere | {sum(len(one.elsewhere) for one in seen)} | 0 |")


if __name__ == "__main__":
    main()
