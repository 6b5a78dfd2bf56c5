"""Syllables on notes: when each phoneme sounds, and the F0 of every frame.

A vowel begins with its note and lasts until the consonants that lead to the next one, which sound before its beat, as
singers do. F0 glides from note to note, and long notes have a vibrato that sets in late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from menura.score.tune import KEY, LENGTH_S, START_S, Tune
from menura.text.speech.phonemes import CONSONANTS, STRESSES, VOWELS
from menura.text.speech.syllables import Syllable

FRAME_S = 0.0125
_REST_S = 0.18
"""From so long on a silence between notes is a breath; shorter ones are sung over."""
_LONGEST_PHRASE_S = 10.0
"""A phrase that goes on longer ends with a word."""
_LEAD_FRAMES, _TAIL_FRAMES = 4, 10
_CONSONANT_FRAMES = (2, 11)
_MARK_FRAMES = 2
_MOST_OF_NOTE = 0.5
"""Share of a note that the consonants after its vowel may take."""
_GLIDE_FRAMES = 7
_VIBRATO_HZ, _VIBRATO_SEMITONES = 5.5, 0.3
_VIBRATO_FROM_S, _VIBRATO_IN_S = 0.25, 0.3
_ATTACK_FRAMES, _RELEASE_FRAMES = 10, 6
_MOST_SOFTER_NEPERS = 0.7
"""Than the strongest vowel of a phrase the others are: in speech unstressed ones are softer by far."""
_FADE_NEPERS, _RELEASED = 0.25, 0.5
"""How much a held vowel fades in a second, and how far it has gone to what follows when it ends."""
_UNVOICED = frozenset(("p", "t", "k", "f", "θ", "s", "ʃ", "tʃ", "t͡s", "h", "x", "ç", "ʔ"))

Usual = Callable[[Sequence[str]], Int[np.ndarray, " symbol"]]
"""Symbols -> the frames that each of them, and the pads, last in speech."""


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How all is sung.

    Attributes:
        vibrato: times the usual depth of a third of a semitone.
        vibrato_hz: its rate.
        cents: by which all notes are moved.
    """

    vibrato: float = 1.0
    vibrato_hz: float = _VIBRATO_HZ
    cents: float = 0.0


@dataclass(frozen=True, eq=False)
class Phrase:
    """What is sung in one breath.

    Attributes:
        start: its first frame in the song; consonants of the first note may stand before the song begins.
        symbols: phonemes, spaces between words.
        durations: frames of each, and of the pads at both ends.
        f0: Hz of each frame, 0 where unvoiced.
        words: of each word its text, first and last frame in the phrase.
        vowels: first and last frame of each syllable's nucleus.
    """

    start: int
    symbols: tuple[str, ...]
    durations: Int[np.ndarray, " symbol"]
    f0: Float[np.ndarray, " frame"]
    words: tuple[tuple[str, int, int], ...]
    vowels: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Sung:
    """A syllable and the frames of the notes that carry it."""

    syllable: Syllable
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Breath:
    """Syllables that are sung in one breath, and their notes.

    Attributes:
        syllables: as many as the notes need.
        starts, ends: frames of the notes.
        pitches: of the notes.
    """

    syllables: tuple[Syllable, ...]
    starts: Int[np.ndarray, " note"]
    ends: Int[np.ndarray, " note"]
    pitches: Float[np.ndarray, " note"]

    def moved(self, frames: int) -> Breath:
        """The same at another time."""
        return Breath(self.syllables, self.starts + frames, self.ends + frames, self.pitches)


