"""The studio in a browser, as its users have it: every task made and heard, nothing lost, and no request elsewhere."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from menura import checkpoint
from menura.app.server.descriptions import offered
from menura.audio import Audio, write
from menura.models.codec import Codec
from menura.models.codec import tiny as tiny_codec
from menura.models.wavenet import WaveNet
from menura.models.wavenet import tiny as tiny_wavenet

STUDIO = Path(__file__).parents[1] / "src" / "menura" / "app" / "studio"
BYTES = 250_000
"""Compressed, of the whole page."""
FIRST_PAINT_MS = 1500.0
TRIED: set[str] = set()
DESK, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
BROWSER = ["chromium", "chromium-browser", "google-chrome", "chrome"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> Path:
    """Untaught models under the names that the forms begin with."""
    shelf = tmp_path_factory.mktemp("models")
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        codec = Codec(tiny_codec()).train()
        for _ in range(170):
            codec.quantizer(codec.analyse(0.1 * torch.randn(2, 40 * codec.hop_samples)))
        checkpoint.save(codec.eval(), shelf / "codec", {})
        digits = tiny_wavenet(categories={"speaker": ("any", "ada")})
        checkpoint.save(WaveNet(digits).eval(), shelf / "wavenet-digits", {})
        checkpoint.save(WaveNet(tiny_wavenet(features=20, hop_samples=100, splits=4)).eval(), shelf / "voice", {})
    return shelf


class Served:
    """``menura serve`` that can be stopped and started again at the same address."""

    def __init__(self, state: Path, shelf: Path) -> None:
        with contextlib.closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.command = [sys.executable, "-m", "menura", "serve", "--quiet", "--port", str(self.port)]
        self.command += ["--state", str(state), "--models", str(shelf)]
        self.start()

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL, env=environment)
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.address}/readyz").status_code == 200:
                    return
            assert time.monotonic() < until
            time.sleep(0.05)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def served(tmp_path_factory, shelf) -> Iterator[Served]:
    one = Served(tmp_path_factory.mktemp("served"), shelf)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def browser():
    path = next((found for name in BROWSER if (found := shutil.which(name))), None)
    assert path, "these tests drive Chromium: install it (Debian: apt install chromium)"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=FLAGS)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request, browser, served) -> Iterator[Page]:
    """A page of its own client; it must not complain, nor ask anyone else."""
    context = browser.new_context(viewport=request.param, has_touch=request.param is PHONE)
    page = context.new_page()
    complaints, elsewhere = [], []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: None if _is_own(asked.url, served) else elsewhere.append(asked.url))
    page.goto(served.address)
    page.wait_for_selector("[data-task=compose]", state="attached")
    yield page
    context.close()
    # The browser notes refusals, a server that dies, and the styles that axe tries to bring; all else is ours.
    assert [
        said
        for said in complaints
        if "Failed to load resource" not in said and not ("axe" in TRIED and "style" in said)
    ] == []
    assert elsewhere == []


def _is_own(url: str, served: Served) -> bool:
    return url.startswith((served.address, "blob:", "data:"))


def tab(page: Page, name: str) -> None:
    """On a phone the columns are tabs."""
    button = page.locator(f"[data-tab={name}]")
    if button.is_visible():
        button.click()


def begin(page: Page, task: str, **texts: str) -> None:
    tab(page, "make")
    page.click(f"[data-task={task}]")
    for name, text in texts.items():
        field = page.locator(f"[name={name}]").first
        if not field.is_visible():
            page.locator("details", has=page.locator(f"[name={name}]")).locator("summary").first.click()
        field.fill(text)


def drop(page: Page, field: str, path: Path) -> None:
    """Drag a file into a field."""
    tab(page, "make")
    content = list(path.read_bytes())
    data = page.evaluate_handle(
        """([bytes, name]) => { const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], name)); return data; }""",
        [content, path.name],
    )
    zone = page.locator(f"[data-field={field}] .drop, [data-field={field}].drop").first
    for kind in ("dragenter", "dragover", "drop"):
        zone.dispatch_event(kind, {"dataTransfer": data})
    expect(page.locator(f"[data-field={field}]")).to_contain_text(path.name)


def make(page: Page, status: str = "done") -> str:
    """Press the button; the new job's id when it has ended so."""
    before = page.locator("#result").get_attribute("data-job") if page.locator("#result").count() else None
    page.click("#make")
    result = page.locator("#result")
    page.wait_for_function(
        "before => ![undefined, before].includes(document.querySelector('#result')?.dataset.job)",
        arg=before,
    )
    expect(result).to_have_attribute("data-status", status, timeout=60_000)
    return result.get_attribute("data-job")


