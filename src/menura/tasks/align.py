"""Align: when each word and phoneme of a text is said in a recording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from menura import files
from menura.audio.mel_inversion import mel_energies
from menura.files import suffixed
from menura.models.aligner.scores import LEAST_SCORE
from menura.models.contract import needs
from menura.progress import Progress, aside, warn
from menura.tasks.fields import OnDevice
from menura.tasks.inputs import LexiconInput, ModelName, SoundInput, TextInput
from menura.tasks.limits import MOST_CHARACTERS
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task
from menura.tasks.utterances import Utterance, joined_symbols, utterances, words
from menura.text.captions import WRITERS, Word
from menura.text.speech.normalise import Language
from menura.text.speech.phonemize import row
from menura.text.speech.tokens import PUNCTUATION
from menura.text.textgrid import Interval, to_textgrid

_SUFFIXES = {"textgrid": ".TextGrid", "srt": ".srt", "vtt": ".vtt", "json": ".words.json"}
_PAUSES = frozenset((" ", *PUNCTUATION))
_MOST_S = 600


@dataclass(frozen=True, eq=False, repr=False)
class Aligned(Shown):
    """A text with its times in a recording.

    Attributes:
        words: as they are written, in order.
        phonemes: in order, with their times.
        score: how well the text fits, in nats a frame: about -0.5 where it is what is said, under -1.5 where it is not.
        duration_s: of the recording.
        wanted: the task.
    """

    words: tuple[Word, ...]
    phonemes: tuple[Interval, ...]
    score: float
    duration_s: float
    wanted: Align
    name: str = ""

    def summary(self) -> Mapping[str, Any]:
        return {
            "words": len(self.words),
            "phonemes": len(self.phonemes),
            "from_s": round(self.words[0].start_s, 3),
            "to_s": round(self.words[-1].end_s, 3),
            "duration_s": round(self.duration_s, 3),
            "score": round(self.score, 3),
        }

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the times as the task says."""
        kind = self.wanted.format
        if kind == "textgrid":
            tiers = {
                "words": [Interval(word.start_s, word.end_s, word.text) for word in self.words],
                "phonemes": self.phonemes,
            }
            written = to_textgrid(tiers, self.duration_s)
        else:
            written = WRITERS[kind](self.words)
        path = suffixed(stem, _SUFFIXES[kind])
        files.write_bytes(path, written.encode(), overwrite)
        return [path]


class Align(OnDevice, Task):
    """Find when each word and phoneme of a text is said in a recording.

    The text is what is said, word for word; the times are those of a network and the best path through the text.
    """

    name: ClassVar[str] = "align"
    category: ClassVar[Category] = "Listen"
    positional: ClassVar[tuple[str, ...]] = ("file", "text")
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("transcript", "language", "lexicon"),
        "How": ("model", "device"),
        "Files": ("format", "output"),
    }

    file: Annotated[SoundInput, Field(description="the recording")]
    text: Annotated[str, Field(max_length=MOST_CHARACTERS, description="what is said in it")] = ""
    transcript: Annotated[TextInput | None, Field(description="a .txt file with what is said, instead")] = None
    language: Annotated[Language, Field(description="of the text")] = "en-us"
    lexicon: Annotated[LexiconInput | None, Field(description="a file of words with their pronunciations in IPA")] = (
        None
    )
    format: Annotated[
        Literal["textgrid", "srt", "vtt", "json"],
        Field(description="words and phonemes for Praat, captions, or words as JSON"),
    ] = "textgrid"
    model: Annotated[
        ModelName, Field(description="name or folder of an aligner", json_schema_extra=needs("Aligner"))
    ] = "aligner"
    output: Annotated[Path | None, Field(description="the file to write; one called x.srt is captions")] = None

    @model_validator(mode="before")
    @classmethod
    def _as_the_output_is_named(cls, values: Any) -> Any:
        if not isinstance(values, dict) or not isinstance(values.get("output"), str | Path):
            return values
        suffix = Path(values["output"]).suffix.lower().removeprefix(".")
        return {"format": suffix, **values} if suffix in ("textgrid", "srt", "vtt") else values

    def suffixes(self) -> tuple[str, ...]:
        return (_SUFFIXES[self.format],)

    def check(self) -> None:
        if bool(self.text) == bool(self.transcript):
            raise ValueError("text: give what is said, as text or as a file (transcript)")

    def run(self, models: Models, progress: Progress) -> Iterator[Aligned]:
        text = self.transcript.read() if self.transcript else self.text
        lexicon = self.lexicon.read() if self.lexicon else None
        said = [one for one in utterances(text, self.language, "", lexicon=lexicon) if one.tokens]
        aligner = models.get(self.model)
        rate_hz = aligner.sample_rate_hz
        audio = self.file.read(mono=True, sample_rate_hz=rate_hz, max_samples=_MOST_S * rate_hz)
        progress.update(1, 3, "aligning")
        grid = rate_hz, aligner.config.hop_samples, aligner.config.num_mels
        mel = aside(lambda: np.log(mel_energies(audio.samples[0], *grid)))
        progress.update(2, 3, "aligning")
        symbols, starts = joined_symbols(said)
        found = aligner.align(mel, symbols)
        if found.score < LEAST_SCORE:
            warn(f"{self.file.name}: the text fits badly (score {found.score:.2f}); is it what is said, word for word?")
        ends_s = found.ends * aligner.config.hop_samples / rate_hz
        yield self._aligned(said, text, symbols, starts, np.minimum(ends_s, audio.duration_s), found.score)

    def _aligned(
        self,
        said: Sequence[Utterance],
        text: str,
        symbols: Sequence[str],
        starts: Sequence[int],
        ends_s: np.ndarray,
        score: float,
    ) -> Aligned:
        """Words and phonemes with the times of their symbols; `ends_s` begins with the pad's."""
        times: list[Word] = []
        for one, start in zip(said, starts, strict=True):
            spans = [(start + first, start + last) for first, last in row(one.tokens)[1]]
            times += words(one, text, [(float(ends_s[first]), float(ends_s[last])) for first, last in spans])
        phonemes = tuple(
            Interval(float(ends_s[place]), float(ends_s[place + 1]), symbol)
            for place, symbol in enumerate(symbols)
            if ends_s[place + 1] > ends_s[place] and symbol not in _PAUSES
        )
        return Aligned(tuple(times), phonemes, score, float(ends_s[-1]), self)
