"""Whether a text is written in another language than it is read in."""

from __future__ import annotations

import re

from menura.text.speech.dictionary import dictionary

_NAMES = {"en": ("English", "en-us"), "de": ("German", "de"), "nl": ("Dutch", "nl")}
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_FEWEST_WORDS, _KNOWN, _MORE = 6, 0.7, 0.25
"""Words that a text needs for anything to be said of it; the share of them that the other language knows, and by how
much that is more than is known of its own."""


def mistaken(text: str, language: str) -> tuple[str, str] | None:
    """The other language that a text is clearly written in, as it is called and as it is asked for, if there is one."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    own = language[:2]
    if len(words) < _FEWEST_WORDS or (known := _known(words, _NAMES[own][1])) > 1 - _MORE:
        return None
    shares = {other: _known(words, name) for other, (_, name) in _NAMES.items() if other != own}
    likeliest = max(shares, key=lambda other: shares[other])
    return _NAMES[likeliest] if shares[likeliest] >= max(_KNOWN, known + _MORE) else None


def _known(words: list[str], language: str) -> float:
    return sum(word in dictionary(language) for word in words) / len(words)
