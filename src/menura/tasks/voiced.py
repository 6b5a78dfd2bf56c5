"""What speaking and singing share: whose voice it is, captions, and the result."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from menura import files, kinds
from menura.files import suffixed, writing_beside
from menura.models.contract import Synthesizer, needs
from menura.progress import warn
from menura.tasks.fields import OnDevice, Seed
from menura.tasks.inputs import LexiconInput, ModelName, VoiceInput, as_text
from menura.tasks.models import Models
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.task import Refused, Task
from menura.tasks.voice_files import VoiceFile
from menura.tasks.voices import check_voice, chosen_voice
from menura.text.captions import WRITERS, Word
from menura.text.speech.mistaken import mistaken
from menura.text.speech.normalise import Language

_WITH_VOICE = "menura.models.synthesizer.adapting:WithVoice"


class InVoice(Sounding, OnDevice, Task):
    """The parameters of everything that is made in a voice."""

    voice: Annotated[
        str | None,
        Field(max_length=400, description="whose voice, as heart, heart:0.6,fenrir:0.4, random:7 or anna.voice"),
    ] = None
    voice_file: Annotated[
        VoiceInput | None, Field(description="a voice that clone or design made, to be named in voice by its name")
    ] = None
    seed: Annotated[Seed | None, Field(description="the same seed gives the same sound")] = None
    model: Annotated[
        ModelName, Field(description="name or folder of a synthesizer", json_schema_extra=needs("Synthesizer"))
    ] = "synthesizer"
    vocoder: Annotated[
        ModelName, Field(description="name or folder of a vocoder", json_schema_extra=needs("SpeechVocoder"))
    ] = "vocoder"

    @model_validator(mode="before")
    @classmethod
    def _file_as_voice(cls, values: Any) -> Any:
        """A voice that is called as a file is, alone, is that file's."""
        if isinstance(values, dict) and not values.get("voice_file"):
            asked = as_text(values.get("voice"))
            if isinstance(asked, str) and kinds.has_suffix(asked, kinds.VOICE):
                return {**values, "voice": None, "voice_file": asked}
        return values

    def check_models(self, models: Models) -> None:
        super().check_models(models)
        file = self.own_voice
        if file is not None:
            try:
                file.require(models.weights_hash(self.model), self.model)
            except ValueError as error:
                raise Refused(f"voice_file: {error}") from None
        check_voice(models, self.model, self.voice, file=file)

    @cached_property
    def own_voice(self) -> VoiceFile | None:
        """The voice of the file."""
        return self.voice_file.read() if self.voice_file else None

    def chosen(self, models: Models, language: Language | None) -> tuple[str, Language]:
        """Whose voice, and of which language."""
        return chosen_voice(models, self.model, self.voice, language, self.own_voice)

    def synthesizer(self, models: Models) -> Synthesizer:
        """The model, which knows the voice of the file too."""
        model = models.get(self.model)
        if (file := self.own_voice) is None:
            return model
        return resolve_name(_WITH_VOICE)(model, file.name, file.point, file.changes)


class Voiced(InVoice):
    """The parameters of everything that is said or sung."""

    language: Annotated[
        Language | None, Field(description="of what is not marked as another one (default: the voice's)")
    ] = None
    lexicon: Annotated[LexiconInput | None, Field(description="a file of words with their pronunciations in IPA")] = (
        None
    )
    captions: Annotated[
        Literal["srt", "vtt", "json"] | None, Field(description="also write the words with their times")
    ] = None

    def suffixes(self) -> tuple[str, ...]:
        return (*super().suffixes(), *([captions_suffix(self.captions)] if self.captions else []))


@dataclass(frozen=True, eq=False, repr=False)
class Speech(SoundResult):
    """Speech.

    Attributes:
        words: as they are written, each with its time and its place in the text.
    """

    words: tuple[Word, ...] = ()

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the sound file and, if wanted, captions and picture: all of them or none."""
        kind = vars(self.wanted).get("captions")
        with writing_beside(stem, overwrite) as staged:
            paths = super().save(staged)
            if kind:
                path = suffixed(staged, captions_suffix(kind))
                files.write_bytes(path, WRITERS[kind](self.words).encode())
                paths.append(path)
        return [Path(stem).parent / path.name for path in paths]


def warn_of_language(text: str, language: Language, done: str) -> None:
    """Say so where words look like another language than that which they are said or sung in; `done`: what of both."""
    if other := mistaken(text, language):
        told, asked = other
        warn(f"the words look {told}, and are {done} as {language}; language {asked} has them as they are meant")


def captions_suffix(captions: str) -> str:
    """Of a file of captions; `.json` alone is a sidecar's."""
    return ".words.json" if captions == "json" else f".{captions}"