def loudest(page: Page, job: str, kind: str = "audio") -> float:
    """The peak of what a browser decodes from a job's sound."""
    return page.evaluate(
        """async ([job, kind]) => {
            const said = await (await fetch(`/v1/jobs/${job}`)).json();
            const file = said.results.flatMap(result => result.files).find(file => file.kind === kind);
            const bytes = await (await fetch(file.url)).arrayBuffer();
            const sound = await new OfflineAudioContext(1, 1, 44100).decodeAudioData(bytes);
            return sound.getChannelData(0).reduce((most, one) => Math.max(most, Math.abs(one)), 0);
        }""",
        [job, kind],
    )


def files_of(page: Page, job: str) -> list[dict]:
    said = page.evaluate("async job => (await fetch(`/v1/jobs/${job}`)).json()", job)
    return [file for result in said["results"] for file in result["files"]]


def test_every_task_is_made_heard_and_looked_at(page, tmp_path):
    write(Audio(0.2 * np.sin(np.arange(12_000) / 9)[None].astype(np.float32), 8000), tmp_path / "tone.wav")
    tried = set()

    def made(task: str, **texts: str) -> str:
        tried.add(task)
        begin(page, task, **texts)
        return task

    made("compose", prompt="a waltz for flute and piano, 4 bars")
    composed = make(page)
    assert loudest(page, composed) > 0.05
    tab(page, "listen")
    expect(page.locator("canvas.roll")).to_be_visible()
    expect(page.locator("#result")).to_contain_text("4 bars")
    page.locator(".play").first.click()
    page.wait_for_function("/0:0[1-9]/.test(document.querySelector('#result').textContent)")
    page.locator(".play").first.click()
    page.screenshot(path=tmp_path / "composed.png")

    midi = next(file["name"] for file in files_of(page, composed) if file["kind"] == "notes")
    made("render")
    page.locator("[data-field=file] select").select_option(f"{composed}/{midi}")
    assert loudest(page, make(page)) > 0.05

    made("encode")
    drop(page, "file", tmp_path / "tone.wav")
    encoded = make(page)
    (codes,) = [file["name"] for file in files_of(page, encoded) if file["kind"] == "codes"]
    for task in ("decode", "info"):
        made(task)
        page.locator("[data-field=file] select").select_option(f"{encoded}/{codes}")
        last = make(page)
        if task == "decode":
            assert loudest(page, last) > 0.001
    made("evaluate")
    drop(page, "reference", tmp_path / "tone.wav")
    drop(page, "estimate", tmp_path / "tone.wav")
    make(page)
    tab(page, "listen")
    expect(page.locator("#result table").first).to_contain_text("tone-2.wav")
    made("sample", seconds="0.5")
    assert loudest(page, make(page)) > 0.01
    made("vocode", model="voice")
    drop(page, "file", tmp_path / "tone.wav")
    assert loudest(page, make(page)) > 0.01
    for task in ("styles", "instruments"):
        made(task)
        make(page)
    tab(page, "listen")
    expect(page.locator("#result table").first).to_contain_text("flute")
    made("check", model="score_lm")
    make(page)
    assert tried == offered().keys(), "a task is not tried here"


