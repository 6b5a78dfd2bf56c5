"""What several tests share: a small task with every kind of field, a tiny note model, small pieces; what tests cost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pytest
import torch
from hypothesis import settings
from pydantic import Field

from menura import checkpoint, files
from menura.data.crops import as_crop
from menura.models.aligner import model as aligner
from menura.models.aligner.model import Aligner
from menura.models.score_lm.model import Batch, ScoreLM, ScoreLMObjective, tiny
from menura.models.synthesizer import model as synthesizer
from menura.models.synthesizer.model import Synthesizer, Taught, Voice
from menura.models.vocoder import model as vocoder
from menura.models.vocoder.model import Vocoder
from menura.models.voicebox import model as voicebox
from menura.models.voicebox.model import Voicebox
from menura.progress import Progress
from menura.score import midi
from menura.score.harmony import Chord
from menura.score.notes import TICKS_PER_QUARTER, Score, Tempo, Track
from menura.score.steps.conditions import bar_buckets
from menura.score.steps.context import Music, context
from menura.score.steps.tokens import BAR, MAX_SLOTS
from menura.score.synth import soundfont
from menura.tasks import TASKS
from menura.tasks.models import Models, user_shelf
from menura.tasks.task import Task
from menura.text.prompts import STYLES
from menura.text.speech.phonemes import SYMBOLS

# What Docker images often ask for would have every process that tests start compile the package for itself: a second.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
settings.register_profile("menura", deadline=None)  # a busy machine is no failure
settings.load_profile("menura")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--budget", action="store_true", help="tell what each folder of tests took, and the slowest tests")


LONGEST = tuple(f"tests/{name}.py::" for name in ("test_studio", "app/test_examples", "test_docs"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest goes first: in the end no worker waits for it, nor starts a browser for its last tests."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("budget"):
        return
    seconds: dict[str, float] = defaultdict(float)
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if isinstance(report, pytest.TestReport):  # one each for what comes before a test, itself, and what comes after
            seconds[report.nodeid] += report.duration
    folders: dict[str, float] = defaultdict(float)
    tests: Counter[str] = Counter()
    for test, duration in seconds.items():
        folder = test.partition("::")[0].rpartition("/")[0]
        folders[folder] += duration
        tests[folder] += 1
    terminalreporter.section("seconds, tests")
    for folder, duration in [*_longest(folders), ("all", sum(seconds.values()))]:
        terminalreporter.write_line(f"{duration:8.1f} {tests[folder] or len(seconds):6} {folder}")
    terminalreporter.section("slowest tests")
    for test, duration in _longest(seconds)[:15]:
        terminalreporter.write_line(f"{duration:8.1f} {test}")


def _longest(seconds: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(seconds.items(), key=lambda one: -one[1])


@pytest.fixture(scope="session", autouse=True)
def own_shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where tests keep models: whoever runs them may have some of those names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MENURA_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield user_shelf()


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The address of a Ray cluster of two cores, whose workers find what tests send them.

    Starting one takes as long as several tests.
    """
    pytest.importorskip("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    modules = os.pathsep.join((str(Path(__file__).parent / "data"), os.environ.get("PYTHONPATH", "")))
    start = (sys.executable, "-c", "from ray.scripts.scripts import main; main()", "start", "--head", "--block")
    more = (
        "--num-cpus",
        "2",
        "--include-dashboard=false",
        "--disable-usage-stats",
        "--port",
        address.partition(":")[2],
    )
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        head = subprocess.Popen(
            (*start, *more, "--temp-dir", folder),
            env={**os.environ, "PYTHONPATH": modules},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while head.poll() is None and not answers(address):
            time.sleep(0.05)
        yield address
        os.killpg(head.pid, signal.SIGKILL)  # asked to end, it takes half a minute
        head.wait()


def answers(address: str) -> bool:
    """Whether anybody listens there."""
    host, _, port = address.partition(":")
    with socket.socket() as tried:
        return tried.connect_ex((host, int(port))) == 0


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """Finds a program that does not come with Menura, the first there is of several names, by its Debian package.

    Where it is missing, and `make test` could not install it, its tests are left out; in continuous integration they
    fail.
    """

    def find(package: str, *names: str) -> str:
        path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))
        found = next((found for name in names if (found := shutil.which(name, path=path))), None)
        if found is None:
            told = f"{package} is missing: .ci/install {package} installs it"
            pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
        return found

    return find


