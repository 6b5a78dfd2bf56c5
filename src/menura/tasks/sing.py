"""Sing: words and a tune in, a voice out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, ClassVar

import numpy as np
from jaxtyping import Float
from pydantic import Field

from menura.audio import Audio
from menura.audio.effects import limit
from menura.audio.loudness import integrated_lufs
from menura.models.contract import SpeechVocoder, Synthesizer
from menura.progress import Progress, aside
from menura.score import tune as tunes
from menura.score.theme import parse
from menura.score.tune import Tune
from menura.tasks.inputs import NotesInput
from menura.tasks.limits import MOST_SUNG_CHARACTERS, MOST_SUNG_S
from menura.tasks.models import Models
from menura.tasks.singer import joined, sung, usual, words_of
from menura.tasks.singing import Manner, fitted, phrases
from menura.tasks.speech import CEILING_DBTP, LOUDNESS_LUFS, SAMPLE_RATE_HZ
from menura.tasks.task import Category, Task
from menura.tasks.voiced import Speech, Voiced, warn_of_language
from menura.tasks.voices import mixture
from menura.text.captions import Word
from menura.text.speech.normalise import Language
from menura.text.speech.syllables import Syllable, read_lyrics

_BPM = 100.0
_CHOIR_CENTS, _CHOIR_S = 9.0, 0.02
"""How far singers of a choir are from the tune, and from its time, as a rule."""
_CHOIR_VIBRATO_HZ = 0.4
_CHOIR_OWN = 0.45
"""Share that each singer of a choir has of another voice."""
_WIDEST = 0.7
"""How far to the side the outermost singer stands, 1: at the edge."""


class Sing(Voiced, Task):
    """Sing lyrics to a tune, with the times of the words.

    A syllable is sung on a note; hyphens cut a word (A-ma-zing grace), an underscore holds a syllable for a note more
    (grace _ _). The tune is written as for a theme, C4 D4 E4:2 | r G4, or is the melody of a MIDI file, whose own
    lyrics are sung where none are given. Several verses repeat it. Two runs with one seed give the same samples.
    """

    name: ClassVar[str] = "sing"
    category: ClassVar[Category] = "Voice"
    positional: ClassVar[tuple[str, ...]] = ("lyrics",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("tune", "file", "bpm", "transpose", "lexicon"),
        "How": ("voice", "voice_file", "language", "choir", "vibrato", "seed", "model", "vocoder", "device"),
        "Sound": ("captions", "format", "bits", "picture", "output"),
    }

    lyrics: Annotated[str, Field(max_length=MOST_SUNG_CHARACTERS, description="the words")] = ""
    tune: Annotated[str | None, Field(max_length=4000, description="the notes, as C4 D4 E4:2 | r G4, or in ABC")] = None
    file: Annotated[NotesInput | None, Field(description="a MIDI file with the tune")] = None
    bpm: Annotated[float | None, Field(ge=20, le=300, description="quarters a minute of a written tune")] = None
    transpose: Annotated[int, Field(ge=-36, le=36, description="semitones by which the tune is moved")] = 0
    choir: Annotated[int, Field(ge=1, le=12, description="how many sing it together, each a little otherwise")] = 1
    vibrato: Annotated[float, Field(ge=0, le=4, description="times the usual depth of a third of a semitone")] = 1.0

    def check(self) -> None:
        if (self.tune is None) == (self.file is None):
            both = "there is a file too; leave one of them out" if self.tune else "give one, as C4 D4 E4:2, or a file"
            raise ValueError(f"tune: {both}")
        if self.file is not None and self.bpm is not None:
            raise ValueError("bpm: a file has its own tempo; leave it out")
        if self.tune is not None:
            self._tune()
            if not self.lyrics.strip():
                raise ValueError("lyrics: are empty; a written tune has no words")

    def run(self, models: Models, progress: Progress) -> Iterator[Speech]:
        synthesizer = self.synthesizer(models)
        vocoder: SpeechVocoder = models.get(self.vocoder)
        voice, language = self.chosen(models, self.language)
        melody, lyrics = aside(lambda: self._song(language))
        singers = list(self._singers(voice, synthesizer))
        tracks: list[Float[np.ndarray, " sample"]] = []
        words: list[Word] = []
        for number, (speaker, manner, late_s) in enumerate(singers):
            sing = partial(sung, synthesizer, vocoder, speaker, language, (self.seed or 0, number))
            parts = []
            spoken = usual(synthesizer, speaker, language)
            for phrase in phrases(_later(melody, late_s), lyrics, spoken, manner):
                parts.append((phrase, sing(phrase)))
                progress.update(number * len(lyrics) + len(parts), len(singers) * len(lyrics), "singing")
            tracks.append(joined(parts))
            words = words or words_of(parts)
        about = {
            "voice": voice,
            "language": language,
            "notes": len(melody.notes),
            "words": len(words),
            "singers": len(singers),
            "seed": self.seed or 0,
        }
        yield Speech(Audio(_mixed(tracks), SAMPLE_RATE_HZ), about, self, "", tuple(words))

    def _tune(self) -> Tune:
        try:
            if self.file is not None:
                return tunes.of_score(self.file.read())
            return tunes.of_theme(parse(self.tune or ""), self.bpm or _BPM)
        except ValueError as error:
            raise ValueError(f"{f'file: {self.file.name}' if self.file else 'tune'}: {error}") from error

    def _song(self, language: Language) -> tuple[Tune, list[Syllable]]:
        melody = self._tune()
        written = self.lyrics if self.lyrics.strip() else melody.lyrics
        if not written:
            raise ValueError("lyrics: are empty, and the file has none")
        if self.language is None:
            warn_of_language(written.replace("-", ""), language, "sung")
        try:
            melody, lyrics = fitted(melody, read_lyrics(written, language, self.lexicon and self.lexicon.read()))
        except ValueError as error:
            raise ValueError(f"lyrics: {error}") from error
        notes = melody.notes + np.array([0, 0, self.transpose])
        if float(notes[-1, :2].sum()) > MOST_SUNG_S:
            raise ValueError(f"tune: lasts longer than {MOST_SUNG_S // 60} minutes; sing it in parts")
        return replace(melody, notes=notes), lyrics

    def _singers(self, voice: str, synthesizer: Synthesizer) -> Iterator[tuple[np.ndarray, Manner, float]]:
        """The point of each voice, how it sings, and by how much it is late."""
        own = mixture(voice, synthesizer.voices)
        yield own.speaker(synthesizer), Manner(vibrato=self.vibrato), 0.0
        for number in range(1, self.choir):
            rng = np.random.default_rng((self.seed or 0, number))
            other = synthesizer.voices[rng.integers(len(synthesizer.voices))]
            mixed = {name: share * (1 - _CHOIR_OWN) for name, share in own.shares.items()}
            mixed[other] = mixed.get(other, 0.0) + _CHOIR_OWN
            cents, late_s, hz = rng.normal(0, (_CHOIR_CENTS, _CHOIR_S, _CHOIR_VIBRATO_HZ))
            manner = Manner(vibrato=self.vibrato, vibrato_hz=5.5 + hz, cents=float(cents))
            yield replace(own, shares=mixed).speaker(synthesizer), manner, abs(float(late_s))


def _later(melody: Tune, seconds: float) -> Tune:
    return replace(melody, notes=melody.notes + np.array([seconds, 0, 0]))


def _mixed(tracks: Sequence[np.ndarray]) -> Float[np.ndarray, "channel sample"]:
    """The voices side by side, as loud as speech."""
    length = max(map(len, tracks))
    if len(tracks) == 1:
        mix = tracks[0][None]
    else:
        mix = np.zeros((2, length), np.float32)
        for track, side in zip(tracks, np.linspace(-_WIDEST, _WIDEST, len(tracks)), strict=True):
            angle = (side + 1) * np.pi / 4
            mix[0, : len(track)] += np.cos(angle) * track
            mix[1, : len(track)] += np.sin(angle) * track
    loudness = integrated_lufs(Audio(mix, SAMPLE_RATE_HZ))
    gain_db = LOUDNESS_LUFS - loudness if np.isfinite(loudness) else 0.0
    return limit(Audio(mix * np.float32(10 ** (gain_db / 20)), SAMPLE_RATE_HZ), CEILING_DBTP).samples
