"""What speaking and singing share: whose voice it is, captions, and the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from menura import files
from menura.files import suffixed, writing_beside
from menura.models.contract import needs
from menura.tasks.fields import OnDevice, Seed
from menura.tasks.inputs import LexiconInput, ModelName
from menura.tasks.sound import Sounding, SoundResult
from menura.text.captions import WRITERS, Word
from menura.text.speech.normalise import Language


class Voiced(Sounding, OnDevice):
    """The parameters of everything that is said or sung."""

    voice: Annotated[
        str | None,
        Field(max_length=400, description="whose voice, as heart, heart:0.6,fenrir:0.4 or random:7"),
    ] = None
    language: Annotated[
        Language | None, Field(description="of what is not marked as another one (default: the voice's)")
    ] = None
    lexicon: Annotated[LexiconInput | None, Field(description="a file of words with their pronunciations in IPA")] = (
        None
    )
    captions: Annotated[
        Literal["srt", "vtt", "json"] | None, Field(description="also write the words with their times")
    ] = None
    seed: Annotated[Seed | None, Field(description="the same seed gives the same sound")] = None
    model: Annotated[
        ModelName, Field(description="name or folder of a synthesizer", json_schema_extra=needs("Synthesizer"))
    ] = "synthesizer"
    vocoder: Annotated[
        ModelName, Field(description="name or folder of a vocoder", json_schema_extra=needs("SpeechVocoder"))
    ] = "vocoder"

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


def captions_suffix(captions: str) -> str:
    """Of a file of captions; `.json` alone is a sidecar's."""
    return ".words.json" if captions == "json" else f".{captions}"
