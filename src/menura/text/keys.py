"""Keys: tonics and modes in the languages of scores, told from chords, transposing players, articles and names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from menura.text import vocabulary as known
from menura.text.words import BAR_UNITS, CONNECTIVES, Sign, Words, read_number, seconds_per, word_set

IsKnown = Callable[[Words, int], bool]
"""Whether the words at a place mean something to whoever reads prompts."""

_KEY_NOUNS = word_set("key mode scale tonality")
_LETTER = re.compile(r"([A-Ga-g])([#♯♭b]?)(m|min|maj)?")
_TONICS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SOLFEGE = re.compile(r"(\w+?)([#♯♭b]?)")
_CHORD = re.compile(r"[A-G][#♯♭b]?(?:m|min|maj|dim|aug|sus|add|ø)?(?:\d[\w#♯♭+°ø△]*)?")
_QUALIFIERS = word_set("harmonic melodic natural")
_PLACES = word_set("in en")
_DUTCH_MODES = {"klein": "minor", "kleine": "minor", "groot": "major", "grote": "major"}
_GERMAN_MODES = word_set("dur moll")
_GERMAN_WORDS = word_set("fur und ein eine einen langsam schnell stuck takte lied klavier geige flote orgel sonate")
_AFTER_FOREIGN_TONIC = word_set("pour para fur for per avec con mit voor") | {""}
_INTERVALS = word_set(
    "second third fourth fifth sixth seventh ninth tenth seconds thirds fourths fifths sixths sevenths ninths tenths "
    "interval intervals triad triads chord"
)
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|ths?)")
_CHORD_NUMBERS = (6, 7, 9, 11, 13)
_PARTS_OF_INSTRUMENTS = word_set("clef string strings tuning")
_SIZED = word_set("work works part parts role roles")  # what is major or minor as large or small
_MUSIC_NOUNS = known.STOP_WORDS | word_set("pentatonic harmony harmonies progression groove riff beat vibe ballad")


@dataclass(frozen=True, slots=True)
class _Pitch:
    """A pitch class by name: the place after it, whether it is sharp or flat, and the mode written with it (``Am``)."""

    tonic: int
    end: int
    is_altered: bool
    mode: str | None = None


def read_key(words: Words, at: int, is_known: IsKnown) -> list[Sign]:
    """``D minor``, ``F# major``, ``B♭m``, ``in E-flat``, ``d-Moll``, ``sol♯ mineur``, ``d klein``.

    The value is a tonic and a mode, None where unsaid.
    """
    for read, is_key in ((_german, _is_german_key), (_solfege, _is_solfege_key), (_letter, _is_letter_key)):
        pitch = read(words, at)
        if pitch is None:
            continue
        mode_at = pitch.end + (words.then(pitch.end) in _QUALIFIERS)
        mode, end = pitch.mode or _mode(words.then(mode_at)), pitch.end
        if mode and not pitch.mode:
            end = mode_at + 1 + (words.then(mode_at + 1) == "terts")
        if is_key(words, at, pitch, mode, end, is_known):
            return [Sign("key", (pitch.tonic, mode), at - (words.before(at) in _PLACES), end)]
    return []


def is_mode(words: Words, at: int, end: int, is_known: IsKnown) -> bool:
    """Whether ``major`` or ``minor`` without a tonic is meant as a mode, and not as a size, a name or an interval."""
    word, before, follows = words.text(at), words.before(at), words.then(end)
    if word == "mayor":  # of a town
        return before in ("modo", "tono", "escala")
    if word not in ("major", "minor"):
        return True
    if follows in ("and", "or") and words.then(end + 1) in ("major", "minor"):
        return is_mode(words, end + 1, end + 2, is_known)
    if before in ("relative", "parallel") or follows in _SIZED | {"chords"} or _is_interval(words, end):
        return False
    is_titled = before != "" and words.is_capitalised(at) and words.is_capitalised(at - 1)
    if is_titled and before not in _MUSIC_NOUNS | _QUALIFIERS and not is_known(words, at - 1):
        return False  # Ursa Minor
    return _goes_on(words, end + (follows in _KEY_NOUNS), is_known)


def transposed_end(words: Words, at: int, built_in: frozenset[int]) -> int:
    """The place after ``in A`` or ``in B flat``, said of an instrument `built_in` that pitch class; otherwise `at`."""
    if words.then(at) not in _PLACES or not words.then(at + 1):
        return at
    pitch = _letter(words, at + 1) or _german(words, at + 1) or _solfege(words, at + 1)
    if pitch is None or pitch.mode or pitch.tonic not in built_in:
        return at
    if _mode(words.then(pitch.end)) or words.then(pitch.end) in _QUALIFIERS:
        return at
    is_word = words.text(at + 1) == "a" or words.text(at + 1) in known.SOLFEGE_TONICS  # a, la, mi
    is_said = pitch.is_altered or not is_word or words.is_capitalised(at + 1) or _ends(words, pitch.end)
    return pitch.end if is_said and not words.is_hyphenated(pitch.end) else at


def _ends(words: Words, end: int) -> bool:
    """Whether what is said ends here, or goes on with a connective."""
    return words.then(end) == "" or words.then(end) in CONNECTIVES


def _mode(word: str) -> str | None:
    named = "major" if word in known.MAJOR_WORDS else "minor" if word in known.MINOR_WORDS else None
    return named or _DUTCH_MODES.get(word)


def _goes_on(words: Words, end: int, is_known: IsKnown) -> bool:
    """Whether what follows could follow a key: nothing, a connective, or something else of music."""
    return _ends(words, end) or words.then(end) in _MUSIC_NOUNS or is_known(words, end)


def _is_interval(words: Words, end: int) -> bool:
    """Whether ``major`` or ``minor`` up to `end` belongs to an interval or a chord: ``third``, ``7th``, ``7``."""
    follows, number = words.then(end), read_number(words, end)
    if number and number.value in _CHORD_NUMBERS and words.then(end):
        counted = words.then(number.end)
        return counted not in BAR_UNITS and counted != "bpm" and seconds_per(words, number.end) is None
    is_progression = follows == "chord" and words.then(end + 1).startswith("progression")
    return (follows in _INTERVALS and not is_progression) or bool(_ORDINAL.fullmatch(follows))


def _german(words: Words, at: int) -> _Pitch | None:
    name = words.text(at)
    if name not in known.GERMAN_TONICS:
        return None
    # One letter is German only by its mode, or, for B and H, by the words around it.
    is_own = len(name) > 1 or words.then(at + 1) in _GERMAN_MODES
    if not is_own and not (name == "h" or (name == "b" and words.has_any(_GERMAN_WORDS))):
        return None
    return _Pitch(known.GERMAN_TONICS[name], at + 1, len(name) > 1)


def _solfege(words: Words, at: int) -> _Pitch | None:
    match = _SOLFEGE.fullmatch(words.text(at))
    if not match or match[1] not in known.SOLFEGE_TONICS:
        return None
    shift, end = _accidental(words, at + 1, match[2])
    return _Pitch((known.SOLFEGE_TONICS[match[1]] + shift) % 12, end, shift != 0)


def _letter(words: Words, at: int) -> _Pitch | None:
    match = _LETTER.fullmatch(words.raw(at))
    if not match or (words.is_glued(at + 1) and words.text(at + 1) in ("+", "#")):  # C++
        return None
    shift, end = (0, at + 1) if match[3] and not match[2] else _accidental(words, at + 1, match[2])
    mode = {"m": "minor", "min": "minor", "maj": "major"}.get(match[3] or "")
    return _Pitch((_TONICS[match[1].lower()] + shift) % 12, end, shift != 0, mode)


def _accidental(words: Words, end: int, mark: str) -> tuple[int, int]:
    """Semitones of a sharp or flat, as a mark or as the word at `end`, and the place after it."""
    if mark:
        return (1 if mark in "#♯" else -1), end
    shift = (words.then(end) in known.SHARP_WORDS) - (words.then(end) in known.FLAT_WORDS)
    return shift, end + abs(shift)


def _is_german_key(words: Words, at: int, _: _Pitch, mode: str | None, end: int, is_known: IsKnown) -> bool:
    if not mode:  # in Es, in H
        is_placed = words.before(at) in _PLACES and words.is_capitalised(at)
        return is_placed and words.then(end) in _AFTER_FOREIGN_TONIC
    is_german = words.text(end - 1) in _GERMAN_MODES
    if words.text(at) in known.COMMON_WORDS:
        return is_german or words.text(end - 1) in ("terts", *_DUTCH_MODES)
    return is_german or words.text(at) == "h" or _goes_on(words, end, is_known)


def _is_solfege_key(words: Words, at: int, pitch: _Pitch, mode: str | None, end: int, is_known: IsKnown) -> bool:
    if not mode:
        is_placed = words.before(at) == "en" or (words.before(at) == "in" and words.then(end) in ("per", "con"))
        return is_placed and words.then(end) in _AFTER_FOREIGN_TONIC
    if words.text(end - 1) in ("major", "minor") and not pitch.is_altered:  # English, as in "do minor repairs"
        return words.is_capitalised(at) or words.before(at) == "in"
    return pitch.is_altered or words.text(at) not in ("la", "mi") or _goes_on(words, end, is_known)


def _is_letter_key(words: Words, at: int, pitch: _Pitch, mode: str | None, end: int, is_known: IsKnown) -> bool:
    """Whether a letter is meant as a key, and not as the article "a", a chord, a unit or a part of a name."""
    follows, is_named = words.then(end), _is_named(words, at)
    is_placed = words.before(at) in _PLACES or is_named
    if follows in _PARTS_OF_INSTRUMENTS and not is_known(words, end):
        return False
    if not is_placed and mode and _is_interval(words, end):
        return False
    if not is_placed and (pitch.mode or not mode) and _is_among_chords(words, at, end):
        return False
    goes_on = _goes_on(words, end, is_known)
    if pitch.mode:  # Am, F#m, Dmin
        if not (words.raw(at)[0].isupper() or pitch.is_altered or (is_placed and words.text(at) not in ("am", "cm"))):
            return False
        return is_placed or pitch.is_altered or (goes_on and follows != "i")
    if words.text(at) == "a" and not (mode and pitch.is_altered):
        return _is_tonic_a(words, at, pitch, mode, end, is_known)
    if mode:
        return goes_on or words.text(end - 1) not in _DUTCH_MODES
    if words.is_hyphenated(end):  # in G-funk style
        return False
    if follows in ("blues", "pentatonic") and words.is_capitalised(at):
        return True
    stands_alone = pitch.is_altered and follows == "" and (at == 0 or words.then(at) == "")
    return stands_alone or (is_placed and (goes_on or is_named))


def _is_tonic_a(words: Words, at: int, pitch: _Pitch, mode: str | None, end: int, is_known: IsKnown) -> bool:
    """Whether "a" or "A" is a tonic and no article."""
    before, follows, is_capital = words.before(at), words.then(end), words.is_capitalised(at)
    is_named = _is_named(words, at)
    is_placed, goes_on = before in _PLACES or is_named, _goes_on(words, end, is_known)
    if follows in _KEY_NOUNS - {"scale"} or (mode and _is_interval(words, end)):
        return is_capital and is_placed
    if mode:
        return is_placed or follows == "" or follows in CONNECTIVES or (is_capital and (goes_on or before != ""))
    return is_named or (is_placed and ((is_capital and goes_on) or (pitch.is_altered and follows in CONNECTIVES)))


def _is_named(words: Words, at: int) -> bool:
    """Whether ``key``, ``key of`` or ``key =`` stands before."""
    before = words.before(at)
    return before == "key" or (before in ("of", "=", "is") and words.text(at - 2) in ("key", "tonality"))


def _is_among_chords(words: Words, at: int, end: int) -> bool:
    """Whether other chords stand beside this one: ``Am F C G``, ``Bb, Eb``."""
    if words.before(at) in ("chord", "chords", "progression"):
        return True
    neighbours = ((at - 1, words.gap(at)), (end, words.gap(end)))
    return any(
        _CHORD.fullmatch(words.raw(place)) and words.raw(place) != "A" and gap.strip() in ("", ",", "-", "–", "|", "/")
        for place, gap in neighbours
        if 0 <= place < len(words)
    )
