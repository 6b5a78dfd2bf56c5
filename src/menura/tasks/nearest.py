"""A recording's missing frames as the nearest voice of a synthesizer would say them, in its colour, at its pitch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from menura.models.contract import Synthesizer
from menura.tasks.editing import Said, cut

_HEARD_FRAMES = 1600
"""Of a recording, by which its voice is judged: 20 s."""
_WITHOUT_FRAMES = frozenset((" ", "ˈ", "ˌ"))
_FAINT = 2.0
"""Nats under the mean level from which on frames are silence, whose colour is that of the room."""


class NearestVoice:
    """That voice of a synthesizer whose frames are least off those of a recording.

    Args:
        synthesizer: with voices.
        names: of the voices that may be taken.
        language: of what is said.
        said: in the recording.
        mel, f0: of it.

    Attributes:
        name: of the voice.
        speaker: the voice.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        names: Sequence[str],
        language: str,
        said: Said,
        mel: Float[np.ndarray, "frame mel"],
        f0: Float[np.ndarray, " frame"],
    ) -> None:
        self._synthesizer, self._language = synthesizer, language
        start = max(int(said.edges[said.words[0][0]]) - 1, 0)
        heard = slice(start, min(start + _HEARD_FRAMES, len(mel)))
        symbols, durations = cut(said, heard.start, heard.stop)
        spoken = mel[heard].mean(1) > mel[heard].mean() - _FAINT
        found: list[_Likeness] = []
        for name in names:
            speaker = synthesizer.speaker({name: 1.0})
            made = synthesizer.synthesize(symbols, speaker, language, durations=durations)
            off = (mel[heard] - made.mel)[spoken]
            both = (f0[heard] > 0) & (made.f0 > 0)
            higher = float(np.median(np.log2(f0[heard][both] / made.f0[both]))) if both.any() else 0.0
            found.append(_Likeness(float(np.abs(off).mean()), name, speaker, off.mean(0), 12 * higher))
        nearest = min(found, key=lambda one: one.off)
        self.name, self.speaker = nearest.name, nearest.speaker
        self._colour, self._semitones = nearest.colour, nearest.semitones

    def durations(self, symbols: Sequence[str]) -> Int[np.ndarray, " symbol"]:
        """Frames of symbols, and of the pad at either end, as the voice would say them; sounds and pauses alone.

        Frames of stress marks, and of spaces, are given to what follows, for an aligner finds none there.
        """
        found = self._synthesizer.synthesize(symbols, self.speaker, self._language).durations.copy()
        for place, symbol in enumerate(symbols, start=1):
            if symbol in _WITHOUT_FRAMES:
                found[place + 1] += found[place]
                found[place] = 0
        return found

    def infill(
        self,
        symbols: Sequence[str],
        durations: Int[np.ndarray, " symbol"],
        mel: Float[np.ndarray, "frame mel"],
        f0: Float[np.ndarray, " frame"],
        known: Bool[np.ndarray, " frame"],
    ) -> tuple[Float[np.ndarray, "frame mel"], Float[np.ndarray, " frame"]]:
        """Frames that are not known as the voice would say them; the arguments are those of a voicebox's `infill`."""
        how = {"durations": durations, "pitch_semitones": self._semitones}
        made = self._synthesizer.synthesize(symbols, self.speaker, self._language, **how)
        return np.where(known[:, None], mel, made.mel + self._colour), np.where(known, f0, made.f0)


class _Likeness(NamedTuple):
    """How far a voice is from a recording: difference of log-mels, and what is to be added to its mels and pitch."""

    off: float
    name: str
    speaker: np.ndarray
    colour: np.ndarray
    semitones: float
