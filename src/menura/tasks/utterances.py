"""A text as utterances: what a voice says at once, between two silences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import pairwise

from menura.text.captions import Word
from menura.text.markdown import read_markdown
from menura.text.script import Line, read_script
from menura.text.speech.lexicon import Lexicon
from menura.text.speech.normalise import Language
from menura.text.speech.phonemize import SpokenToken, language_of, phonemize, row
from menura.text.speech.ssml import is_ssml

MOST_SYMBOLS = 200
"""Of an utterance; a longer sentence is cut."""
SENTENCE_S, PARAGRAPH_S, TURN_S, CLAUSE_S = 0.25, 0.6, 0.4, 0.1
"""Silence after a sentence, a paragraph, the words of one speaker of several, and where a long sentence is cut."""
_SHORTEST_PAUSE_S = 0.02
_PARAGRAPH = re.compile(r"\n\s*\n|</?p\b")
_STRONG, _WEAK, _OPENING = ";:—.!?…", ",)”", "“("
_JOINS = re.compile(r"[-–/’'&+_@.:]{1,2}")
_BEFORE, _AFTER = "\"“„‘'«(¿¡", ".,;:!?…\"”’'»)%"


@dataclass(frozen=True)
class Utterance:
    """Words that are said at once.

    Attributes:
        tokens: words and signs, without pauses; none: a pause alone.
        voice: whose voice, in words.
        name: who speaks, in a script.
        language: of the words.
        sentence: its number in the text.
        pause_s: silence after it.
    """

    tokens: tuple[SpokenToken, ...]
    voice: str
    name: str
    language: Language
    sentence: int
    pause_s: float

    @property
    def symbols(self) -> tuple[str, ...]:
        return row(self.tokens)[0]


def utterances(
    text: str,
    language: Language,
    voice: str,
    *,
    lexicon: Lexicon | None = None,
    voices: Mapping[str, str] | None = None,
    is_markdown: bool = False,
) -> list[Utterance]:
    """A text, with its marks, as utterances.

    Args:
        text: plain, with `[word](/ipa/)` and `[pause:0.5s]`, SSML, or Markdown.
        language: of what is not marked as another one.
        voice: of what nobody else says.
        lexicon: pronunciations that go before all others.
        voices: name -> voice, where the text is a script.
        is_markdown: whether what only formats it is passed over.

    Raises:
        ValueError: a mark cannot be read; one line with its place.
    """
    found: list[Utterance] = []
    for line, plain in _lines(text, voices is not None, is_markdown):
        own = (voices or {}).get(line.name) or voice
        sentences = phonemize(plain[line.start : line.end], language, lexicon)
        said = [[_moved(token, line.start) for token in sentence] for sentence in sentences if sentence]
        if found and said:
            found[-1] = replace(found[-1], pause_s=found[-1].pause_s + (TURN_S if voices else PARAGRAPH_S))
        first = found[-1].sentence + 1 if found else 0
        for number, sentence in enumerate(said):
            rest_s = _rest_s(text, sentence, said[number + 1 : number + 2])
            found += _rows(sentence, language, own, line.name, first + number, rest_s)
    return found


def words(utterance: Utterance, text: str, times_s: Sequence[tuple[float, float]]) -> list[Word]:
    """The words of an utterance as they are written in the text, with the signs around them.

    Args:
        utterance: what was said.
        text: where it stands.
        times_s: from when to when each of its tokens sounds, seconds.
    """
    found: list[Word] = []
    ends: list[int] = []
    is_open = False
    plain = unescape if is_ssml(text) else str
    for token, (start_s, end_s) in zip(utterance.tokens, times_s, strict=True):
        if token.kind == "punctuation":
            if found and token.text not in _OPENING and token.start >= ends[-1]:
                found[-1] = replace(found[-1], text=found[-1].text + plain(text[token.start : token.end]))
            is_open = False
        elif token.phonemes:
            if is_open and (token.start < ends[-1] or _JOINS.fullmatch(text[found[-1].end : token.start])):
                begun = found.pop()
                start, start_s = begun.start, begun.start_s
                ends.pop()
            else:
                start = token.start
            first, end = _with_signs(text, start, token.end)
            of_it = {"sentence": utterance.sentence, "speaker": utterance.name}
            found.append(Word(plain(text[first:end]), start_s, end_s, start, token.end, **of_it))
            ends.append(end)
            is_open = True
    return found


def joined_symbols(said: Sequence[Utterance]) -> tuple[list[str], list[int]]:
    """All symbols, with spaces between utterances, and where each begins."""
    symbols: list[str] = []
    starts: list[int] = []
    for one in said:
        symbols += [" "] if symbols else []
        starts.append(len(symbols))
        symbols += one.symbols
    return symbols, starts


def _with_signs(text: str, start: int, end: int) -> tuple[int, int]:
    while start and text[start - 1] in _BEFORE:
        start -= 1
    while end < len(text) and text[end] in _AFTER:
        end += 1
    return start, end


def _lines(text: str, is_script: bool, is_markdown: bool) -> Iterator[tuple[Line, str]]:
    """The lines of a script, and the headings of a document with what is between them; each with the text it is of."""
    if is_ssml(text):
        yield Line("", 0, len(text)), text
        return
    lines = read_script(text) if is_script else [Line("", 0, len(text))]
    plain, headings = read_markdown(text) if is_markdown else (text, [])
    cuts = sorted(place for heading in headings for place in heading)
    for line in lines:
        own = [line.start, *(cut for cut in cuts if line.start < cut < line.end), line.end]
        for start, end in pairwise(own):
            yield Line(line.name, start, end), plain


def _moved(token: SpokenToken, offset: int) -> SpokenToken:
    return replace(token, start=token.start + offset, end=token.end + offset) if offset else token


def _rest_s(text: str, sentence: Sequence[SpokenToken], following: Sequence[Sequence[SpokenToken]]) -> float:
    """Silence between a sentence and the one that follows it in its line, where there is one."""
    if not following:
        return 0.0
    gap = text[sentence[-1].end : following[0][0].start]
    return PARAGRAPH_S if _PARAGRAPH.search(gap) else SENTENCE_S


def _rows(
    sentence: Sequence[SpokenToken], language: Language, voice: str, name: str, number: int, rest_s: float
) -> Iterator[Utterance]:
    """A sentence cut where a pause is asked for, where voice or language change, and where it is too long."""

    def row_of(tokens: Sequence[SpokenToken], pause_s: float) -> Iterator[Utterance]:
        is_said = any(token.kind != "punctuation" and token.phonemes for token in tokens)
        pieces = list(_bounded(list(tokens))) if is_said else [()]
        for place, piece in enumerate(pieces, start=1):
            style = piece[0].style if piece else None
            own = language_of(style.language if style else "", language)
            rest = pause_s if place == len(pieces) else CLAUSE_S
            if piece or rest:
                yield Utterance(tuple(piece), (style and style.voice) or voice, name, own, number, rest)

    waiting: list[SpokenToken] = []
    for token in sentence:
        if token.kind == "pause":
            if token.pause_s >= _SHORTEST_PAUSE_S:
                yield from row_of(waiting, token.pause_s)
                waiting = []
            continue
        if waiting and (token.style.voice, token.style.language) != (waiting[0].style.voice, waiting[0].style.language):
            yield from row_of(waiting, 0.0)
            waiting = []
        waiting.append(token)
    yield from row_of(waiting, rest_s)


def _bounded(tokens: list[SpokenToken]) -> Iterator[list[SpokenToken]]:
    """Tokens in pieces of at most `MOST_SYMBOLS` symbols, cut at the signs nearest to the middle."""
    if len(row(tokens)[0]) <= MOST_SYMBOLS:
        yield tokens
    elif len(tokens) == 1:
        for start in range(0, len(tokens[0].phonemes), MOST_SYMBOLS):
            yield [replace(tokens[0], phonemes=tokens[0].phonemes[start : start + MOST_SYMBOLS])]
    else:
        spans = row(tokens)[1]
        place = min(range(1, len(tokens)), key=lambda place: _cost_of_cut(tokens, spans, place))
        yield from _bounded(tokens[:place])
        yield from _bounded(tokens[place:])


def _cost_of_cut(tokens: Sequence[SpokenToken], spans: Sequence[tuple[int, int]], place: int) -> float:
    before = tokens[place - 1].text if tokens[place - 1].kind == "punctuation" else ""
    kind = 0.0 if before and before in _STRONG else 0.15 if before and before in _WEAK else 0.6
    if tokens[place].kind == "punctuation" and tokens[place].text not in _OPENING:
        kind = 2.0  # a sign stays with the word before it
    return kind + abs(spans[place][0] / spans[-1][1] - 0.5)
