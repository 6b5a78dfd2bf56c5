"""Where German and Dutch words are stressed, told by their spelling, for dictionaries without stress marks."""

from __future__ import annotations

import re

from menura.text.speech.phonemes import STRESSES, VOWELS

_LAST = {
    "de": r"(?:ion|ionen|tät|täten|ei|eien|ent|enten|ant|anten|ist|isten|ur|uren|ell|elle|eur|är|enz|anz|age|alien)s?$",
    "nl": r"(?:iteit(?:en)?|[ae]nt(?:en)?|ist(?:en)?|eurs?|eel|iek(?:en)?|ië|ein|uur|ier(?:en)?|ions?|ages?|ij|ijen)$",
}
"""Endings whose first full vowel is stressed."""
_VERBS = {
    "de": r"ier(?:en|t|te|ten|ung|ungen|bar|end)$",
    "nl": r"(?:eer|eert|eerd|eerde|eren|erend|ering|eringen|atie|aties)$",
}
_ISMS = r"(?:ismus|ismen|isme|ismes|istisch|istische)$"
_PREFIXES = {"de": r"(?:be|ge|er|ver|zer|ent|emp)(?=.{3})", "nl": r"(?:be|ge|ver|her|er|ont|te)(?=.{3})"}
_WEAK = frozenset(["ə", "ɐ", "ᵊ"])


def with_stress(word: str, sounds: tuple[str, ...], language: str) -> tuple[str, ...]:
    """The sounds of a word of "de" or "nl" with a mark before the vowel that is most likely stressed."""
    nuclei = [place for place, sound in enumerate(sounds) if sound in VOWELS]
    strong = [place for place in nuclei if sounds[place] not in _WEAK]
    if not strong or any(mark in sounds for mark in STRESSES):
        return sounds
    place = _stressed(word.lower(), sounds, strong, language)
    return (*sounds[:place], STRESSES[0], *sounds[place:])


def _stressed(word: str, sounds: tuple[str, ...], strong: list[int], language: str) -> int:
    verb = re.search(_VERBS[language], word)
    if verb and len(strong) > 1:
        wanted = {"iː", "i"} if language == "de" else {"eː", "aː"}
        return next((place for place in reversed(strong) if sounds[place] in wanted), strong[-1])
    if re.search(_ISMS, word):
        return next((place for place in reversed(strong) if sounds[place] in ("ɪ", "i")), strong[0])
    ending = re.search(_LAST[language], word)
    if ending and len(strong) > 1 and len(word) > len(ending[0]) + 1:
        return strong[-1]
    if re.match(_PREFIXES[language], word) and len(strong) > 1 and sounds.index(strong_sound := sounds[strong[0]]) < 3:
        is_prefix = strong_sound in ("ɛ", "ɔ", "eː", "e", "ɛː")
        return strong[1] if is_prefix else strong[0]
    return strong[0]
