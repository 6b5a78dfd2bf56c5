"""Markdown as a text to be spoken: what only formats it becomes blanks, so that all places stay as they are."""

from __future__ import annotations

import re

_NOT_READ = (
    re.compile(r"\A---\n.*?\n---[ \t]*$", re.MULTILINE | re.DOTALL),
    re.compile(r"^ {0,3}(```+|~~~+)[^\n]*\n.*?(?:^ {0,3}\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"^ {0,3}\[[^\]\n]+\]:.*$", re.MULTILINE),
    re.compile(r"!\[[^\[\]\n]*\]\([^()\n]*\)"),
    re.compile(r"</?[a-zA-Z][^<>\n]*>"),
)
"""Front matter, code, remarks, the addresses of links, pictures, tags."""
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+\S.*$|^.*\w.*\n {0,3}(?:=+|-{2,})[ \t]*$", re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]\n]*)\](?:\((?!/[^/\n]*/\))[^()\n]*\)|\[[^\]\n]*\])")
_MARKS = (
    re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE),
    re.compile(r"^ {0,3}(?:#{1,6}[ \t]+|=+[ \t]*$|(?:[-*_][ \t]*){2,}$)|[ \t]#+[ \t]*$", re.MULTILINE),
    re.compile(r"^[ \t|:-]*-{2,}[ \t|:-]*$|\|", re.MULTILINE),
    re.compile(r"\*+(?!\s)|(?<!\s)\*+|[`~]+|(?<!\w)_+(?!\s)|(?<!\s)_+(?!\w)"),
)
"""Of quotations, of headings and rules, of tables, and of emphasis."""


def read_markdown(text: str) -> tuple[str, list[tuple[int, int]]]:
    """What is to be spoken of a document, and from which to which character its headings go.

    The text that is given has the length of the document, and every character its place; `[word](/ipa/)` stays.
    """
    for pattern in _NOT_READ:
        text = pattern.sub(_blanks, text)
    headings = [found.span() for found in _HEADING.finditer(text)]
    text = _LINK.sub(lambda found: f" {found[1]} ".ljust(len(found[0])), text)
    for pattern in _MARKS:
        text = pattern.sub(_blanks, text)
    return text, headings


def _blanks(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])
