"""Design: a voice out of words, mixed of those that there are."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
from jaxtyping import Float
from pydantic import Field

from menura import files
from menura.files import slug, suffixed
from menura.models.contract import Synthesizer, needs
from menura.progress import Progress
from menura.tasks import voice_files
from menura.tasks.fields import OnDevice, Seed
from menura.tasks.inputs import ModelName
from menura.tasks.models import Models
from menura.tasks.recordings import symbols_of
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Refused, Task
from menura.tasks.voice_files import VoiceFile
from menura.tasks.voices import LEAST_OFF, MOST_OFF, SEMITONES_A_SIZE, Mixture, voices_of
from menura.text.speech.normalise import Language

ATTRIBUTES = ("pitch", "liveliness", "brightness", "pace", "breath", "size", "gender")
"""What voices are measured by, in deviations from the mean of all; size in tenths by which the body is larger than
those of the voices it is mixed of; gender from -1, a man's, to 1."""
_MEANINGS: tuple[tuple[tuple[str, ...], Mapping[str, float]], ...] = (
    (("deep", "low"), {"pitch": -1.2, "size": 1.0}),
    (("high", "squeaky"), {"pitch": 1.2, "size": -1.0}),
    (("big", "large"), {"size": 1.4}),
    (("small", "little"), {"size": -1.4}),
    (("bright", "clear", "sharp"), {"brightness": 1.2}),
    (("dark", "warm", "soft", "mellow"), {"brightness": -1.2}),
    (("calm", "monotonous", "flat", "serious"), {"liveliness": -1.2}),
    (("lively", "expressive", "cheerful", "animated"), {"liveliness": 1.2}),
    (("fast", "quick"), {"pace": 1.2}),
    (("slow", "measured"), {"pace": -1.2}),
    (("breathy", "airy", "whispery"), {"breath": 1.2}),
    (("firm", "full"), {"breath": -1.2}),
    (("man", "male", "masculine"), {"gender": -1.0, "pitch": -0.8}),
    (("woman", "female", "feminine"), {"gender": 1.0, "pitch": 0.4}),
    (("boy",), {"gender": -0.3, "pitch": 0.8, "brightness": 0.6, "size": -1.4}),
    (("girl",), {"gender": 1.0, "pitch": 1.2, "brightness": 0.6, "size": -1.4}),
    (("young", "younger", "youthful"), {"pitch": 0.5, "brightness": 0.5, "pace": 0.5, "size": -0.9}),
    (("old", "older", "elderly"), {"pitch": -0.5, "brightness": -0.5, "pace": -0.7, "size": 0.9}),
)
WORDS = {word: meaning for words, meaning in _MEANINGS for word in words}
"""Word -> where it is, in deviations."""
DEGREES = {
    **dict.fromkeys(("very", "really", "extremely"), 1.6),
    **dict.fromkeys(("rather", "quite", "fairly"), 0.8),
    **dict.fromkeys(("slightly", "somewhat"), 0.5),
    **dict.fromkeys(("not", "no", "never"), -0.7),
}
"""Word -> what it makes of the next that says something."""
_PASSED_OVER = frozenset(("a", "an", "the", "voice", "of", "with", "and", "but", "who", "is", "that", "speaks", "like"))
_TEXT = {
    "en": "The bird that lives in the forest sings all day, whatever it has heard.",
    "de": "Der Vogel, der im Wald lebt, singt den ganzen Tag, was er gehört hat.",
    "nl": "De vogel die in het bos woont, zingt de hele dag wat hij gehoord heeft.",
}
_TILT_MELS = 40
_BREATH_MELS = slice(60, 90)
_MIXED, _CANDIDATES, _TRIED = 3, 4000, 16
_LEAST_SHARE = 0.05
_WITH_SIZE = (0.5, 1.5)
"""Times as far as with the size of a body that pitch is moved."""
_NONE = 1e-3
_OF_GENDER = 4.0
"""How much more than another attribute it counts: whether a woman or a man speaks is heard at once."""
_SIZE = 0.1
"""Logarithm of what resonances are multiplied by, for a size."""


@dataclass(frozen=True, eq=False, repr=False)
class Designed(Shown):
    """A voice that was designed.

    Attributes:
        voice: for its file.
        mixture: the same in words, as `--voice` takes it.
        wanted, found: attribute -> where it should be and where it is, in deviations from the mean of the voices.
    """

    voice: VoiceFile
    mixture: str
    wanted: Mapping[str, float]
    found: Mapping[str, float]
    name: str = ""

    def summary(self) -> Mapping[str, Any]:
        rows = [
            {"attribute": name, "wanted": round(value, 2), "found": round(self.found[name], 2)}
            for name, value in self.wanted.items()
        ]
        return {"voice": self.mixture, "attributes": rows}

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the voice's file."""
        path = suffixed(stem, ".voice")
        files.write_bytes(path, voice_files.to_bytes(self.voice), overwrite)
        return [path]


