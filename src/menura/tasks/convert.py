"""Convert: what somebody said, as another voice says it: the same words, timing and intonation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar

import numpy as np
from jaxtyping import Float
from pydantic import Field

from menura.audio import Audio
from menura.audio.loudness import normalised
from menura.data.speech import RATE_HZ
from menura.models.contract import Aligner, SpeechVocoder, Synthesizer, needs
from menura.models.synthesizer.example import Example
from menura.progress import Progress, warn
from menura.tasks.inputs import LexiconInput, ModelName, SoundInput, TextInput
from menura.tasks.limits import MOST_CHARACTERS
from menura.tasks.models import Models
from menura.tasks.recordings import Recording, aligned, heard, pieces, read, symbols_of
from menura.tasks.sound import SoundResult
from menura.tasks.speech import CEILING_DBTP, LOUDNESS_LUFS
from menura.tasks.task import Category
from menura.tasks.voiced import InVoice
from menura.tasks.voices import mixture
from menura.text.speech.normalise import Language

_F0_HZ = (50.0, 800.0)


class Convert(InVoice):
    """Say a recording again in another voice: the same words, timing and intonation.

    The pitch is moved to where the voice speaks as a rule, and its course is kept. With what is said, as text, its
    sounds are those of the text; without it those that a network hears, which it mishears now and then.
    """

    name: ClassVar[str] = "convert"
    category: ClassVar[Category] = "Voice"
    positional: ClassVar[tuple[str, ...]] = ("file",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("text", "transcript", "language", "lexicon"),
        "How": ("voice", "voice_file", "pitch", "formant", "seed", "model", "vocoder", "aligner", "device"),
        "Sound": ("format", "bits", "picture", "output"),
    }

    file: Annotated[SoundInput, Field(description="the recording")]
    text: Annotated[str, Field(max_length=MOST_CHARACTERS, description="what is said in it, word for word")] = ""
    transcript: Annotated[TextInput | None, Field(description="a .txt file with what is said, instead")] = None
    language: Annotated[Language | None, Field(description="of what is said (default: the voice's)")] = None
    lexicon: Annotated[LexiconInput | None, Field(description="a file of words with their pronunciations in IPA")] = (
        None
    )
    pitch: Annotated[float, Field(ge=-24, le=24, description="semitones higher than the voice's own")] = 0.0
    formant: Annotated[
        float, Field(ge=0.7, le=1.4, description="times as high as the voice's resonances: under 1 of a larger body")
    ] = 1.0
    aligner: Annotated[
        ModelName, Field(description="name or folder of an aligner", json_schema_extra=needs("Aligner"))
    ] = "aligner"

    def check(self) -> None:
        if self.text and self.transcript:
            raise ValueError("transcript: there is a text too; leave one of them out")

    def run(self, models: Models, progress: Progress) -> Iterator[SoundResult]:
        synthesizer = self.synthesizer(models)
        vocoder: SpeechVocoder = models.get(self.vocoder)
        voice, language = self.chosen(models, self.language)
        recording = read(self.file)
        said = list(pieces(self._said(recording, language, models.get(self.aligner))))
        whose = mixture(voice, synthesizer.voices)
        speaker = replace(whose, formant=whose.formant * self.formant).speaker(synthesizer)
        mel, f0, semitones = _converted(said, synthesizer, speaker, language, self.pitch, progress)
        sound = vocoder.sound(mel, f0, self.seed or 0)[: recording.num_samples]
        about = {
            "voice": voice,
            "language": language,
            "semitones": round(semitones, 2),
            "phonemes": sum(len(one.symbols) for one in said),
            "seed": self.seed or 0,
        }
        yield SoundResult(normalised(Audio(sound[None], RATE_HZ), LOUDNESS_LUFS, CEILING_DBTP), about, self)

    def _said(self, recording: Recording, language: Language, aligner: Aligner) -> Example:
        """The sounds of the recording: those of its text, or those that are heard."""
        if text := self.transcript.read() if self.transcript else self.text:
            lexicon = self.lexicon.read() if self.lexicon else None
            return aligned(recording, symbols_of(text, language, lexicon), aligner)
        warn("without what is said, as text or transcript, many sounds are misheard and words lost")
        return heard(recording, aligner)


def _converted(
    said: Sequence[Example],
    synthesizer: Synthesizer,
    speaker: Float[np.ndarray, " channel"],
    language: Language,
    pitch: float,
    progress: Progress,
) -> tuple[Float[np.ndarray, "frame mel"], Float[np.ndarray, " frame"], float]:
    """Mel frames and F0 of all pieces in a voice, and the semitones by which F0 was moved."""

    def say(one: Example, number: int, **how: Any) -> Any:
        progress.update(number, 2 * len(said), "converting")
        return synthesizer.synthesize(one.symbols, speaker, language, durations=one.durations, **how)

    usual = [say(one, number) for number, one in enumerate(said)]
    own_f0 = np.concatenate([one.f0 for one in said])
    their_f0 = np.concatenate([one.f0 for one in usual])
    semitones = pitch
    if (own_f0 > 0).any() and (their_f0 > 0).any():
        semitones += 12 * float(np.log2(np.median(their_f0[their_f0 > 0]) / np.median(own_f0[own_f0 > 0])))
    f0 = np.where(own_f0 > 0, np.clip(own_f0 * 2 ** (semitones / 12), *_F0_HZ), 0.0).astype(np.float32)
    own = np.concatenate([one.mel.mean(1) for one in said])
    energy = as_another(own, np.concatenate([one.energy for one in usual])).astype(np.float32)
    mels, start = [], 0
    for number, one in enumerate(said):
        span = slice(start, start + len(one.mel))
        mels.append(say(one, len(said) + number, f0=f0[span], energy=energy[span]).mel)
        start = span.stop
    return np.concatenate(mels), f0, semitones


def as_another(own: Float[np.ndarray, " frame"], other: Float[np.ndarray, " frame"]) -> Float[np.ndarray, " frame"]:
    """The course of one energy with the mean and the spread of another, within its range."""
    moved = (own - own.mean()) * other.std() / max(float(own.std()), 1e-6) + other.mean()
    return np.clip(moved, other.min(), other.max())
