"""A corpus of speech: what was said, by whom, and its sound as log-mels, F0 and the durations of its phonemes.

    speech-<key>/frames.json   {"sha256": …}
    speech-<key>/mel.f16       log-mel frames of all utterances, one after another, ``[frame, mel]``
    speech-<key>/f0.f32        F0 of the same frames, 0 where there is none

Utterances are rows of a folder (`menura.data.sound_folder`) with a ``text`` or ``phonemes``; ``durations_ms`` (or
``durations_25ms``) where they are known: of each character of ``phonemes``, and of the pad at either end. ``mix`` says
which voices a speaker is a mixture of, ``semitones`` by how many the pitch was moved. A frame is a hop of 300 samples
at 24 kHz.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Float, Int

from menura.audio import Audio
from menura.audio.mel_inversion import mel_energies
from menura.audio.pitch import pitch
from menura.data.contents import sounds_in
from menura.data.folders import fingerprint
from menura.data.sound_folder import Sound
from menura.data.sounds import SoundCorpus
from menura.files import read_json, writing_folder
from menura.progress import Progress
from menura.text.speech.normalise import LANGUAGES, Language
from menura.text.speech.phonemes import from_teacher, to_teacher
from menura.text.speech.phonemize import phonemize, symbols

RATE_HZ, HOP_SAMPLES, NUM_MELS = 24_000, 300, 100
FRAME_MS = 1000 * HOP_SAMPLES / RATE_HZ
_LEVEL = 0.08
"""Root mean square of what is loud in an utterance."""
_ACTIVE_DB = 30.0
_LOUDEST = 0.98
_LEAST_PEAK = 1e-3
_MOST_S = 30.0
_SILENCE_DB, _KEPT_SILENCE_S = 40.0, 0.1
_MOST_AMISS_FRAMES = 4
_TEACHERS_LATE_FRAMES = 4
"""Symbols are heard that much sooner than teachers say: so voiced ones agree best with what is voiced."""
_HIGHEST_HZ, _HIGHEST_MOVED_HZ = 700.0, 1200.0
"""Up to where F0 is looked for, in speech and where it was moved."""
_FEWEST = 20
_LANGUAGES: dict[str, Language] = {"en": "en-us", **{name: name for name in LANGUAGES}}


@dataclass(frozen=True)
class Utterance:
    """Something said.

    Attributes:
        name: of its sound.
        split: ``"train"``, ``"valid"`` or ``"test"``.
        text: as written.
        symbols: its phonemes, spaces and signs.
        speaker: the voices it is said in, with their shares.
        language: as `menura.text.speech` names it.
        durations: frames of each symbol, and of the pad at either end; None where they are not known.
        gender, license: as the data say.
        is_moved: whether its pitch is not what it was said at (`menura.data.pitched_speech`).
    """

    name: str
    split: str
    text: str
    symbols: tuple[str, ...]
    speaker: Mapping[str, float]
    language: Language
    durations: Int[np.ndarray, " symbol"] | None
    gender: str
    license: str
    is_moved: bool = False


@dataclass(frozen=True)
class _Levelled:
    """A sound at a common level, as long as whole frames; silence at its ends cut where no durations hold it."""

    sound: Sound

    @property
    def name(self) -> str:
        return self.sound.name

    def split(self) -> str:
        return self.sound.split()

    def fingerprint(self) -> str:
        return f"{self.sound.fingerprint()}, at {_LEVEL}"

    def read(self, sample_rate_hz: int, mono: bool = True) -> Audio:
        samples = levelled(self.sound.read(sample_rate_hz, mono=mono).samples[0])
        if len(samples) > _MOST_S * sample_rate_hz:
            raise ValueError(f"it is longer than {_MOST_S:g} seconds; cut it at sentences")
        if _durations_ms(self.sound.row) is None:
            samples = _trimmed(samples, _power(samples), round(_KEPT_SILENCE_S * sample_rate_hz))
        return Audio(np.pad(samples, (0, -len(samples) % HOP_SAMPLES))[None], sample_rate_hz)


@dataclass(frozen=True)
class SpeechCorpus:
    """Speech of a folder.

    Attributes:
        sounds: its samples at 24 kHz.
        utterances: what was said, in the order of `sounds`.
        mels: float16 ``[frame, mel]``, natural logarithms, of all utterances.
        pitches: float32 ``[frame]``, F0 in Hz, 0 where unvoiced.
    """

    sounds: SoundCorpus
    utterances: tuple[Utterance, ...]
    mels: Float[np.ndarray, "frame mel"]
    pitches: Float[np.ndarray, " frame"]

    @property
    def speakers(self) -> tuple[str, ...]:
        """All voices, alone or in mixtures, by name."""
        return tuple(sorted({voice for one in self.utterances for voice in one.speaker}))

    def members(self, split: str) -> Int[np.ndarray, " utterance"]:
        """The utterances of a split."""
        return np.flatnonzero([one.split == split for one in self.utterances])

    def sound(self, index: int) -> Float[np.ndarray, " sample"]:
        start, stop = self.sounds.starts[index : index + 2]
        return self.sounds.samples[start:stop].astype(np.float32) / 32767

    def mel(self, index: int) -> Float[np.ndarray, "frame mel"]:
        return self.mels[self._frames(index)].astype(np.float32)

    def f0(self, index: int) -> Float[np.ndarray, " frame"]:
        return np.array(self.pitches[self._frames(index)])

    def num_frames(self, index: int) -> int:
        where = self._frames(index)
        return where.stop - where.start

    def _frames(self, index: int) -> slice:
        start, stop = (int(place) // HOP_SAMPLES for place in self.sounds.starts[index : index + 2])
        return slice(start, stop)

    @classmethod
    def of(cls, folder: Path, cache: Path, progress: Progress) -> SpeechCorpus:
        """The speech of a folder; what is computed is kept in the folder `cache`.

        Raises:
            ValueError: there is no speech whose words are told, or too little.
        """
        found = [
            sound for sound in sounds_in(folder, progress.say) if sound.row.get("text") or sound.row.get("phonemes")
        ]
        if len(found) < _FEWEST:
            raise ValueError(
                f"{folder} holds {len(found)} sounds whose text is told (text in manifest.jsonl or metadata.csv, or "
                f"x.txt beside x.wav); {_FEWEST} are the fewest to learn from"
            )
        sources = [("speech", _Levelled(sound)) for sound in found]
        sounds = SoundCorpus.of(sources, RATE_HZ, cache, progress)
        rows = {sound.name: sound.row for sound in found}
        utterances = []
        for index, (name, split) in enumerate(zip(sounds.names, sounds.splits, strict=True)):
            progress.update(index, len(sounds.names), "reading texts")
            count = int(sounds.starts[index + 1] - sounds.starts[index]) // HOP_SAMPLES
            utterances.append(_utterance(name, split, rows[name], count))
        highest_hz = [_HIGHEST_MOVED_HZ if one.is_moved else _HIGHEST_HZ for one in utterances]
        mels, pitches = _frames_of(sounds, highest_hz, cache / f"speech-{sounds.sha256[:12]}", progress)
        return cls(sounds, tuple(utterances), mels, pitches)


def levelled(samples: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " sample"]:
    """Speech at the level that models learn from, its peaks below full scale.

    Raises:
        ValueError: it is silent, or not finite.
    """
    peak = float(np.abs(samples).max(initial=0.0))
    if not _LEAST_PEAK <= peak < np.inf:
        raise ValueError("it is silent, or no numbers")
    power = _power(samples)
    loud = power > power.max() * 10 ** (-_ACTIVE_DB / 10)
    return samples * np.float32(min(_LEVEL / float(np.sqrt(power[loud].mean())), _LOUDEST / peak))


def measured(
    samples: Float[np.ndarray, " sample"], highest_hz: float = _HIGHEST_HZ
) -> tuple[Float[np.ndarray, "frame mel"], Float[np.ndarray, " frame"]]:
    """Log-mels and F0, up to so many Hz, of speech at 24 kHz, in frames of a hop."""
    mel = np.log(mel_energies(samples, RATE_HZ, HOP_SAMPLES, NUM_MELS))
    return mel.astype(np.float32), pitch(samples, RATE_HZ, HOP_SAMPLES, high_hz=highest_hz)


def _utterance(name: str, split: str, row: Mapping[str, Any], num_frames: int) -> Utterance:
    language = _LANGUAGES.get(str(row.get("language") or "en").lower())
    if language is None:
        raise ValueError(f"{name}: language {row.get('language')!r} cannot be read; known are {', '.join(_LANGUAGES)}")
    text = str(row.get("text") or "")
    try:
        said = from_teacher(str(row["phonemes"])) if row.get("phonemes") else _spoken(text, language)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    mix = row.get("mix")
    speaker = mix if isinstance(mix, dict) and mix else {str(row.get("speaker") or name.split("/")[0]): 1.0}
    shares = {str(voice): float(cast(Any, share)) for voice, share in speaker.items()}
    durations = _durations(name, row, said, num_frames)
    gender, license = (str(row.get(key) or "") for key in ("gender", "license"))
    is_moved = bool(row.get("semitones"))
    return Utterance(name, split, text, said, shares, language, durations, gender, license, is_moved)


def _spoken(text: str, language: Language) -> tuple[str, ...]:
    row: tuple[str, ...] = ()
    for sentence in phonemize(text, language):
        row = (*row, *((" ",) if row else ()), *symbols(sentence))
    return row


def _durations_ms(row: Mapping[str, Any]) -> Sequence[float] | None:
    known = row.get("durations_ms")
    if known is None and row.get("durations_25ms") is not None:
        known = [25 * units for units in row["durations_25ms"]]
    return known


def _durations(
    name: str, row: Mapping[str, Any], said: Sequence[str], num_frames: int
) -> Int[np.ndarray, " symbol"] | None:
    """Durations in frames that add up to the sound's; the last pad takes what rounding leaves."""
    known = _durations_ms(row)
    if known is None:
        return None
    characters = [1, *(len(to_teacher([symbol])) for symbol in said), 1]
    if len(known) != sum(characters):
        raise ValueError(f"{name}: has {len(known)} durations for {sum(characters) - 2} phonemes and two pads")
    each = np.cumsum(np.asarray(known, np.float64))[np.cumsum(characters) - 1]
    ends = np.rint(each / FRAME_MS).astype(np.int64)
    if abs(int(ends[-1]) - num_frames) > _MOST_AMISS_FRAMES:
        raise ValueError(f"{name}: its durations add up to {ends[-1]} frames, its sound has {num_frames}")
    late = _TEACHERS_LATE_FRAMES if row.get("synthetic") else 0
    ends = np.clip(ends - late, 0, num_frames)
    ends[-1] = num_frames
    return np.diff(ends, prepend=0)


