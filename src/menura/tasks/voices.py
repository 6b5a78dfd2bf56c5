"""Voices as people ask for them: by name, as a mixture, or drawn; and a list of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from menura.files import read_json
from menura.models.contract import Synthesizer, needs
from menura.progress import Progress
from menura.tasks.inputs import ModelName
from menura.tasks.listing import Listing
from menura.tasks.models import Models
from menura.tasks.task import Category, Refused, Task
from menura.tasks.voice_files import VoiceFile
from menura.text.speech.normalise import Language

_RANDOM = re.compile(r"random:(\d{1,9})")
_DRAWN, _EVENNESS = 3, 2.0
"""Voices that a drawn one is mixed of, and how alike their shares are."""
LEAST_OFF, MOST_OFF = 0.12, 0.17
"""How far a drawn voice's resonances are from those of the mixture, in logarithms; its pitch goes with them."""
SEMITONES_A_SIZE = 25.0
"""By which F0 is higher where resonances are e times as high."""
FORMANT, SEMITONES = "formant", "semitones"
"""What may stand in a mixture beside voices."""
_FORMANTS, _MOST_SEMITONES = (0.7, 1.4), 12.0
_SHOWN = 8
_COLUMNS = {"voice": "name", "language": "language", "gender": "gender", "about": "about"}


class Voices(Task):
    """List the voices that speak knows."""

    name: ClassVar[str] = "voices"
    category: ClassVar[Category] = "Voice"

    language: Annotated[Language | None, Field(description="only those that speak it")] = None
    model: Annotated[
        ModelName, Field(description="name or folder of a synthesizer", json_schema_extra=needs("Synthesizer"))
    ] = "synthesizer"

    def run(self, models: Models, progress: Progress) -> Iterator[Listing]:  # noqa: ARG002
        rows = (
            {name: voice.get(key, "") for name, key in _COLUMNS.items()}
            for voice in voices_of(models, self.model)
            if self.language in (None, voice.get("language"))
        )
        yield Listing("voices", tuple(rows))


def voices_of(models: Models, name: str) -> list[Mapping[str, Any]]:
    """The voices of a synthesizer, as its ``config.json`` has them: name, language, gender, and what else is known.

    Raises:
        ValueError: there is no such model, or its file cannot be read.
    """
    return read_json(models.folder(name) / "config.json")["config"].get("voices", [])


def check_voice(
    models: Models, model: str, voice: str | None, field: str = "voice", file: VoiceFile | None = None
) -> None:
    """Refuse a voice that a synthesizer has not, before it is loaded.

    Raises:
        Refused: there is no such voice, or none at all; one line that begins with the field.
    """
    names = list(_languages(models, model, file))
    if not names:
        raise Refused(f"model: {model} has no voices")
    try:
        mixture(names[0] if voice is None else voice, names)
    except ValueError as error:
        raise Refused(f"{field}: {error}") from None


def chosen_voice(
    models: Models, model: str, voice: str | None, language: Language | None, file: VoiceFile | None = None
) -> tuple[str, Language]:
    """Whose voice, and of which language: the file's, or the first of those that speak it; the one that is its own.

    A drawn one is mixed of voices that speak the language, or else that of the first.
    """
    languages = _languages(models, model, file)
    if voice is None:
        if file is not None:
            return file.name, language or file.language
        speak_it = [name for name, own in languages.items() if language in (None, own)]
        first = next(iter(speak_it or languages))
        return first, language or languages[first]
    if _RANDOM.fullmatch(voice.strip()):
        wanted = language or next(iter(languages.values()))
        speak_it = [name for name, own in languages.items() if own[:2] == wanted[:2]]
        voice = str(mixture(voice, speak_it or list(languages)))
    weights = mixture(voice, list(languages)).shares
    return voice, language or languages[max(weights, key=weights.__getitem__)]


def _languages(models: Models, model: str, file: VoiceFile | None) -> dict[str, Language]:
    """The voices there are, that of a file before those of the model, and what they speak."""
    own: dict[str, Language] = {file.name: file.language} if file else {}
    return own | {one["name"]: one["language"] for one in voices_of(models, model) if one["name"] not in own}


