"""No number that a client sends decides without limit how long a worker is held or how much it holds."""

from __future__ import annotations

import contextlib
import threading
import time
import tracemalloc
from collections.abc import Mapping
from typing import Any, get_args, get_origin

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.app.server.descriptions import offered
from menura.audio import Audio, mnr, write
from menura.models.wavenet.model import WaveNet, tiny
from menura.models.whisper import model as whisper
from menura.progress import Cancelled, Progress
from menura.score import midi
from menura.tasks.models import Models
from menura.tasks.perform import perform
from menura.tasks.task import Task, limits, plain_types

NONE, LENGTH, STEPS = "nothing", "the length of the sound", "the number of steps"
COSTS: dict[str, dict[str, tuple[str, Any]]] = {
    "compose": {
        "rate": (LENGTH, 192_000),
        "bars": (STEPS, 512),
        "duration": (LENGTH, 1200),
        "syllables": (STEPS, (16,) * 8),
        "n": (STEPS, 64),
        "keep": (STEPS, 64),
        "bpm": (LENGTH, 20),
        **dict.fromkeys(("loudness", "density", "seed", "temperature", "top_p", "guidance", "style"), (NONE, None)),
    },
    "render": {"rate": (LENGTH, 192_000), "loudness": (NONE, None), "seed": (NONE, None)},
    "encode": {"effort": (STEPS, 200), "kbps": (STEPS, 1000)},
    "decode": {},
    "sample": {
        "seconds": (STEPS, 600),
        "samples": (STEPS, 4_800_000),
        "save_every": (STEPS, 1),
        **dict.fromkeys(("temperature", "share", "seed"), (NONE, None)),
    },
    "vocode": {"rounds": (STEPS, 200), "temperature": (NONE, None), "seed": (NONE, None)},
    "speak": {
        "speed": (LENGTH, 0.25),
        **dict.fromkeys(("pitch", "volume", "seed"), (NONE, None)),
    },
    "edit_speech": {"seed": (NONE, None)},
    "sing": {
        "bpm": (LENGTH, 20),
        "choir": (STEPS, 12),
        **dict.fromkeys(("transpose", "vibrato", "seed"), (NONE, None)),
    },
    "song": {
        "bpm": (LENGTH, 40),
        "jingle": (LENGTH, 60),
        "rate": (LENGTH, 96_000),
        **dict.fromkeys(("loudness", "vibrato", "seed"), (NONE, None)),
    },
    "design": {"seed": (NONE, None)},
    "convert": dict.fromkeys(("pitch", "formant", "seed"), (NONE, None)),
    "clone": {"steps": (STEPS, 5000), "seed": (NONE, None)},
    "voices": {},
    "align": {},
    "describe": {"top": (NONE, 100)},
    "transcribe": {
        "beam_size": (STEPS, 20),
        "best_of": (STEPS, 20),
        "batch_size": (STEPS, 64),
        "num_speakers": (NONE, None),
        **dict.fromkeys(
            ("temperature", "max_line_width", "max_line_count", "max_words_per_line", "seed"), (NONE, None)
        ),
    },
    "info": {},
    "evaluate": {"rate": (LENGTH, 192_000)},
    "sound": {
        "seconds": (LENGTH, 3600),
        "rate": (LENGTH, 192_000),
        "variations": (STEPS, 64),
        "trials": (STEPS, 1000),
        "steps": (NONE, 200),
        "extend": (NONE, 8),
        **dict.fromkeys(("loudness", "strength", "guidance", "seed"), (NONE, None)),
    },
    "sounds": {},
    "styles": {},
    "instruments": {},
    "check": {"tolerance": (NONE, None)},
}
"""Every number of every task that is offered over HTTP: what it decides, and its worst value."""
CASES = [(verb, name) for verb, fields in COSTS.items() for name, (what, _) in fields.items() if what != NONE]
_AFTER_S = 1.0
"""Of computing, between being told to stop and having stopped."""


def numbers(kind: type[Task]) -> set[str]:
    """The fields of a task that hold numbers."""

    def is_number(form: Any) -> bool:
        return form in (int, float) or any(is_number(part) for part in get_args(form) if get_origin(form))

    return {name for name, field in kind.model_fields.items() if any(is_number(form) for form in plain_types(field))}


def test_every_number_of_every_task_is_known():
    """A new one is listed above with what it costs at worst, or this fails."""
    assert {verb: numbers(kind) for verb, kind in offered().items()} == {verb: set(COSTS[verb]) for verb in offered()}


