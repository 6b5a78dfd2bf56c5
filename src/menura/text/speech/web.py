"""What is read of addresses: links, mail, names of files, #topics and @names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from menura.text.speech.numerals import cardinal, year

_ENDINGS = (
    "com|org|net|edu|gov|mil|int|info|biz|name|app|dev|ai|io|co|me|tv|eu|uk|us|ca|au|nz|ie|de|at|ch|nl|be|fr|es|it|pl|se|"
    "no|dk|fi|jp|cn|in|br|ru|online|shop|blog"
)
_FILES = (
    "md|py|txt|pdf|html|htm|css|js|ts|json|xml|csv|tsv|toml|zip|gz|wav|mp3|flac|ogg|mid|png|jpg|jpeg|gif|svg|doc|docx|"
    "xls|exe"
)
_HOST = rf"(?:[\w-]{{1,63}}\.){{1,8}}(?:{_ENDINGS})\b(?![\w@])"
LINK = re.compile(
    rf"(?:(?:https?|ftp)://[^\s<>\"“”]+|www\.[^\s<>\"“”]+|{_HOST}(?::\d+)?(?:[/?][^\s<>\"“”]*)?)(?<![.,;:!?)\]'’])",
    re.I,
)
MAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\b", re.I)
FILE = re.compile(rf"[\w-]{{1,64}}\.(?:{_FILES})\b(?!\.\w)")
TOPIC = re.compile(r"#(?=\w*[^\W\d_])\w+")
NAME = re.compile(r"(?<!\w)@\w+")
_SCHEME = re.compile(r"^[a-z]+://", re.I)
_PIECE = re.compile(r"[A-Z]{2,}(?![a-z])|[^\W\d_A-Z]+|[A-Z][^\W\d_A-Z]*|\d+|[^\w\s]|_")
_VOWELS = frozenset("aeiouyäöüéè")


def read_link(text: str, language: str, signs: Mapping[str, str]) -> str:
    """A link without its scheme; `signs`: names of the signs in it."""
    return read_pieces(_SCHEME.sub("", text), language, signs)


def read_pieces(text: str, language: str, signs: Mapping[str, str]) -> str:
    """Words as words, short ends and vowelless ones letter by letter, signs by name."""
    return " ".join(_piece(found[0], text[: found.start()], language, signs) for found in _PIECE.finditer(text))


def _piece(piece: str, before: str, language: str, signs: Mapping[str, str]) -> str:
    if piece.isdecimal():
        return _digits(piece, before, language)
    if not piece[0].isalpha():
        return signs.get(piece, "")
    is_ending = before.endswith(".") and len(piece) <= 2 and piece not in ("co", "me")
    if is_ending or not _VOWELS & set(piece.lower()):
        return " ".join(piece.upper() if is_ending else piece)
    return piece


def _digits(piece: str, before: str, language: str) -> str:
    if piece[0] != "0" and len(piece) < 3:
        return cardinal(int(piece), language)
    if len(piece) == 4 and 1900 <= int(piece) < 2100 and not before.endswith(":"):
        return year(int(piece), language)
    return " ".join(cardinal(int(digit), language) for digit in piece)


def web_rules(language: str, signs: Mapping[str, str]) -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]:
    """Rules of a reader for all of these, in the order in which they are tried."""

    def pieces(found: re.Match[str]) -> str:
        return read_pieces(found[0], language, signs)

    return [
        (MAIL, pieces),
        (LINK, lambda found: read_link(found[0], language, signs)),
        (FILE, pieces),
        (TOPIC, lambda found: f"{signs['#']} {read_pieces(found[0][1:], language, signs)}"),
        (NAME, pieces),
    ]
