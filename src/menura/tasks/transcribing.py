"""What transcribing and captioning share: how speech is recognised, and how its captions are set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field

from menura import files
from menura.files import suffixed, writing_beside
from menura.models.contract import Recognizer, needs
from menura.models.whisper.languages import LANGUAGES
from menura.progress import Progress, warn
from menura.tasks.diarization import MOST_SPEAKERS, Voices, labelled
from menura.tasks.fallback import TEMPERATURES
from menura.tasks.fields import OnDevice, Seed
from menura.tasks.hearing import HearingOptions, transcribe
from menura.tasks.inputs import ModelName, SoundInput
from menura.tasks.models import Models
from menura.tasks.sections import Activity, Loud, mono_blocks
from menura.tasks.shown import Shown
from menura.tasks.sounds_heard import Sounds
from menura.tasks.task import Task
from menura.text.captions import BROADCAST, Layout
from menura.text.transcript import Segment, Transcript
from menura.text.writers import MORE_WRITERS, WRITERS

MODEL = "whisper-tiny.en"
SUFFIXES = {name: f".{name}" for name in (*WRITERS, "ass")} | {"chapters": ".chapters.json"}
"""Format -> how its files end."""
ACTIVITY, _SPEAKER = "voice_activity", "speaker"
_MOST_PROMPT = 2000
_MOST_SHOWN = 2000
_MOST_NOTED = 400


def _code(language: str) -> str:
    """The code of a language that is given by its code or its English name."""
    said = language.strip().lower()
    codes = {name: code for code, name in LANGUAGES.items()}
    if said in LANGUAGES or said in codes:
        return codes.get(said, said)
    raise ValueError(f"{language[:40]!r} is no language that is known; write it as en or English")


class Transcribing(OnDevice, Task):
    """The parameters of everything that writes down what is said."""

    file: Annotated[SoundInput, Field(description="the recording, or a video with sound")]
    language: Annotated[
        Annotated[str, AfterValidator(_code)] | None,
        Field(description="what is spoken, as en or English (default: as it is heard)"),
    ] = None
    prompt: Annotated[
        str, Field(max_length=_MOST_PROMPT, description="what was said before, or names and a style to keep to")
    ] = ""
    hotwords: Annotated[str, Field(max_length=_MOST_PROMPT, description="words that are likely to be said")] = ""
    temperature: Annotated[
        float, Field(ge=0, le=1, description="of the first try; 0 takes the likeliest words; tries that fail go higher")
    ] = 0.0
    beam_size: Annotated[int, Field(ge=1, le=20, description="sequences followed at temperature 0")] = 5
    best_of: Annotated[int, Field(ge=1, le=20, description="sequences drawn at temperatures over 0")] = 5
    condition_on_previous_text: Annotated[
        bool, Field(description="tell each half minute what was said in those before it")
    ] = True
    vad_filter: Annotated[
        bool, Field(description="leave out first what is not speech, such as music; without, silence alone is left out")
    ] = True
    batch_size: Annotated[
        int, Field(ge=1, le=64, description="half minutes recognised at once: quicker, and each by itself")
    ] = 1
    speakers: Annotated[bool, Field(description="tell who speaks: Speaker 1, Speaker 2, …")] = False
    num_speakers: Annotated[
        int | None, Field(ge=1, le=MOST_SPEAKERS, description="who speak, with speakers (default: as are heard)")
    ] = None
    max_line_width: Annotated[int, Field(ge=1, le=1000, description="characters in a line of captions")] = (
        BROADCAST.max_line_width
    )
    max_line_count: Annotated[
        int | None, Field(ge=1, le=100, description="lines shown at once (default: 2; 1 with max-words-per-line)")
    ] = None
    max_words_per_line: Annotated[int | None, Field(ge=1, le=1000, description="words in a line of captions")] = None
    highlight_words: Annotated[bool, Field(description="underline each word of srt and vtt as it is said")] = False
    seed: Annotated[Seed | None, Field(description="the same seed gives the same words")] = None
    model: Annotated[
        ModelName, Field(description="name or folder of a recognizer of speech", json_schema_extra=needs("Recognizer"))
    ] = MODEL

    @property
    def layout(self) -> Layout:
        """How captions are set."""
        count = self.max_line_count or (1 if self.max_words_per_line else BROADCAST.max_line_count)
        return Layout(self.max_line_width, count, self.max_words_per_line, self.highlight_words)

    def hearing(self) -> HearingOptions:
        """How speech is recognised."""
        first = self.temperature
        return HearingOptions(
            language=self.language,
            temperatures=(first, *(one for one in TEMPERATURES if one > first)),
            beam_size=self.beam_size,
            best_of=self.best_of,
            initial_prompt=self.prompt,
            hotwords=self.hotwords,
            condition_on_previous_text=self.condition_on_previous_text,
            word_timestamps=True,
            batch_size=self.batch_size,
            seed=self.seed or 0,
        )

    def heard(self, models: Models, progress: Progress, sounds: Sounds | None = None) -> Listening:
        """What is said, segment by segment as it is recognised; `sounds` takes note of what else is heard."""
        model: Recognizer = models.get(self.model)
        options = self.hearing()
        if options.language and options.language not in model.languages:
            raise ValueError(f"language: {self.model} knows {', '.join(model.languages)}, not {options.language}")
        if options.task == "translate" and not model.is_multilingual:
            raise ValueError(f"task: {self.model} knows English alone, and so cannot translate into it")
        if self.num_speakers and not self.speakers:
            raise ValueError("num_speakers: goes with speakers, which tells them apart")
        activity = models.get(ACTIVITY) if self.vad_filter else None
        voices = Voices(models.get(_SPEAKER), activity or Loud()) if self.speakers else None
        return Listening(self, model, options, progress, activity, voices, sounds)


class Listening:
    """Segments as they are recognised; once all are taken, the transcript.

    Args:
        task: what is asked for.
        model: a recognizer.
        options: how.
        progress: is told how far it is, and the last words.
        activity: where speech is; None takes all that is not silent for speech.
        voices: tells speakers apart, once all is heard: segments of the transcript name them then.
        sounds: takes note of what else is heard, for the transcript.
    """

    def __init__(
        self,
        task: Transcribing,
        model: Any,
        options: HearingOptions,
        progress: Progress,
        activity: Activity | None = None,
        voices: Voices | None = None,
        sounds: Sounds | None = None,
    ) -> None:
        self._task, self._model, self._options, self._progress = task, model, options, progress
        self._activity, self._voices, self._sounds = activity, voices, sounds
        self._segments: list[Segment] = []
        self._duration_s = 0.0

    def __iter__(self) -> Iterator[Segment]:
        text = ""
        with self._task.file.decoding() as sound:
            length_s = (sound.num_samples or 0) / sound.sample_rate_hz
            heard = self._counted(sound, sound.sample_rate_hz)
            heard = self._sounds.listening(heard, sound.sample_rate_hz) if self._sounds else heard
            blocks = mono_blocks(heard, sound.sample_rate_hz)
            blocks = self._voices.listening(blocks) if self._voices else blocks
            found = transcribe(self._model, blocks, self._options, self._progress, self._activity, duration_s=length_s)
            for segment in found:
                self._segments.append(segment)
                text += segment.text
                if len(text) > _MOST_NOTED:
                    text = f"… {text[-_MOST_NOTED:].partition(' ')[2]}"
                self._progress.note(text.strip())
                yield segment
        if not self._segments:
            warn(f"{self._task.file.name}: nobody is heard to speak in it")

    def transcript(self) -> Transcript:
        """All of it, recognised now as far as it was not yet."""
        if not self._segments:
            for _ in self:
                pass
        spoken = self._segments[0].language if self._segments else ""
        language = self._options.language or spoken or self._model.languages[0]
        segments = self._segments
        if self._voices:
            segments = labelled(segments, self._voices.turns(self._task.num_speakers))
        told = Transcript.of(segments, language, self._duration_s)
        return replace(told, sounds=self._sounds.captions()) if self._sounds else told

    def _counted(self, blocks: Any, rate_hz: int) -> Iterator[np.ndarray]:
        for block in blocks:
            self._duration_s += block.shape[1] / rate_hz
            yield block


@dataclass(frozen=True, eq=False, repr=False)
class Transcribed(Shown):
    """What was said.

    Attributes:
        transcript: with its segments and words.
        layout: of its captions.
        formats: of its files.
        name: what is added to the stem of the files.
    """

    transcript: Transcript
    layout: Layout
    formats: tuple[str, ...]
    name: str = ""

    @property
    def text(self) -> str:
        """All that was said."""
        return self.transcript.text

    def summary(self) -> Mapping[str, Any]:
        text = self.text if len(self.text) <= _MOST_SHOWN else f"{self.text[:_MOST_SHOWN]}…"
        return {
            "text": text,
            "language": self.transcript.language,
            "duration_s": round(self.transcript.duration_s, 3),
            "segments": len(self.transcript.segments),
            "words": len(self.text.split()),
        }

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the files of all formats, or none."""
        stem = Path(stem)
        with writing_beside(stem, overwrite) as staged:
            for kind in self.formats:
                content = {**WRITERS, **MORE_WRITERS}[kind](self.transcript, self.layout)
                files.write_bytes(suffixed(staged, SUFFIXES[kind]), content.encode())
        return [suffixed(stem, suffix) for suffix in _suffixes(self.formats)]


def _suffixes(formats: Sequence[str]) -> tuple[str, ...]:
    return tuple(SUFFIXES[kind] for kind in formats)