@pytest.mark.parametrize(("verb", "name"), [(verb, name) for verb in COSTS for name in COSTS[verb]])
def test_every_number_has_two_ends_and_none_is_past_them(verb, name):
    kind = offered()[verb]
    if name == "style":
        values: list[Any] = [{"bach": value} for value in (float("nan"), float("inf"), -1.0)]
    elif name == "syllables":
        values = [(value,) for value in (0, 65, 10**400, float("nan"), "9" * 5000)]
    else:
        assert "–" in limits(kind.model_fields[name]) or " and " in limits(kind.model_fields[name])
        values = [10**400, -(10**400), 1e308, -1e308, float("nan"), float("inf"), "1e999", "nan", "9" * 5000]
    for value in values:
        with pytest.raises(ValueError, match=rf"{name}\b"):
            kind.build({name: value})


@pytest.fixture(scope="module")
def inputs(tmp_path_factory, codec_folder, model_folder, speech_models, tunes) -> Mapping[str, Mapping[str, Any]]:
    """For each task what it works on, small but not short, with models of no size."""
    folder = tmp_path_factory.mktemp("limits")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        drawing = str(checkpoint.save(WaveNet(tiny()).eval(), folder / "drawing", {}))
        voice = WaveNet(tiny(features=20, hop_samples=100, upsample_factor=4))
        voice = str(checkpoint.save(voice.eval(), folder / "voice", {}))
        hearing = str(checkpoint.save(whisper.Whisper(whisper.tiny()).eval(), folder / "hearing", {}))
    noise = 0.1 * np.random.default_rng(0).standard_normal((1, 8000 * 60)).astype(np.float32)
    write(Audio(noise, 8000), folder / "x.wav")
    write(Audio(noise[:, : 8000 * 4], 8000), folder / "said.wav")
    tune = tunes(1, folder / "tunes", bars=12) / "tune-0.mid"
    composing = {"prompt": "piano", "bars": 24, "model": str(model_folder), "seed": 1, "rate": 8000}
    return {
        "compose": composing,
        "render": {"file": tune},
        "encode": {"file": folder / "x.wav", "model": str(codec_folder), "effort": 20},
        "sample": {"model": drawing, "seconds": 600},
        "vocode": {"file": folder / "x.wav", "model": voice},
        "transcribe": {"file": folder / "x.wav", "model": hearing, "vad_filter": False},
        "evaluate": {"reference": folder / "x.wav", "estimate": folder / "x.wav"},
        "sound": {"prompt": "rain", "seconds": 60, "rate": 8000, "seed": 1, "like": folder / "said.wav"},
        "speak": {
            "text": "The bird that lives in the forest sings all day, whatever it has heard. " * 500,
            "model": str(speech_models / "synthesizer"),
            "vocoder": str(speech_models / "vocoder"),
        },
        "clone": {
            "file": folder / "said.wav",
            "text": "Hello there.",
            "consent": "I am Ada and I agree.",
            "model": str(speech_models / "synthesizer"),
            "aligner": str(speech_models / "aligner"),
        },
        "song": {
            "lyrics": "la la la la la la la la\n" * 12,
            "a_cappella": True,
            "model": str(speech_models / "synthesizer"),
            "vocoder": str(speech_models / "vocoder"),
        },
        "sing": {
            "lyrics": "la " * 120,
            "tune": "C4:2 " * 120,
            "model": str(speech_models / "synthesizer"),
            "vocoder": str(speech_models / "vocoder"),
        },
    }


class Watched(Progress):
    """Stops the work after a while; knows how much the work has computed since."""

    def __init__(self, after_s: float) -> None:
        super().__init__()
        self.clock = time.pthread_getcpuclockid(threading.get_ident())
        self.stopped_at: float | None = None
        self.timer = threading.Timer(after_s, self.cancel)
        self.timer.start()

    def cancel(self) -> None:
        self.stopped_at = time.clock_gettime(self.clock)
        super().cancel()