class Design(OnDevice, Task):
    """Design a voice in words: a mixture of the voices that there are, in a body of another size.

    Words are deep, high, big, small, bright, dark, calm, lively, fast, slow, breathy, firm, man, woman, young, old and
    others like them, with very, rather, slightly or not before them. The mixture whose pitch, liveliness, brightness,
    pace, breath and size come nearest is found among thousands.
    """

    name: ClassVar[str] = "design"
    category: ClassVar[Category] = "Voice"
    positional: ClassVar[tuple[str, ...]] = ("words",)

    words: Annotated[str, Field(min_length=1, max_length=400, description='as "a deep, calm, older man"')]
    language: Annotated[Language | None, Field(description="that it speaks (default: the model's first)")] = None
    seed: Annotated[Seed | None, Field(description="the same seed gives the same voice")] = None
    model: Annotated[
        ModelName, Field(description="name or folder of a synthesizer", json_schema_extra=needs("Synthesizer"))
    ] = "synthesizer"
    output: Annotated[Path | None, Field(description="the voice's file to write, as old.voice")] = None

    def suffixes(self) -> tuple[str, ...]:
        return (".voice",)

    def check(self) -> None:
        try:
            understood(self.words)
        except ValueError as error:
            raise ValueError(f"words: {error}") from None

    def check_models(self, models: Models) -> None:
        super().check_models(models)
        if not self._voices(models):
            raise Refused(f"language: no voice of {self.model} speaks {self.language or 'anything'}")

    def run(self, models: Models, progress: Progress) -> Iterator[Designed]:
        wanted = understood(self.words)
        voices = self._voices(models)
        language = self.language or voices[0]["language"]
        synthesizer: Synthesizer = models.get(self.model)
        rows = []
        for number, voice in enumerate(voices):
            progress.update(number, len(voices), "measuring voices")
            rows.append(measured(synthesizer, Mixture({voice["name"]: 1.0}), language, voice.get("gender", "")))
        raw = np.array(rows)
        place = Scale.of(raw)
        best: tuple[float, Mixture, np.ndarray] | None = None
        semitone = 1 / float(place.spread[ATTRIBUTES.index("pitch")])
        candidates = nearest(place(raw), wanted, semitone, np.random.default_rng(self.seed or 0))
        for number, one in enumerate(candidates):
            progress.update(number, len(candidates), "trying mixtures")
            shares = {voice["name"]: float(share) for voice, share in zip(voices, one.shares, strict=True) if share > 0}
            mixture = Mixture(shares, one.formant, one.semitones)
            found = place(measured(synthesizer, mixture, language, "")[None])[0]
            found[-1] = one.shares @ raw[:, -1]
            far = float(distances(found[None], wanted)[0])
            if best is None or far < best[0]:
                best = far, mixture, found
        assert best is not None
        _, mixture, found = best
        text = str(mixture)
        gender = found[-1]
        voice = VoiceFile(
            name=slug(self.output.name.removesuffix(".voice") if self.output else self.words, 40) or "designed",
            language=language,
            synthesizer=models.weights_hash(self.model),
            point=mixture.speaker(synthesizer),
            gender="female" if gender > 0 else "male",
            about=f"designed: {self.words}",
            provenance={"words": self.words, "mixture": text, "seed": self.seed or 0},
        )
        yield Designed(voice, text, wanted, dict(zip(ATTRIBUTES, found.tolist(), strict=True)))

    def _voices(self, models: Models) -> list[Mapping[str, Any]]:
        """Those that speak the language, and in English those of either side of the sea."""
        offered = voices_of(models, self.model)
        wanted = (self.language or offered[0]["language"])[:2] if offered else ""
        return [voice for voice in offered if voice["language"][:2] == wanted]