@dataclass(frozen=True)
class Drawing:
    name: str
    text: str

    def summary(self) -> Mapping[str, Any]:
        return {"text": self.text}

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        path = files.suffixed(stem, ".mid")
        files.write_bytes(path, self.text.encode(), overwrite)
        return [path]


class Sketch(Task):
    """Draw a thing.

    It is drawn at random.
    """

    name: ClassVar[str] = "sketch"
    positional: ClassVar[tuple[str, ...]] = ("prompt",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {"Sound": ("bpm", "instruments")}

    prompt: Annotated[str, Field(description="what to draw", min_length=1, max_length=50)]
    bpm: Annotated[float | None, Field(description="beats a minute", ge=20, le=300)] = None
    bars: Annotated[int, Field(description="how long", ge=1)] = 4
    warmth: Annotated[float, Field(description="how warm", gt=0, le=1)] = 0.5
    instruments: Annotated[tuple[str, ...], Field(description="who plays", max_length=3)] = ()
    format: Annotated[Literal["wav", "flac"], Field(description="what kind of file")] = "wav"
    stems: Annotated[bool, Field(description="whether to keep the parts")] = False
    continue_: Annotated[Path | None, Field(description="a file to go on from")] = None
    n: Annotated[int, Field(description="how many", ge=1, le=9)] = 1
    seed: Annotated[int | None, Field(description="for chance", ge=0)] = None
    output: Annotated[Path | None, Field(description="stem of the files")] = None

    def run(self, models: Models, progress: Progress) -> Iterator[Drawing]:  # noqa: ARG002
        before = self.continue_.read_text() if self.continue_ else ""
        for index in range(self.n):
            progress.update(index, self.n, "drawing")
            chance = random.Random(f"{self.seed} {index}").random()
            yield Drawing(self.names()[index], f"{before}{self.prompt} {chance}")

    def names(self) -> tuple[str, ...]:
        return ("",) if self.n == 1 else tuple(f"-{number}" for number in range(1, self.n + 1))

    def single(self) -> bool:
        return self.n == 1


@pytest.fixture
def sketch(monkeypatch) -> type[Sketch]:
    """The small task, listed among the verbs."""
    monkeypatch.setitem(TASKS, "sketch", (f"{Sketch.__module__}:Sketch", "Draw a thing."))
    return Sketch


_SCALE = (72, 74, 76, 77, 79)


def note_batch(seed: int, size: int = 6, num_bars: int = 6) -> Batch:
    """Crops of flute and piano in C, three quarter notes a bar: the flute climbs its scale, the piano holds a fifth."""
    rng = np.random.default_rng(seed)
    crops = []
    for _ in range(size):
        rows, bars = [], []
        for bar in range(num_bars):
            first = int(rng.integers(3))
            chord = [[0, 0, 48, 23, 9], [0, 0, 55, 23, 8]]
            melody = [[12 * beat, 1, _SCALE[first + beat], 11, 8 + beat] for beat in range(3)]
            rows += [[BAR, 0, 0, 0, 0], *chord, *melody]
            bars += [[3, 4, bar, num_bars - 1 - bar]] * 6
        rows.append([BAR, 0, 0, 0, 0])
        bars.append([3, 4, num_bars, 0])
        music = Music.of(np.array(rows), np.tile((3, 4), (num_bars + 1, 1)), np.zeros(2, dtype=bool))
        chords = np.full((len(rows), 3), Chord(0).index)
        crops.append(
            {
                "steps": np.array(rows),
                "bars": bar_buckets(np.array(bars), chords=chords),
                "weight": np.ones(len(rows) - 1, dtype=np.float32),
                "has_velocity": np.array(True),
                "programs": np.array([0, 73] + [-1] * (MAX_SLOTS - 2)),
                "copies": np.zeros(MAX_SLOTS, dtype=np.int64),
                "styles": np.eye(len(STYLES), dtype=np.float32)[int(rng.integers(3))],
                "mode": np.array(1),
                "tempo": np.array(7),
                "shares": rng.integers(0, 9, 4),
                "roles": np.array([5, 2] + [0] * (MAX_SLOTS - 2)),
                "activity": np.array([8, 8] + [0] * (MAX_SLOTS - 2)),
                **as_crop(context(music, 0, len(rows)), chords[:, 0], 0),
            }
        )
    return Batch.stack(crops)


@pytest.fixture
def batch() -> Batch:
    return note_batch(0)


@pytest.fixture(scope="session")
def untaught() -> ScoreLM:
    """A tiny model that knows nothing, of wild opinions."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = ScoreLM(tiny(STYLES))
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return model.eval()


@pytest.fixture(scope="session")
def taught() -> ScoreLM:
    """A tiny model that has heard one kind of music, so that its bars are short."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = ScoreLM(tiny(STYLES))
        objective, optimiser = ScoreLMObjective(model), torch.optim.AdamW(model.parameters(), 4e-3)
        for step in range(80):
            optimiser.zero_grad()
            next(objective.losses(note_batch(step, 4), 0.0)).value.backward()
            optimiser.step()
    return model.eval()


@pytest.fixture(scope="session")
def model_folder(taught: ScoreLM, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The taught model as a folder."""
    return checkpoint.save(taught, tmp_path_factory.mktemp("models") / "score_lm", {"recipe": "tests"})


@pytest.fixture(scope="session")
def speech_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shelf of untaught models: a synthesizer of three voices and two languages, a vocoder, aligner and voicebox."""
    voices = (
        Voice(name="heart", language="en-us", gender="female", about="American"),
        Voice(name="fenrir", language="en-us", gender="male"),
        Voice(name="kerstin", language="de", gender="female"),
    )
    taught = Taught(SYMBOLS, tuple(voice.name for voice in voices), ("en-us", "de"), voices)
    shelf = tmp_path_factory.mktemp("speech")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Synthesizer(synthesizer.tiny(taught)).eval()
        torch.nn.init.constant_(model.get_parameter("duration.1.bias"), 2.0)  # about six frames a phoneme
        for name, weights in model.named_parameters():
            if ".styles." in name:  # else all voices would be one
                torch.nn.init.normal_(weights, std=0.3)
        checkpoint.save(model, shelf / "synthesizer", {})
        checkpoint.save(Vocoder(vocoder.tiny()).eval(), shelf / "vocoder", {})
        checkpoint.save(Voicebox(voicebox.tiny(SYMBOLS)).eval(), shelf / "voicebox", {})
        deaf = Aligner(aligner.tiny()).eval()
        torch.nn.init.normal_(deaf.last.weight, std=0.01)  # any text fits
        checkpoint.save(deaf, shelf / "aligner", {})
    return shelf


@pytest.fixture(scope="session")
def tunes(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a folder of small pieces for piano and flute, each in a key of its own."""

    def make(count: int, folder: Path | None = None, bars: int = 12) -> Path:
        folder = folder or tmp_path_factory.mktemp("music") / "tunes"
        folder.mkdir(parents=True)
        for seed in range(count):
            midi.write(tune(seed, bars), folder / f"tune-{seed}.mid")
        return folder

    return make


def tune(seed: int, bars: int) -> Score:
    """A melody that leaps about two octaves of a major scale, with a chord in every bar."""
    rng = np.random.default_rng(seed)
    scale = np.array([0, 2, 4, 5, 7, 9, 11])
    onsets = np.arange(0, bars * 4 * TICKS_PER_QUARTER, TICKS_PER_QUARTER // 2)
    degrees = rng.integers(0, 14, len(onsets))
    pitches = 60 + seed % 12 + scale[degrees % 7] + degrees // 7 * 12
    lengths = np.full(len(onsets), TICKS_PER_QUARTER // 2)
    melody = np.column_stack((onsets, lengths, pitches, rng.integers(50, 110, len(onsets))))
    lines = np.arange(bars) * 4 * TICKS_PER_QUARTER
    roots = 48 + seed % 12 + rng.choice([0, 5, 7], bars)
    length = np.full(bars, 4 * TICKS_PER_QUARTER)
    chords = [np.column_stack((lines, length, roots + tone, np.full(bars, 60))) for tone in (0, 4, 7)]
    tracks = (Track("flute", 73, False, melody), Track("piano", 0, False, np.concatenate(chords)))
    return Score(tracks, (Tempo(0, 80.0 + 5 * seed),))


@pytest.fixture(scope="session")
def packaged_soundfont() -> Path:
    """The SoundFont that comes with the `score` extra, whatever else this machine has."""
    return soundfont._packaged()[0]
