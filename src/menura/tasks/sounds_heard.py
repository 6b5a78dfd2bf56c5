"""Sounds between what people say, as captions in brackets: [rain]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from menura.audio.resample import in_lengths, resample
from menura.models.contract import Embedder
from menura.progress import check
from menura.tasks.sections import RATE_HZ, Activity, frame_levels_db
from menura.text.captions import Caption

_BLOCK_S, _WINDOW_S, _SHORTEST_S, _JOINED_S = 60.0, 5.0, 0.2, 0.5
_FRAMES_A_S = 100
_SPARED_S = 0.2
"""Beside speech, which is heard a little before and after it is told."""
_SOFTEST_DB, _BELOW_DB = -50.0, 40.0
LEAST, APART = 0.6, 0.05
"""The cosine between a sound and its name, and how much nearer that is than the next."""
_SHOWN_S, _AGAIN_S = 4.0, 20.0
"""A sound is told for so long, and told again after so long a time without it."""
_NAMES: Mapping[str, tuple[str, ...]] = {
    "music": ("music", "a song", "a melody", "band playing music", "piano", "guitar"),
    "applause": ("applause", "clapping"),
    "crowd": ("people talking", "crowd", "chatter"),
    "cheering": ("cheering crowd",),
    "rain": ("rain", "heavy rain"),
    "wind": ("wind", "strong wind"),
    "thunder": ("thunder",),
    "waves": ("ocean waves", "waves"),
    "water": ("stream", "running water", "splash of water"),
    "birds": ("birds singing", "birds chirping"),
    "crickets": ("crickets", "crickets at night"),
    "insects": ("bees buzzing", "insects"),
    "dog barks": ("dog bark",),
    "animal": ("animal", "roar", "growl"),
    "door": ("door slams", "door opens"),
    "footsteps": ("footsteps", "walking"),
    "bell": ("bell",),
    "telephone rings": ("telephone rings",),
    "alarm": ("alarm", "beeping"),
    "siren": ("siren",),
    "engine": ("car engine", "motor"),
    "train": ("train",),
    "aeroplane": ("aeroplane", "helicopter"),
    "explosion": ("explosion",),
    "gunshots": ("gunshot", "rifle shot"),
    "glass breaks": ("glass breaks",),
    "fire": ("fire", "campfire crackling"),
    "click": ("click", "button click"),
    "chime": ("notification",),
    "clock": ("clock ticking",),
    "laser": ("laser",),
    "whoosh": ("whoosh", "sword swing"),
    "scraping": ("scraping",),
    "typing": ("typing on a keyboard",),
    "scream": ("scream",),
    "laughter": ("laughing",),
    "noise": ("static noise", "white noise"),
}
"""What stands in brackets, and the words for it that an embedder is asked for."""


class Sounds:
    """Takes note of what is heard while nobody speaks.

    Args:
        embedder: tells how near sounds and words are.
        activity: where speech is.
    """

    def __init__(self, embedder: Embedder, activity: Activity) -> None:
        self._embedder, self._activity = embedder, activity
        points = np.stack([embedder.embed_text(words).mean(0) for words in _NAMES.values()])
        self._points = points / np.linalg.norm(points, axis=1, keepdims=True)
        self._told: list[tuple[float, float, str]] = []

    def listening(self, blocks: Iterable[np.ndarray], rate: int) -> Iterator[np.ndarray]:
        """The blocks of a sound, ``[channel, sample]`` or ``[sample]``, as mono ones of a minute."""
        mono = (np.atleast_2d(np.asarray(block, np.float32)).mean(0, keepdims=True) for block in blocks)
        place_s = 0.0
        for block in in_lengths(mono, round(_BLOCK_S * rate)):
            check()
            self._note(block[0], rate, place_s)
            place_s += block.shape[1] / rate
            yield block

    def captions(self) -> tuple[Caption, ...]:
        """Of all that was heard: a sound that goes on, or comes again soon, is told once."""
        found, last_s = [], dict.fromkeys(_NAMES, -np.inf)
        for start_s, end_s, name in self._told:
            if start_s - last_s[name] > _AGAIN_S:
                found.append(Caption((f"[{name}]",), start_s, min(end_s, start_s + _SHOWN_S)))
            last_s[name] = end_s
        return tuple(found)

    def _note(self, samples: Float[np.ndarray, " sample"], rate: int, place_s: float) -> None:
        heard = resample(samples[None], rate, RATE_HZ)[0]
        for start_s, end_s in self._stretches(heard):
            part = samples[None, round(start_s * rate) : round(end_s * rate)]
            if name := self._name(self._embedder.embed_audio(part, rate)[0]):
                self._told.append((place_s + start_s, place_s + end_s, name))

    def _stretches(self, heard: Float[np.ndarray, " sample"]) -> Iterator[tuple[float, float]]:
        """Where there is sound and no speech, each of a window at most."""
        levels = frame_levels_db(heard)
        loud = levels > max(_SOFTEST_DB, float(levels.max(initial=-np.inf)) - _BELOW_DB)
        for start_s, end_s in self._activity.speech(heard):
            loud[max(round((start_s - _SPARED_S) * _FRAMES_A_S), 0) : round((end_s + _SPARED_S) * _FRAMES_A_S)] = False
        places = np.flatnonzero(loud)
        for run in np.split(places, np.flatnonzero(np.diff(places) > _JOINED_S * _FRAMES_A_S) + 1):
            if len(run) >= _SHORTEST_S * _FRAMES_A_S:
                start_s, end_s = run[0] / _FRAMES_A_S, (run[-1] + 1) / _FRAMES_A_S
                yield from pairwise(
                    np.linspace(start_s, end_s, int(np.ceil((end_s - start_s) / _WINDOW_S)) + 1).tolist()
                )

    def _name(self, point: Float[np.ndarray, " embedding"]) -> str | None:
        """What it is, where that is heard clearly."""
        scores = self._points @ point
        second, first = np.argsort(scores)[-2:].tolist()
        clear = scores[first] >= LEAST and scores[first] - scores[second] >= APART
        return list(_NAMES)[first] if clear else None
