"""Words in MIDI files, which do not say how they are encoded: the likeliest encoding of all of a file's together."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

_MAX_TEXT = 200
_MAX_JUDGED = 4096
_FALLBACK = "latin-1"

_FREQUENT = {
    "cp932": "第楽章主旋律弦器琴歌笛鼓右左手独奏伴和音",
    "gbk": "钢琴小提大中左右手主旋律吉他鼓贝斯弦乐人声竹笛古筝二胡独奏伴和部第一的是我不了在你有这爱天心",
    "big5": "鋼琴小提大中左右手主旋律吉他鼓貝斯弦樂人聲竹笛古箏二胡獨奏伴和部第一的是我不了在你有這愛天心",
    "cp949": "피아노바이올린드럼기타멜로디베스첼트펫플루오르간보컬코러왼손른신는은을를에의가도나다고지하사랑해내너그대",
    "cp1251": "оеаинтсрвлкмдпуябьОЕАИНТСРВЛКМДПУЯБЬ",
    "koi8-r": "оеаинтсрвлкмдпуябьОЕАИНТСРВЛКМДПУЯБЬ",
    "cp1253": "αοιετσνηυρπκμλάέήίόύώ",
    "cp1252": "äöüßéèêàâçñãõûáíóúÄÖÜÉªº",
    "cp1250": "áéíóúřščžěůýłńśźżąęćőűŘŠČŽŁŚ",
}
"""The encodings tried where words are not UTF-8, and what is frequent in words about music that are written in them."""

_COMMON_FIRST_BYTES = {
    "cp932": range(0x88, 0x98),
    "gbk": range(0xB0, 0xD8),
    "big5": range(0xA4, 0xC7),
    "cp949": range(0xB0, 0xC9),
}
"""Where each standard keeps its usual characters; the second byte is then 0xA1 or more in GBK and CP949."""


def decoder(words: Sequence[bytes]) -> Callable[..., str]:
    """A function from encoded words to text, in the encoding that explains all `words` of a file best.

    The text is one line of at most 200 printable characters; called with ``keeps_spaces=True`` it keeps spaces at its
    ends and line breaks, which lyrics live by.
    """
    encoding = _likeliest([each for each in words if not each.isascii()])

    def decode(content: bytes, keeps_spaces: bool = False) -> str:
        text = _decoded(content, encoding)
        if keeps_spaces:
            return "".join(letter if letter.isprintable() or letter in "\r\n\t" else " " for letter in text)
        return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_MAX_TEXT]

    return decode


def _decoded(content: bytes, encoding: str) -> str:
    for each in ("utf-8-sig", encoding):
        try:
            return content.decode(each)
        except UnicodeDecodeError:
            continue
    return content.decode(_FALLBACK)


def _likeliest(words: list[bytes]) -> str:
    unknown = [each for each in words if not _is_utf8(each)]
    if not unknown:
        return "utf-8"
    joined = b"\n".join(unknown)[:_MAX_JUDGED]
    scores = {encoding: _score(joined, encoding) for encoding in _FREQUENT}
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] > 0 else _FALLBACK


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _score(content: bytes, encoding: str) -> float:
    """How plausible the words are in an encoding: the mean over their bytes outside ASCII, at most 1."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < _MAX_JUDGED - 2:  # but for a last character cut in two
            return -1.0
        text = content[: error.start].decode(encoding)
    if encoding in _COMMON_FIRST_BYTES:
        return _score_east_asian(text, encoding)
    return _score_alphabet(text, encoding)


def _score_east_asian(text: str, encoding: str) -> float:
    total = count = 0.0
    for before, letter, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if letter.isascii():
            continue
        code = letter.encode(encoding)
        count += len(code)
        total += len(code) * _plausibility(letter, code, encoding)
        name = unicodedata.name(letter, "")
        if not name.startswith(("HIRAGANA", "KATAKANA")):  # what an accented letter and the next might look like
            total -= 0.8 * (_is_ascii_letter(before) + _is_ascii_letter(after)) * len(code)
        total -= len(code) == 1 and before.isascii() and after.isascii()
    return total / count if count else -1.0


def _plausibility(letter: str, code: bytes, encoding: str) -> float:
    name = unicodedata.name(letter, "")
    if letter in _FREQUENT[encoding]:
        return 1.0
    if len(code) == 1:
        return 0.5 if name.startswith("HALFWIDTH") else -1.0
    if name.startswith(("HIRAGANA", "KATAKANA")):
        return 1.0 if encoding == "cp932" else 0.1
    if name.startswith(("CJK UNIFIED", "HANGUL SYLLABLE")):
        is_usual = code[0] in _COMMON_FIRST_BYTES[encoding] and (encoding in ("cp932", "big5") or code[1] >= 0xA1)
        fits = name.startswith("HANGUL") == (encoding == "cp949")
        return (0.8 if fits else 0.2) if is_usual else (0.3 if code[1] >= 0xA1 else -0.2)
    return 0.4 if unicodedata.category(letter)[0] in "PSZ" or name.startswith("FULLWIDTH") else -0.5


def _score_alphabet(text: str, encoding: str) -> float:
    """Letters of one alphabet make words, with capitals first or throughout; signs inside words are a bad sign."""
    total = count = 0.0
    for before, letter, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if letter.isascii():
            continue
        count += 1
        script, neighbours = _script(letter), [each for each in (before, after) if each.isalpha()]
        if not letter.isalpha():
            total -= 0.8 * bool(neighbours)
            continue
        others = sum(_script(each) != script for each in neighbours)
        total += 0.5 + 0.2 * bool(neighbours) + 0.2 * (letter in _FREQUENT[encoding]) - others
        if before.islower() and letter.isupper():
            total -= 0.9
        if script == "LATIN":  # accents are few and stand among plain letters
            total -= 0.4 * sum(not each.isascii() for each in neighbours)
        elif script in ("CYRILLIC", "GREEK") and not neighbours:
            total -= 0.4
        if script == "CYRILLIC" and not ("а" <= letter.lower() <= "я" or letter in "ёЁіїєґІЇЄ"):
            total -= 0.6
    return total / count if count else -1.0


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split()[0]


def _is_ascii_letter(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()
