"""The names of letters in IPA."""

from __future__ import annotations

from menura.text.speech.dictionary import Sounds
from menura.text.speech.phonemes import parse_ipa

_NAMES = {
    "en-us": ("eɪ bi si di i ɛf dʒi eɪtʃ aɪ dʒeɪ keɪ ɛl ɛm ɛn oʊ pi kju ɑɹ ɛs ti ju vi dʌbəlju ɛks waɪ zi"),
    "en-gb": ("eɪ biː siː diː iː ɛf dʒiː eɪtʃ aɪ dʒeɪ keɪ ɛl ɛm ɛn əʊ piː kjuː ɑː ɛs tiː juː viː dʌbᵊljuː ɛks waɪ zɛd"),
    "de": ("aː beː t͡seː deː eː ɛf ɡeː haː iː jɔt kaː ɛl ɛm ɛn oː peː kuː ɛʁ ɛs teː uː faʊ veː ɪks ʏpsilɔn t͡sɛt"),
    "nl": ("aː beː seː deː eː ɛf ɣeː ɦaː i jeː kaː ɛl ɛm ɛn oː peː ky ɛr ɛs teː y veː ʋeː ɪks ɛi zɛt"),
}
_MORE = {"de": {"Ä": "ɛː", "Ö": "øː", "Ü": "yː", "ß": "ɛst͡sɛt"}}
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _stressed(name: str) -> Sounds:
    vowels = [place for place, sound in enumerate(parse_ipa(name)) if sound[0] in "aeiouyɛɑɔəøɪʏʌ" and sound != "ə"]
    sounds = parse_ipa(name)
    return (*sounds[: vowels[0]], "ˈ", *sounds[vowels[0] :])


LETTERS: dict[str, dict[str, Sounds]] = {
    language: {
        letter: _stressed(name)
        for letter, name in (*zip(_ALPHABET, names.split(), strict=True), *_MORE.get(language, {}).items())
    }
    for language, names in _NAMES.items()
}
"""Language -> letter in capitals -> its name's sounds."""