@pytest.mark.parametrize(("verb", "name"), CASES)
def test_a_task_at_its_worst_stops_within_a_second(inputs, tmp_path, verb, name):
    others = {"samples": "seconds", "duration": "bars"}  # which cannot both be said
    values = {key: value for key, value in inputs[verb].items() if key != others.get(name)}
    values |= {name: COSTS[verb][name][1]} | ({"n": 64} if name == "keep" else {})
    if "output" in offered()[verb].model_fields:
        values["output"] = tmp_path / "x"
    task, models = offered()[verb].build(values), Models()
    with contextlib.suppress(Cancelled):  # what is loaded or compiled once is not counted
        list(perform(task, models, Soon()))
    progress = Watched(0.4)
    with contextlib.suppress(Cancelled):
        list(perform(task, models, progress, overwrite=True))
    progress.timer.cancel()
    if progress.stopped_at is not None:  # else it was quicker
        assert time.clock_gettime(progress.clock) - progress.stopped_at < _AFTER_S


class Soon(Progress):
    """Stops after some steps, or a second of them."""

    def __init__(self) -> None:
        super().__init__()
        self.steps, self.began = 0, time.monotonic()

    def check(self) -> None:
        super().check()
        self.steps += 1
        if self.steps > 200 or time.monotonic() - self.began > 1:
            raise Cancelled


def test_sound_is_coded_and_decoded_without_being_held(codec_folder, tmp_path):
    """Ten times the length takes no ten times the memory."""

    def peak(seconds: float, verb: str, **values: Any) -> int:
        file = tmp_path / f"{seconds:g}.flac"
        if not file.exists():
            write(Audio(0.1 * np.random.default_rng(0).standard_normal((2, round(8000 * seconds))), 8000), file)
        tracemalloc.start()
        list(offered()[verb].build({"file": file, "model": str(codec_folder), **values}).run(Models(), Progress()))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(6, "encode", kbps=1)
    assert peak(120, "encode", kbps=1) < 2 * peak(12, "encode", kbps=1)


@pytest.mark.parametrize(
    ("verb", "values", "words"),
    [
        ("sample", {"samples": 4_800_001}, "samples: 4800001 is not in 1–4800000, which are 600 s of this model"),
        ("vocode", {"file": "long"}, "is longer than the 600 s that can be read at 8000 Hz"),
        ("evaluate", {"reference": "long", "estimate": "long", "rate": 192_000}, "is longer than the 450 s"),
    ],
)
def test_what_is_more_than_one_job_may_ask_is_told_before_the_work(inputs, tmp_path, verb, values, words):
    write(Audio(np.zeros((1, 8000 * 700), np.float32), 8000), tmp_path / "long.flac")
    values = {name: tmp_path / "long.flac" if value == "long" else value for name, value in values.items()}
    with pytest.raises(ValueError, match=words):
        list(perform(offered()[verb].build({**inputs[verb], **values}), Models(), Progress()))


def test_codes_of_a_rate_that_no_codec_has_are_not_unpacked(codec_folder, tmp_path, monkeypatch):
    """Two hundred megabytes of them would be thirteen gigabytes."""
    header = mnr.Header(
        channels=2, num_codebooks=64, codebook_size=2, sample_rate_hz=192_000, hop_samples=1,
        weights="sha256:" + "0" * 64, model=str(codec_folder),
    )  # fmt: skip
    mnr.write(tmp_path / "x.mnr", mnr.Codes(np.zeros((2, 4000, 64), np.int64), 4000, 192_000), header)
    monkeypatch.setattr(mnr, "_unpacked", None)
    list(perform(offered()["info"].build({"file": tmp_path / "x.mnr"}), Models(), Progress()))
    with pytest.raises(ValueError, match="made with"):
        list(perform(offered()["decode"].build({"file": tmp_path / "x.mnr"}), Models(), Progress()))


def test_a_midi_file_of_the_most_notes_is_read_and_left_within_a_second(tmp_path):
    note = b"\0\x90\x3c\x40\1\x80\x3c\0"
    body = 100_000 * note + b"\0\xff\x2f\0"
    content = b"MThd\0\0\0\6\0\0\0\1\1\xe0MTrk" + len(body).to_bytes(4, "big") + body
    (tmp_path / "dense.mid").write_bytes(content)
    progress = Watched(0.1)
    task = offered()["render"].build({"file": tmp_path / "dense.mid", "rate": 8000})
    with pytest.raises((Cancelled, ValueError)):
        list(perform(task, Models(), progress))
    progress.timer.cancel()
    if progress.stopped_at is not None:
        assert time.clock_gettime(progress.clock) - progress.stopped_at < _AFTER_S
    assert midi.MAX_BYTES <= 16 << 20