def fitted(tune: Tune, lyrics: Sequence[Syllable]) -> tuple[Tune, list[Syllable]]:
    """A tune as long as its lyrics: repeated where they have several verses.

    Raises:
        ValueError: the notes do not come out even; one line.
    """
    needed, there = sum(one.notes for one in lyrics), len(tune.notes)
    if needed == there:
        return tune, list(lyrics)
    if needed % there:
        more = "hold syllables with _, or cut words with hyphens" if needed < there else "leave some out, or add notes"
        raise ValueError(f"the lyrics need {needed} notes, and the tune has {there}; {more}")
    verse = float(tune.notes[-1, START_S] + tune.notes[-1, LENGTH_S])
    verses = [tune.notes + np.array([verse * number, 0, 0]) for number in range(needed // there)]
    return Tune(np.concatenate(verses)), list(lyrics)


def phrases(tune: Tune, lyrics: Sequence[Syllable], usual: Usual, manner: Manner) -> Iterator[Phrase]:
    """The phrases of a song.

    Args:
        tune: as many notes as the syllables need (`fitted`).
        lyrics: its syllables.
        usual: how long symbols last in speech.
        manner: of singing.
    """
    for breath in breaths(tune, lyrics):
        yield phrase(breath, usual, manner)


def breaths(tune: Tune, lyrics: Sequence[Syllable]) -> Iterator[Breath]:
    """Where a singer breathes: in rests, and after a word where there is none for long; arguments as of `phrases`."""
    starts = np.rint(tune.notes[:, START_S] / FRAME_S).astype(int)
    ends = np.maximum(np.rint((tune.notes[:, START_S] + tune.notes[:, LENGTH_S]) / FRAME_S).astype(int), starts + 1)
    note, first, begun = 0, 0, 0
    for number, syllable in enumerate(lyrics):
        last = note + syllable.notes - 1
        note = last + 1
        ends_word = number + 1 == len(lyrics) or lyrics[number + 1].is_first
        is_long = (ends[last] - starts[first]) * FRAME_S > _LONGEST_PHRASE_S and ends_word
        if note == len(starts) or is_long or (starts[note] - ends[last]) * FRAME_S >= _REST_S:
            notes = slice(first, note)
            yield Breath(tuple(lyrics[begun : number + 1]), starts[notes], ends[notes], tune.notes[notes, KEY])
            first, begun = note, number + 1


def phrase(breath: Breath, usual: Usual, manner: Manner) -> Phrase:
    """A breath as phonemes with their frames; `usual` and `manner` as of `phrases`."""
    sung, note = [], 0
    for one in breath.syllables:
        last = note + one.notes - 1
        sung.append(_Sung(one, int(breath.starts[note]), int(breath.ends[last])))
        note = last + 1
    notes = breath.starts, breath.ends, breath.pitches + manner.cents / 100
    symbols, places = _symbols([one.syllable for one in sung])
    spoken = usual(symbols)[1:-1]
    durations = np.zeros(len(symbols), np.int64)
    vowel_ends = [*(one.start for one in sung[1:]), sung[-1].end]
    for number, (one, (_, nucleus, coda)) in enumerate(zip(sung, places, strict=True)):
        following = range(0)
        if number + 1 < len(places):
            following = range(coda.stop, places[number + 1][1].start)  # the space, and the consonants before a vowel
        if not number:
            durations[: nucleus.start] = _consonants(symbols, spoken, range(nucleus.start))
        span = vowel_ends[number] - one.start
        after = [*coda, *following]
        frames = _squeezed(_consonants(symbols, spoken, after), int(_MOST_OF_NOTE * span))
        durations[after] = frames
        durations[nucleus.start : nucleus.stop] = _nucleus(symbols, spoken, nucleus, span - int(frames.sum()))
    whole = np.concatenate(([_LEAD_FRAMES], durations, [_TAIL_FRAMES]))
    start = sung[0].start - int(whole[: 1 + places[0][1].start].sum())
    voiced = np.repeat([symbol not in _UNVOICED for symbol in ("", *symbols, "")], whole)
    voiced[:_LEAD_FRAMES] = voiced[len(voiced) - _TAIL_FRAMES :] = False
    f0 = _pitches(start, len(voiced), notes, manner) * voiced
    edges = np.concatenate(([0], np.cumsum(whole)))
    vowels = tuple((int(edges[nucleus.start + 1]), int(edges[nucleus.stop + 1])) for _, nucleus, _ in places)
    return Phrase(start, tuple(symbols), whole, f0.astype(np.float32), _words(sung, places, edges), vowels)


def sustained(phrase: Phrase, energy: Float[np.ndarray, " frame"]) -> Float[np.ndarray, " frame"]:
    """Energy of frames, in nepers, with vowels that neither fade nor differ as much as they do where one speaks."""
    held = energy.copy()
    attacks = [(first, min(first + _ATTACK_FRAMES, last)) for first, last in phrase.vowels]
    strongest = max(energy[first:attack].max() for first, attack in attacks)
    for (first, attack), (_, last) in zip(attacks, phrase.vowels, strict=True):
        level = max(energy[first:attack].max(), strongest - _MOST_SOFTER_NEPERS)
        fading = -_FADE_NEPERS * FRAME_S * np.arange(last - first)
        held[first:last] = np.maximum(energy[first:last], level + fading)
        release = min(_RELEASE_FRAMES, last - first)
        falling = np.linspace(0, 1, release + 1)[1:]
        held[last - release : last] += falling * (energy[min(last, len(energy) - 1)] - held[last - 1]) * _RELEASED
    return held


def _symbols(cut: Sequence[Syllable]) -> tuple[list[str], list[tuple[range, range, range]]]:
    """The symbols of a phrase, and where each syllable's onset, nucleus and coda stand."""
    symbols: list[str] = []
    places = []
    for number, one in enumerate(cut):
        if number and one.is_first:
            symbols.append(" ")
        parts = []
        for part in (one.onset, one.nucleus, one.coda):
            parts.append(range(len(symbols), len(symbols) + len(part)))
            symbols.extend(part)
        places.append((parts[0], parts[1], parts[2]))
    return symbols, places


def _consonants(symbols: Sequence[str], spoken: np.ndarray, where: Sequence[int]) -> Int[np.ndarray, " symbol"]:
    """Frames of what stands around vowels as in speech, within limits; spaces and marks have next to none."""
    sounds = CONSONANTS | VOWELS  # the schwa of fire
    return np.array(
        [int(np.clip(spoken[at], *_CONSONANT_FRAMES)) if symbols[at] in sounds else 1 for at in where], np.int64
    )


def _squeezed(frames: np.ndarray, most: int) -> np.ndarray:
    """Frames that take `most` in all, where they would take more; one each at least."""
    if frames.sum() <= most:
        return frames
    return np.maximum((frames * most / frames.sum()).astype(np.int64), 1)


def _nucleus(symbols: Sequence[str], spoken: np.ndarray, where: range, span: int) -> Int[np.ndarray, " symbol"]:
    """The frames of a nucleus: its vowels share what stress marks and consonants leave."""
    own = [symbols[at] for at in where]
    frames = np.array([_MARK_FRAMES if one in STRESSES else 0 for one in own], np.int64)
    held = [place for place, one in enumerate(own) if one in VOWELS] or [len(own) - 1]
    for place, at in enumerate(where):
        if own[place] in CONSONANTS and place not in held:
            frames[place] = np.clip(spoken[at], *_CONSONANT_FRAMES)
    frames = _squeezed(frames, max(span // 2, 0)) if frames.sum() else frames
    left = max(span - int(frames.sum()), len(held))
    frames[held] += np.diff(np.linspace(0, left, len(held) + 1).astype(np.int64))
    return frames


def _pitches(
    start: int, count: int, notes: tuple[np.ndarray, np.ndarray, np.ndarray], manner: Manner
) -> Float[np.ndarray, " frame"]:
    """F0 of the frames of a phrase in Hz: notes, the glides between them, and the vibrato of long ones."""
    starts, ends, pitches = notes
    frames = np.arange(start, start + count)
    at = np.clip(np.searchsorted(starts, frames, side="right") - 1, 0, None)
    steps = np.pad(pitches[at], _GLIDE_FRAMES // 2, mode="edge")
    glide = np.hanning(_GLIDE_FRAMES + 2)[1:-1]
    curve = np.convolve(steps, glide / glide.sum(), mode="valid")
    since_s = (frames - starts[at]) * FRAME_S
    left_s = np.maximum(ends[at] - frames, 0) * FRAME_S
    depth = np.clip((since_s - _VIBRATO_FROM_S) / _VIBRATO_IN_S, 0, 1) * np.clip(left_s / 0.1, 0, 1)
    wave = np.sin(2 * np.pi * manner.vibrato_hz * (since_s - _VIBRATO_FROM_S))
    curve = curve + manner.vibrato * _VIBRATO_SEMITONES * depth * wave
    return 440.0 * 2 ** ((curve - 69) / 12)


def _words(
    sung: Sequence[_Sung], places: Sequence[tuple[range, range, range]], edges: np.ndarray
) -> tuple[tuple[str, int, int], ...]:
    """Each word's text, first and last frame."""
    found: list[tuple[str, int, int]] = []
    for one, (onset, _, coda) in zip(sung, places, strict=True):
        begin, end = int(edges[onset.start + 1]), int(edges[coda.stop + 1])
        if one.syllable.is_first or not found:
            found.append((one.syllable.text, begin, end))
        else:
            text, first, _ = found[-1]
            found[-1] = (text + one.syllable.text, first, end)
    return tuple(found)
