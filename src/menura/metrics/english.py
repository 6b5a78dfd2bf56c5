"""English spelled one way, so that texts are compared by what was said: the rules of Whisper's normaliser, as tables.

Radford et al. 2022, appendix C: small letters, no brackets, no fillers, contractions and titles in full, American
spelling, numbers in digits. The tables are ours, and so is what they lack.
"""

from __future__ import annotations

import re
import unicodedata

from menura.metrics.english_numbers import in_digits
from menura.metrics.english_spelling import american

_BRACKETS = re.compile(r"[<\[][^>\]]*[>\]]|\([^)]*\)")
_FILLERS = re.compile(r"\b(?:hmm|mm|mhm|mmm|uh|um|er|erm)\b")
_APOSTROPHE = re.compile(r"[’‘`´]|(?<=\w)\s+(?=')")
_WHOLE = {
    "won't": "will not",
    "can't": "can not",
    "cannot": "can not",
    "shan't": "shall not",
    "let's": "let us",
    "ain't": "aint",
    "y'all": "you all",
    "wanna": "want to",
    "gotta": "got to",
    "gonna": "going to",
    "gimme": "give me",
    "lemme": "let me",
    "i'ma": "i am going to",
    "imma": "i am going to",
    "woulda": "would have",
    "coulda": "could have",
    "shoulda": "should have",
    "ma'am": "madam",
    "okay": "ok",
    "mr": "mister",
    "mrs": "missus",
    "st": "saint",
    "dr": "doctor",
    "prof": "professor",
    "capt": "captain",
    "gov": "governor",
    "gen": "general",
    "sen": "senator",
    "rep": "representative",
    "pres": "president",
    "rev": "reverend",
    "hon": "honorable",
    "asst": "assistant",
    "assoc": "associate",
    "lt": "lieutenant",
    "col": "colonel",
    "jr": "junior",
    "sr": "senior",
    "esq": "esquire",
}
"""Word -> what it is in full."""
_ENDINGS = (
    (r"'d (been|gone|done|had|got|seen|become)\b", r" had \1"),
    (r"'s (been|gone|done|got|become)\b", r" has \1"),
    (r"n't\b", " not"),
    (r"'re\b", " are"),
    (r"'d\b", " would"),
    (r"'ll\b", " will"),
    (r"'t\b", " not"),
    (r"'ve\b", " have"),
    (r"'m\b", " am"),
    (r"'s\b", " is"),
)
"""Ends of words -> what they are in full, the first that fits."""
_OF_NUMBERS = ".%$¢€£"
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ß": "ss", "đ": "d", "ð": "d", "þ": "th", "ł": "l"})
_STRAY = (
    (re.compile(r"(?<=\d),(?=\d)"), ""),
    (re.compile(r"\.(?!\d)"), " "),
)
_STRAY_AFTER = re.compile(r"[.$¢€£](?!\d)|(?<!\d)%")


def normalised(text: str) -> str:
    """Words with single spaces between them, spelled as their like."""
    text = _BRACKETS.sub(" ", unicodedata.normalize("NFC", text).lower())
    text = _APOSTROPHE.sub(lambda found: "'" if found[0].strip() else "", text)
    text = _FILLERS.sub(" ", text)
    text = re.sub(r"[\w']+", lambda found: _WHOLE.get(found[0], found[0]), text)
    for ending, full in _ENDINGS:
        text = re.sub(ending, full, text)
    for sign, place in _STRAY:
        text = sign.sub(place, text)
    text = in_digits(_without_signs(text))
    text = " ".join(american(word) for word in text.split())
    return " ".join(_STRAY_AFTER.sub(" ", text).split())


def _without_signs(text: str) -> str:
    """Without accents; other signs than those of numbers are spaces, but for the apostrophe, which is nothing."""
    found = []
    for letter in unicodedata.normalize("NFKD", text.translate(_LETTERS)):
        kind = unicodedata.category(letter)
        if letter in _OF_NUMBERS:
            found.append(letter)
        elif kind != "Mn" and letter != "'":
            found.append(" " if kind[0] in "MSP" else letter)
    return "".join(found)