@dataclass(frozen=True)
class Mixture:
    """A voice mixed of others, perhaps in a body of another size.

    Attributes:
        shares: of the voices; they add up to 1.
        formant: times as high as theirs that its resonances are.
        semitones: higher than theirs that it speaks.
    """

    shares: Mapping[str, float]
    formant: float = 1.0
    semitones: float = 0.0

    def speaker(self, synthesizer: Synthesizer) -> np.ndarray:
        """As a synthesizer is told it."""
        return synthesizer.speaker(self.shares, self.formant, 2 ** (self.semitones / 12))

    def __str__(self) -> str:
        parts = [f"{name}:{share:.2f}" for name, share in self.shares.items()]
        parts += [f"{FORMANT}:{self.formant:.2f}"] * (self.formant != 1.0)
        return ",".join([*parts, *[f"{SEMITONES}:{self.semitones:.1f}"] * (self.semitones != 0.0)])


def mixture(asked: str, voices: Sequence[str]) -> Mixture:
    """The voice that is asked for.

    Args:
        asked: a voice in words: `heart`, `heart:0.6,fenrir:0.4`, `heart,formant:0.9,semitones:-2`, or `random:7`, drawn
            by a seed: a mixture in a body of another size than those it is mixed of.
        voices: the names there are.

    Raises:
        ValueError: there is no such voice, or a number is none; one line.
    """
    if found := _RANDOM.fullmatch(asked.strip()):
        rng = np.random.default_rng(int(found[1]))
        names: list[int] = rng.choice(len(voices), min(_DRAWN, len(voices)), replace=False).tolist()
        shares = rng.dirichlet(np.full(len(names), _EVENNESS))
        off = float(rng.choice([-1, 1]) * rng.uniform(LEAST_OFF, MOST_OFF))
        drawn = {voices[name]: float(share) for name, share in zip(names, shares, strict=True)}
        return Mixture(drawn, round(float(np.exp(off)), 2), round(SEMITONES_A_SIZE * off, 1))
    weights: dict[str, float] = {}
    formant, semitones = 1.0, 0.0
    for part in (part.strip() for part in asked.split(",") if part.strip()):
        name, sign, written = part.partition(":")
        if sign and name.strip().lower() == FORMANT:
            formant = _number(written, part, *_FORMANTS)
        elif sign and name.strip().lower() == SEMITONES:
            semitones = _number(written, part, -_MOST_SEMITONES, _MOST_SEMITONES)
        else:
            known = _known(name.strip(), voices)
            weights[known] = weights.get(known, 0.0) + (_weight(written, part) if sign else 1.0)
    total = sum(weights.values())
    if not total:
        raise ValueError("the voice is empty; name one, as heart, or a mixture, as heart:0.6,fenrir:0.4")
    return Mixture({name: weight / total for name, weight in weights.items()}, formant, semitones)


def _known(name: str, voices: Sequence[str]) -> str:
    lowered = {voice.lower(): voice for voice in voices}
    if name.lower() in lowered:
        return lowered[name.lower()]
    close = difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(lowered[one] for one in close)}?" if close else _listed(voices)
    raise ValueError(f"there is no voice {name[:40]!r}; {hint}")


def _listed(voices: Sequence[str]) -> str:
    more = f" and {len(voices) - _SHOWN} more, which menura voices lists" if len(voices) > _SHOWN else ""
    return f"there are {', '.join(voices[:_SHOWN])}{more}"


def _weight(written: str, part: str) -> float:
    try:
        return _number(written, part, 1e-9, 1000)
    except ValueError:
        raise ValueError(f"{part[:40]!r} has no weight above 0; write a mixture as heart:0.6,fenrir:0.4") from None


def _number(written: str, part: str, low: float, high: float) -> float:
    try:
        number = float(written)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise ValueError(f"{part[:40]!r} has no number from {low:g} to {high:g}")
    return number