def test_a_job_is_cancelled_mid_way_and_the_page_says_so(page):
    begin(page, "compose", prompt="string quartet, 300 bars")
    page.click("#make")
    tab(page, "listen")
    expect(page.locator("#result")).to_have_attribute("data-status", "running")
    page.wait_for_function("document.querySelector('#result progress, #result [role=progressbar]')")
    page.click("#cancel")
    expect(page.locator("#result")).to_have_attribute("data-status", "cancelled", timeout=20_000)


def test_nothing_is_lost_on_reload_or_when_the_server_dies(page, served):
    begin(page, "compose", prompt="a march for piano, 2 bars")
    done = make(page)
    begin(page, "compose", prompt="string quartet, 60 bars")
    page.click("#make")
    page.wait_for_function("done => document.querySelector('#result').dataset.job !== done", arg=done)
    running = page.locator("#result").get_attribute("data-job")
    page.reload()
    expect(page.locator("#result")).to_have_attribute("data-job", running)
    tab(page, "make")
    expect(page.locator("[name=prompt]")).to_have_value("string quartet, 60 bars")
    served.stop()
    served.start()
    tab(page, "history")
    page.click(f"[data-history={done}]")
    expect(page.locator("#result")).to_have_attribute("data-job", done, timeout=20_000)
    assert loudest(page, done) > 0.05
    tab(page, "history")
    page.click(f"[data-history={running}]")
    expect(page.locator("#result")).to_have_attribute("data-status", "done", timeout=60_000)


def test_what_is_wrong_is_told_beside_the_field(page):
    begin(page, "sample", given="seven")
    page.click("#make")
    expect(page.locator("#sample-given-error")).to_contain_text("write it as name=value")
    begin(page, "compose", prompt="a waltz", metre="7/x")
    make(page, "failed")
    tab(page, "listen")
    expect(page.locator("#result [role=alert]")).to_contain_text("'7/x' is not one; write 3/4")


def test_it_is_usable_by_keyboard_and_screen_reader(page):
    begin(page, "compose", prompt="a waltz for piano, 2 bars")
    page.locator("[name=prompt]").press("Control+Enter")
    expect(page.locator("#result")).to_have_attribute("data-status", "done", timeout=60_000)
    for name in ("make", "listen", "history"):
        tab(page, name)
        TRIED.add("axe")
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()
    page.evaluate("document.activeElement.blur()")


def test_the_page_keeps_to_its_budget(browser, served):
    painted = []
    for _ in range(3):  # the quickest tells what the page costs, the others what else the machine does
        page = browser.new_context(viewport=DESK).new_page()
        page.goto(served.address, wait_until="networkidle")
        painted.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        page.close()
    assert min(painted) < FIRST_PAINT_MS
    page = browser.new_page(viewport=DESK)
    sizes, elsewhere = {}, []
    page.on("request", lambda asked: None if _is_own(asked.url, served) else elsewhere.append(asked.url))
    page.on(
        "response",
        lambda answer: sizes.__setitem__(answer.url, len(answer.body())) if "/v1/" not in answer.url else None,
    )
    page.goto(served.address, wait_until="networkidle")
    page.close()
    assert elsewhere == []
    assert sum(sizes.values()) < 2 * BYTES


def test_the_built_page_is_small_and_asks_nobody_else():
    files = [path for path in STUDIO.rglob("*") if path.is_file() and path.suffix != ".md"]
    packed = sum(len(gzip.compress(path.read_bytes())) for path in files)
    assert packed < BYTES
    for path in files:
        for address in re.findall(r"""(?:src|href|url)\s*[=(:]\s*["']?(https?://[^"')\s]+)""", path.read_text()):
            pytest.fail(f"{path.name} names {address}")


def test_the_lock_file_names_no_place_to_load_from():
    lock = json.loads((STUDIO.parents[3] / "studio" / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