def _power(samples: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " hop"]:
    """The mean power of every hop."""
    padded = np.pad(samples, (0, -len(samples) % HOP_SAMPLES))
    return np.square(padded.reshape(-1, HOP_SAMPLES)).mean(1)


def _trimmed(samples: np.ndarray, power: np.ndarray, kept: int) -> np.ndarray:
    """Without the silence at both ends, but for some samples of it."""
    loud = np.flatnonzero(power > power.max() * 10 ** (-_SILENCE_DB / 10))
    first, last = int(loud[0]) * HOP_SAMPLES, (int(loud[-1]) + 1) * HOP_SAMPLES
    return samples[max(first - kept, 0) : last + kept]


def _frames_of(
    sounds: SoundCorpus, highest_hz: Sequence[float], folder: Path, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """Log-mels and F0 of all sounds, read or computed."""
    if not (folder / "frames.json").exists():
        with writing_folder(folder, overwrite=True) as fresh:
            with (fresh / "mel.f16").open("wb") as mels, (fresh / "f0.f32").open("wb") as pitches:
                for mel, f0 in _computed(sounds, highest_hz, progress):
                    mels.write(mel.astype("<f2").tobytes())
                    pitches.write(f0.astype("<f4").tobytes())
            (fresh / "frames.json").write_text(json.dumps({"sha256": sounds.sha256}), encoding="utf-8")
    if read_json(folder / "frames.json").get("sha256") != sounds.sha256:
        raise ValueError(f"{folder} does not hold the frames of this speech; delete it")
    mels = np.memmap(folder / "mel.f16", dtype="<f2", mode="r").reshape(-1, NUM_MELS)
    pitches = np.memmap(folder / "f0.f32", dtype="<f4", mode="r")
    if not len(mels) == len(pitches) == sounds.starts[-1] // HOP_SAMPLES:
        raise ValueError(f"{folder} is not whole ({fingerprint(folder / 'mel.f16')}); delete it")
    return mels, pitches


def _computed(
    sounds: SoundCorpus, highest_hz: Sequence[float], progress: Progress
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for index in range(len(sounds.names)):
        progress.update(index, len(sounds.names), "measuring speech")
        samples = sounds.samples[sounds.starts[index] : sounds.starts[index + 1]].astype(np.float32) / 32767
        yield measured(samples, highest_hz[index])
