"""Recordings of speech as models take them: one level, mel frames and F0, and the frames of what is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from menura.data.speech import HOP_SAMPLES, RATE_HZ, levelled, measured
from menura.models.aligner.scores import LEAST_SCORE
from menura.models.contract import Aligner
from menura.models.synthesizer.example import Example
from menura.progress import aside
from menura.tasks.inputs import SoundInput
from menura.tasks.utterances import joined_symbols, utterances
from menura.text.speech.lexicon import Lexicon
from menura.text.speech.normalise import Language
from menura.text.speech.tokens import PUNCTUATION

MOST_S = 600
_PAUSES = frozenset((" ", *PUNCTUATION))
_CUT_FRAMES = 8
"""A pause that long may be cut at."""
_LONGEST_FRAMES, _SHORTEST_FRAMES = 800, 80
"""Of a piece, where there are pauses to cut at."""


@dataclass(frozen=True, eq=False)
class Recording:
    """Speech that was measured.

    Attributes:
        name: of its file.
        num_samples: at 24 kHz, before silence made its last frame whole.
        mel: natural logarithms.
        f0: Hz, 0 where unvoiced.
    """

    name: str
    num_samples: int
    mel: Float[np.ndarray, "frame mel"]
    f0: Float[np.ndarray, " frame"]


def read(sound: SoundInput, name: str = "") -> Recording:
    """A recording of at most ten minutes, at the level that models learn from.

    Raises:
        ValueError: it is silent or too long; one line that begins with its name.
    """
    name = name or sound.name
    samples = sound.read(mono=True, sample_rate_hz=RATE_HZ, max_samples=MOST_S * RATE_HZ).samples[0]
    try:
        samples = levelled(samples)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    whole = np.pad(samples, (0, -len(samples) % HOP_SAMPLES))
    return Recording(name, len(samples), *aside(lambda: measured(whole)))


def symbols_of(text: str, language: Language, lexicon: Lexicon | None = None) -> tuple[str, ...]:
    """The phonemes of a text, spaces and signs, in one row."""
    said = [one for one in utterances(text, language, "", lexicon=lexicon) if one.tokens]
    return tuple(joined_symbols(said)[0])


def aligned(recording: Recording, said: Sequence[str], aligner: Aligner) -> Example:
    """A recording with the frames of its text's symbols.

    Raises:
        ValueError: the text is not what is said; one line that begins with the recording's name.
    """
    try:
        found = aligner.align(recording.mel, said)
    except ValueError as error:
        raise ValueError(f"{recording.name}: {error}") from None
    if found.score < LEAST_SCORE:
        raise ValueError(
            f"{recording.name}: the transcript is not what is said in it, word for word (score {found.score:.2f}, "
            f"and {LEAST_SCORE:g} is the least)"
        )
    return Example(tuple(said), found.durations, recording.mel, recording.f0)


def heard(recording: Recording, aligner: Aligner) -> Example:
    """A recording with the sounds that are heard in it, where nobody says what they are.

    Raises:
        ValueError: there are none; one line that begins with the recording's name.
    """
    try:
        found = aligner.listen(recording.mel)
    except ValueError as error:
        raise ValueError(f"{recording.name}: {error}") from None
    return Example(found.symbols, found.durations, recording.mel, recording.f0)


def pieces(whole: Example) -> Iterator[Example]:
    """A long example cut at its pauses, the longest pauses first, until no piece is longer than 10 s."""
    ends = np.cumsum(whole.durations)  # of the pad, then of each symbol
    cuts = [
        place
        for place, symbol in enumerate(whole.symbols)
        if symbol in _PAUSES
        and whole.durations[place + 1] >= _CUT_FRAMES
        and _SHORTEST_FRAMES <= ends[place + 1] <= len(whole.mel) - _SHORTEST_FRAMES
    ]
    if len(whole.mel) <= _LONGEST_FRAMES or not cuts:
        yield whole
        return
    middle = len(whole.mel) / 2
    cut = max(cuts, key=lambda place: float(whole.durations[place + 1]) - abs(float(ends[place + 1]) - middle) / 100)
    for part in _halves(whole, cut):
        yield from pieces(part)


def _halves(whole: Example, cut: int) -> tuple[Example, Example]:
    """What is before the pause that the symbol `cut` is, and after it; each has half of its silence."""
    pause = int(whole.durations[cut + 1])
    frame = int(whole.durations[: cut + 1].sum()) + pause // 2
    kept = cut + (whole.symbols[cut] != " ")
    before = [*whole.durations[: cut + 1], *([0] * (kept - cut)), pause // 2]
    start = cut + 1
    while whole.symbols[start] in _PAUSES and not whole.durations[start + 1]:
        start += 1
    after = [pause - pause // 2, *whole.durations[start + 1 :]]
    return (
        Example(whole.symbols[:kept], np.array(before, np.int64), whole.mel[:frame], whole.f0[:frame]),
        Example(whole.symbols[start:], np.array(after, np.int64), whole.mel[frame:], whole.f0[frame:]),
    )