def understood(words: str) -> dict[str, float]:
    """Words as the attributes that they ask for; the mean of several that say something of the same.

    Raises:
        ValueError: a word is not known, or none says anything; one line.
    """
    wanted: dict[str, list[float]] = {}
    degree = 1.0
    for word in re.findall(r"[^\W\d_]+", words.lower()):
        if word in DEGREES:
            degree *= DEGREES[word]
        elif word in WORDS:
            for attribute, value in WORDS[word].items():
                wanted.setdefault(attribute, []).append(degree * value)
            degree = 1.0
        elif word not in _PASSED_OVER:
            close = difflib.get_close_matches(word, WORDS, n=1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise ValueError(f"{word[:40]!r} says nothing of a voice here; {hint}there are {', '.join(WORDS)}")
    if not wanted:
        raise ValueError(f"none says anything of a voice; there are {', '.join(WORDS)}")
    return {name: float(np.mean(wanted[name])) for name in ATTRIBUTES if name in wanted}


def measured(
    synthesizer: Synthesizer, mixture: Mixture, language: Language, gender: str
) -> Float[np.ndarray, " attribute"]:
    """What a voice is like as it says a sentence: the `ATTRIBUTES`, in units of their own."""
    said = symbols_of(_TEXT[language[:2]], language)
    spoken = synthesizer.synthesize(said, mixture.speaker(synthesizer), language)
    voiced = spoken.f0 > 0
    if not voiced.any():
        voiced = np.ones_like(voiced)
    semitones = 12 * np.log2(np.maximum(spoken.f0[voiced], 1.0))
    spectrum = spoken.mel[voiced].mean(0)
    tilt = float(spectrum[_TILT_MELS:].mean() - spectrum[:_TILT_MELS].mean())
    breath = float(spoken.mel[voiced][:, _BREATH_MELS].std(0).mean())
    sex = {"f": 1.0, "m": -1.0}.get(gender[:1].lower(), 0.0)
    size = -np.log(mixture.formant) / _SIZE
    return np.array([np.median(semitones), semitones.std(), tilt, len(said) / len(spoken.mel), -breath, size, sex])


@dataclass(frozen=True)
class Scale:
    """Attributes as deviations from the mean of voices; size and gender stay as they are."""

    mean: Float[np.ndarray, " attribute"]
    spread: Float[np.ndarray, " attribute"]

    @classmethod
    def of(cls, raw: Float[np.ndarray, "voice attribute"]) -> Scale:
        """That of some voices."""
        mean, spread = raw.mean(0), np.maximum(raw.std(0), _NONE)
        mean[-2:], spread[-2:] = 0.0, 1.0
        return cls(mean, spread)

    def __call__(self, raw: Float[np.ndarray, "voice attribute"]) -> Float[np.ndarray, "voice attribute"]:
        return (raw - self.mean) / self.spread


def distances(places: Float[np.ndarray, "voice attribute"], wanted: Mapping[str, float]) -> Float[np.ndarray, " voice"]:
    """How far voices are from where they should be."""
    columns = [ATTRIBUTES.index(name) for name in wanted]
    weights = np.array([_OF_GENDER if name == "gender" else 1.0 for name in wanted])
    return (weights * np.square(places[:, columns] - np.array(list(wanted.values())))).sum(1)


class Candidate(NamedTuple):
    """A mixture that may be what is wanted: shares of the voices, as `Mixture` the rest, and where it should be."""

    shares: Float[np.ndarray, " voice"]
    formant: float
    semitones: float
    place: Float[np.ndarray, " attribute"]


def nearest(
    voices: Float[np.ndarray, "voice attribute"],
    wanted: Mapping[str, float],
    semitone: float,
    rng: np.random.Generator,
) -> list[Candidate]:
    """The mixtures of a few voices that would come nearest, were attributes mixed as points are.

    Args:
        voices: where they are.
        wanted: attribute -> where it should be.
        semitone: in deviations of pitch.
        rng: draws the candidates.
    """
    count = min(_MIXED, len(voices))
    shares = np.zeros((_CANDIDATES, len(voices)))
    mixed = rng.random(shares.shape).argsort(1)[:, :count]
    np.put_along_axis(shares, mixed, rng.dirichlet(np.ones(count), _CANDIDATES), 1)
    shares[shares < _LEAST_SHARE] = 0
    shares = np.round(shares / shares.sum(1, keepdims=True), 2)
    off = rng.choice([-1, 1], _CANDIDATES) * rng.uniform(LEAST_OFF, MOST_OFF, _CANDIDATES)
    formants = np.round(np.exp(off), 2)
    semitones = np.round(SEMITONES_A_SIZE * off * rng.uniform(*_WITH_SIZE, _CANDIDATES), 1)
    places = shares @ voices
    places[:, ATTRIBUTES.index("pitch")] += semitones * semitone
    places[:, ATTRIBUTES.index("size")] -= np.log(formants) / _SIZE
    best = np.argsort(distances(places, wanted), kind="stable")[:_TRIED]
    return [Candidate(shares[one], float(formants[one]), float(semitones[one]), places[one]) for one in best]
