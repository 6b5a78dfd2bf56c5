"""Lyrics as syllables with their phonemes: what a note of a song carries.

"A-ma-zing grace _ , how sweet"     a syllable a note; hyphens cut a word, _ holds the syllable before for a note more
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from menura.text.speech.dictionary import Sounds
from menura.text.speech.lexicon import Lexicon
from menura.text.speech.normalise import Language
from menura.text.speech.phonemes import CONSONANTS, STRESSES, VOWELS
from menura.text.speech.phonemize import phonemize

HELD = "_"
_WRITTEN = re.compile(r"_+|[^\s_]+")
_HYPHEN = re.compile(r"[-‐‑]")
_LENGTH = "ː"
_BEFORE_LIQUIDS = frozenset("pbtdkɡfvθʃ")
_LIQUIDS = frozenset("lɹrʁwj")
_AFTER_S = frozenset("ptkmnlwfxɣ")
_NEVER_FIRST = frozenset("ŋʔ")
_GLIDES = ("aɪ", "aʊ")
_ONE_NOTE = re.compile(r"(?:[iy]|ou)r(?!on)")
"""How fire, hour and siren are written: their schwa has no letter, and no note."""


@dataclass(frozen=True)
class Syllable:
    """What one note carries.

    Attributes:
        text: as written; of a word that is not cut by hyphens, its first syllable has the whole word.
        onset: consonants before the vowel.
        nucleus: the vowel, with its stress; of words without one, their longest consonant.
        coda: consonants after it.
        notes: on how many notes it is sung.
        is_first: whether a word begins with it.
    """

    text: str
    onset: Sounds
    nucleus: Sounds
    coda: Sounds
    notes: int = 1
    is_first: bool = True


def read_lyrics(text: str, language: Language = "en-us", lexicon: Lexicon | None = None) -> list[Syllable]:
    """The syllables of lyrics, in the order of the notes that carry them.

    Args:
        text: words; signs and line breaks make no difference. ``_`` holds what is before it for a note more.
        language: of the words.
        lexicon: pronunciations that go before all others.

    Raises:
        ValueError: it begins with ``_``, or has no word that can be sung.
    """
    found: list[Syllable] = []
    for written in _WRITTEN.findall(text):
        if written.startswith(HELD):
            if not found:
                raise ValueError("_ holds the syllable before it, and the lyrics begin with one")
            found[-1] = _held(found[-1], len(written))
            continue
        found += _word(written, language, lexicon)
    if not found:
        raise ValueError("there is no word that can be sung")
    return found


def syllables(sounds: Sounds) -> list[tuple[Sounds, Sounds, Sounds]]:
    """A word's phonemes as syllables: onset, nucleus and coda of each.

    As many consonants as may begin a word go to the syllable that they lead to (maximal onset).
    """
    places = [place for place, sound in enumerate(sounds) if sound in VOWELS]
    if not places:
        return [((), sounds, ())] if any(sound in CONSONANTS for sound in sounds) else []
    nuclei = [_nucleus(sounds, place) for place in places]
    cuts = [0]
    for (_, end), (start, _) in pairwise(nuclei):
        cuts.append(start - _onset_length(sounds[end:start]))
    cuts.append(len(sounds))
    return [
        (sounds[first:start], sounds[start:end], sounds[end:last])
        for (start, end), (first, last) in zip(nuclei, pairwise(cuts), strict=True)
    ]


def sung_syllables(word: str, sounds: Sounds) -> list[tuple[Sounds, Sounds, Sounds]]:
    """`syllables` of a word as it is sung: fire, hour and siren without a note for what leads to their r."""
    found = syllables(sounds)
    if not _ONE_NOTE.search(word.lower()):
        return found
    kept = found[:1]
    for onset, nucleus, coda in found[1:]:
        if nucleus == ("ə",) and not onset and not kept[-1][2] and kept[-1][1][-1] in _GLIDES:
            kept[-1] = (*kept[-1][:2], (*nucleus, *coda))
        else:
            kept.append((onset, nucleus, coda))
    return kept


def _nucleus(sounds: Sounds, place: int) -> tuple[int, int]:
    """Where a vowel begins and ends, with the mark of its stress and of its length."""
    start = place - 1 if place and sounds[place - 1] in STRESSES else place
    end = place + 2 if sounds[place + 1 : place + 2] == (_LENGTH,) else place + 1
    return start, end


def _onset_length(between: Sounds) -> int:
    """How many of the consonants between two vowels go to the second."""
    for length in range(len(between), 0, -1):
        if _may_begin(between[-length:]):
            return length
    return 0


def _may_begin(cluster: Sequence[str]) -> bool:
    if any(sound in _NEVER_FIRST for sound in cluster):
        return False
    if len(cluster) == 1:
        return True
    if cluster[0] == "s" and len(cluster) <= 3:
        return cluster[1] in _AFTER_S and (len(cluster) == 2 or _may_begin(cluster[1:]))
    return len(cluster) == 2 and cluster[0] in _BEFORE_LIQUIDS and cluster[1] in _LIQUIDS


def _word(written: str, language: Language, lexicon: Lexicon | None) -> list[Syllable]:
    """The syllables of a word, which its hyphens may cut."""
    pieces = [piece for piece in _HYPHEN.split(written) if any(map(str.isalnum, piece))]
    spoken = [
        token
        for sentence in phonemize("".join(pieces), language, lexicon)
        for token in sentence
        if token.phonemes and token.kind != "punctuation"
    ]
    cut = [part for token in spoken for part in sung_syllables(token.text, token.phonemes)]
    if not cut:
        return []
    if len(pieces) > len(cut):
        cut = [part for token in spoken for part in syllables(token.phonemes)]
    if len(pieces) > 1:
        return _by_hyphens(pieces, cut)
    return [Syllable(written if not number else "", *part, is_first=not number) for number, part in enumerate(cut)]


def _by_hyphens(pieces: Sequence[str], cut: Sequence[tuple[Sounds, Sounds, Sounds]]) -> list[Syllable]:
    """As many syllables as pieces: the last ones are sung as one where they are more, or held where they are fewer."""
    count = min(len(pieces), len(cut))
    kept = list(cut[:count])
    for onset, nucleus, coda in cut[count:]:
        first, middle, last = kept[-1]
        kept[-1] = (first, (*middle, *last, *onset, *nucleus), coda)
    found = [
        Syllable(piece, *part, is_first=not number)
        for number, (piece, part) in enumerate(zip(pieces, kept, strict=False))
    ]
    if len(pieces) > count:
        found[-1] = _held(found[-1], len(pieces) - count)
    return found


def _held(one: Syllable, more: int) -> Syllable:
    return Syllable(one.text, one.onset, one.nucleus, one.coda, one.notes + more, one.is_first)
