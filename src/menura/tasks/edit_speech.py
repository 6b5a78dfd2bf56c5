"""Edit speech: other words in a recording, the rest of it untouched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from menura.audio.formats import FORMATS
from menura.data.speech import HOP_SAMPLES, RATE_HZ
from menura.models.aligner.scores import LEAST_SCORE
from menura.models.contract import needs
from menura.progress import Progress, aside, warn
from menura.tasks.editing import Edited, Said, cut, edited, paced, runs, words_of
from menura.tasks.fields import OnDevice, Seed
from menura.tasks.inputs import LexiconInput, ModelName, SoundInput, TextInput
from menura.tasks.limits import MOST_CHARACTERS, MOST_SAMPLES
from menura.tasks.models import Models
from menura.tasks.nearest import NearestVoice
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.splicing import Frames, Recording, spliced, width_of
from menura.tasks.task import Category, Task
from menura.tasks.utterances import Utterance, utterances
from menura.tasks.voices import voices_of
from menura.text.speech.normalise import Language

_MOST_S = 600
_MOST_NEW_S = 20
_POOR_SCORE = -1.3
"""Below which it may be another text, and a warning says so."""
_TEMPERATURE = 0.0
"""Of a voicebox: so its frames are least off (`benchmarks/infill.py`)."""
_CONTEXT_FRAMES = 400
"""Of a recording, on either side of what is new, that it is made by: 5 s."""


@dataclass(frozen=True, eq=False, repr=False)
class EditedSpeech(SoundResult):
    """A recording in which other words are said."""

    @property
    def remarks(self) -> Mapping[str, str]:
        """What the sidecar says of it: from when to when it is new, and whose voice that is."""
        return {"new": ", ".join(self.about["new"]), "voice": str(self.about["voice"])}


class EditSpeech(Sounding, OnDevice, Task):
    """Say other words in a recording, in its voice, and leave the rest as it is.

    Words that differ between what is said and what is to be said are cut out, and others are put in their place, with
    short cross-fades; outside of these every sample stays as it was. What follows the last word continues in the voice.
    Use it on your own voice, or with the speaker's leave.
    """

    name: ClassVar[str] = "edit_speech"
    category: ClassVar[Category] = "Voice"
    positional: ClassVar[tuple[str, ...]] = ("file", "text")
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("said", "transcript", "language", "lexicon"),
        "How": ("seed", "model", "synthesizer", "vocoder", "aligner", "device"),
        "Sound": ("format", "bits", "picture", "output"),
    }

    file: Annotated[SoundInput, Field(description="the recording")]
    text: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS, description="what it is to say")]
    said: Annotated[str, Field(max_length=MOST_CHARACTERS, description="what is said in it, word for word")] = ""
    transcript: Annotated[TextInput | None, Field(description="a .txt file with what is said, instead")] = None
    language: Annotated[Language, Field(description="of both texts")] = "en-us"
    lexicon: Annotated[LexiconInput | None, Field(description="a file of words with their pronunciations in IPA")] = (
        None
    )
    bits: Annotated[  # pyright: ignore[reportIncompatibleVariableOverride]
        Literal["16", "24", "32"] | None,
        BeforeValidator(lambda bits: bits and str(bits)),
        Field(description="of a sample; 32 is floating point (default: as the recording)"),
    ] = None
    seed: Annotated[Seed | None, Field(description="the same seed gives the same sound")] = None
    model: Annotated[
        ModelName | None,
        Field(
            description="name or folder of a voicebox (default: the synthesizer's nearest voice says it)",
            json_schema_extra=needs("Voicebox"),
        ),
    ] = None
    synthesizer: Annotated[
        ModelName, Field(description="name or folder of a synthesizer", json_schema_extra=needs("Synthesizer"))
    ] = "synthesizer"
    vocoder: Annotated[
        ModelName, Field(description="name or folder of a vocoder", json_schema_extra=needs("SpeechVocoder"))
    ] = "vocoder"
    aligner: Annotated[
        ModelName, Field(description="name or folder of an aligner", json_schema_extra=needs("Aligner"))
    ] = "aligner"

    def check(self) -> None:
        if bool(self.said) == bool(self.transcript):
            raise ValueError("said: give what is said in the recording, as text or as a file (transcript)")

    def run(self, models: Models, progress: Progress) -> Iterator[EditedSpeech]:
        recording = self._recording()
        progress.update(1, 10, "aligning")
        old = self._aligned(recording, models)
        wanted = self._utterances(self.text)
        new = self._new(wanted, old)
        progress.update(2, 10, "finding the nearest voice")
        nearest = self._nearest(old, recording, models)
        edit = edited(old, self._lasting(wanted, new, old, nearest))
        made = self._made(edit, recording, nearest, models, progress)
        progress.update(9, 10, "vocoding")
        vocoder = models.get(self.vocoder)
        audio, new_s = spliced(recording, edit, made, lambda frames: vocoder.sound(*frames, self.seed or 0))
        about = {
            "new": [f"{start_s:.2f}-{end_s:.2f} s" for start_s, end_s in new_s],
            "voice": self.model or nearest.name,
            "seed": self.seed or 0,
        }
        yield EditedSpeech(audio, about, self._as_wide_as(recording))

    def _recording(self) -> Recording:
        audio = self.file.read(max_samples=MOST_SAMPLES)
        if audio.duration_s > _MOST_S:
            raise ValueError(f"{self.file.name}: lasts {audio.duration_s:.0f} s, more than {_MOST_S}; cut it in parts")
        try:
            return aside(lambda: Recording.of(audio))
        except ValueError as error:
            raise ValueError(f"{self.file.name}: {error}") from None

    def _utterances(self, text: str) -> list[Utterance]:
        lexicon = self.lexicon.read() if self.lexicon else None
        return [one for one in utterances(text, self.language, "", lexicon=lexicon) if one.tokens]

    def _aligned(self, recording: Recording, models: Models) -> Said:
        """What is said, and when."""
        symbols, words = words_of(self._utterances(self.transcript.read() if self.transcript else self.said))
        try:
            found = models.get(self.aligner).align(recording.frames.mel, symbols)
        except ValueError as error:
            raise ValueError(f"said: {error}") from None
        if found.score < LEAST_SCORE:
            raise ValueError(
                f"said: is not what is said in {self.file.name} (score {found.score:.2f}, where -0.5 is usual); "
                "write what is heard, word for word"
            )
        if found.score < _POOR_SCORE:
            warn(f"{self.file.name}: what is said fits badly (score {found.score:.2f}); is it so, word for word?")
        return Said(symbols, found.durations, words)

    def _new(self, wanted: Sequence[Utterance], old: Said) -> Said:
        """What is to be said; nobody knows yet how long."""
        symbols, words = words_of(wanted)
        new = Said(symbols, np.zeros(len(symbols) + 2, np.int64), words)
        if not words:
            raise ValueError("text: has no word that can be said; nothing would be left of the recording")
        if old.sounds == new.sounds:
            raise ValueError("text: sounds like what is said already; there is nothing to change")
        return new

    def _nearest(self, old: Said, recording: Recording, models: Models) -> NearestVoice:
        synthesizer = models.get(self.synthesizer)
        if self.language not in synthesizer.languages:
            raise ValueError(
                f"language: {self.synthesizer} does not speak {self.language}; it speaks "
                f"{', '.join(synthesizer.languages)}"
            )
        own = {one["name"]: str(one["language"]) for one in voices_of(models, self.synthesizer)}
        names = [name for name, language in own.items() if language[:2] == self.language[:2]]
        return NearestVoice(synthesizer, names or list(own), self.language, old, *recording.frames)

    def _lasting(self, wanted: Sequence[Utterance], new: Said, old: Said, nearest: NearestVoice) -> Said:
        """The new text with durations as the nearest voice would have them, at the pace of the recording."""
        rows = [nearest.durations(one.symbols) for one in wanted]
        inner = [np.append(row[1:-1], 0) for row in rows]  # a space stands between utterances
        usual = np.concatenate((rows[0][:1], *inner))
        usual[-1] = rows[-1][-1]
        return paced(replace(new, durations=usual), old)

    def _made(
        self, edit: Edited, recording: Recording, nearest: NearestVoice, models: Models, progress: Progress
    ) -> Frames:
        """All frames; those that are hidden by a voicebox or in the nearest voice, one run after another."""
        hidden, count = edit.hidden, len(edit.source)
        mel, f0 = (frames[edit.source.clip(min=0)] for frames in recording.frames)
        voicebox = models.get(self.model) if self.model else None
        parts = runs(hidden)
        for number, (start, stop) in enumerate(parts):
            progress.update(3 * len(parts) + 6 * number, 10 * len(parts), "saying what is new")
            if (stop - start) * HOP_SAMPLES > _MOST_NEW_S * RATE_HZ:
                raise ValueError(f"text: says more than {_MOST_NEW_S} s anew at once; change less of it")
            around = slice(max(start - _CONTEXT_FRAMES, 0), min(stop + _CONTEXT_FRAMES, count))
            given = (mel[around], f0[around], ~hidden[around])
            said = cut(edit.said, around.start, around.stop)
            made = Frames(*nearest.infill(*said, *given))
            if voicebox:
                how = {"temperature": _TEMPERATURE, "seed": self.seed or 0, "draft": made}
                made = Frames(*voicebox.infill(*said, *given, **how))
            here = slice(start - around.start, stop - around.start)
            mel[start:stop], f0[start:stop], hidden[start:stop] = made.mel[here], made.f0[here], False
        return Frames(mel, f0)

    def _as_wide_as(self, recording: Recording) -> Sounding:
        """The task with the recording's bits, where none are asked for and the format has them."""
        if self.bits is not None:
            return self
        bits = min(width_of(recording.audio.samples), max(FORMATS[self.format].subtypes) or 16)
        return self.model_copy(update={"bits": str(bits)})
