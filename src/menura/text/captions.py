"""Captions: words with their times as SubRip, WebVTT and JSON, in lines that can be read as they sound.

A caption is of one sentence and one speaker, has at most two lines of 42 characters and is shown for at most seven
seconds, as broadcasters ask (BBC Subtitle Guidelines; Netflix, "Timed Text Style Guide").
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from itertools import groupby, pairwise

LONGEST_LINE = 42
"""Characters."""
LONGEST_S = 7.0
_LONG_PAUSE_S = 3.0
_TOO_LONG, _WITHIN_CLAUSE, _EACH = 1e6, 60.0, 200.0
_CLAUSE_ENDS = (",", ";", ":", ".", "!", "?", "…", "—", "–", ")")
_BETWEEN = -1
"""In place of a word's number: the white space between words."""


@dataclass(frozen=True)
class Word:
    """A word as it is written, with the signs around it, and when it sounds.

    Attributes:
        text: without white space around it.
        start_s, end_s: from the beginning of the sound, seconds.
        start, end: its characters in the text that was spoken; -1 where there was none.
        sentence: number of its sentence.
        speaker: who says it, where that was told.
        probability: of 0 to 1, where it was recognised; 1 where it was told.
    """

    text: str
    start_s: float
    end_s: float
    start: int = -1
    end: int = -1
    sentence: int = 0
    speaker: str = ""
    probability: float = 1.0


@dataclass(frozen=True)
class Layout:
    """How words are set as captions; the first three are 1 or more.

    Attributes:
        max_line_width: characters in a line.
        max_line_count: lines that are shown at once.
        max_words_per_line: None for as many as there is room for.
        highlight_words: whether the word that sounds is underlined, which takes a caption for each word.
    """

    max_line_width: int = LONGEST_LINE
    max_line_count: int = 2
    max_words_per_line: int | None = None
    highlight_words: bool = False


BROADCAST = Layout()
"""Two lines of 42 characters."""


@dataclass(frozen=True)
class Caption:
    """What is shown at once.

    Attributes:
        lines: one or more.
        start_s, end_s: when it is shown, seconds.
        speaker: as that of its words.
        words: those in the lines, in order; none where their times are not known.
    """

    lines: tuple[str, ...]
    start_s: float
    end_s: float
    speaker: str = ""
    words: tuple[Word, ...] = ()

    def fragments(self) -> list[list[tuple[int, str]]]:
        """Each line in pieces: the number of a word, -1 between words, and the letters of it that are in the line."""
        letters, owners = "", []
        for number, piece in enumerate(_pieces(self.words)):
            gap = len(piece) - len(self.words[number].text)
            letters += piece
            owners += [_BETWEEN] * gap + [number] * (len(piece) - gap)
        found, place = [], 0
        for line in self.lines:
            start = letters.index(line, place)
            place = start + len(line)
            runs = groupby(zip(owners[start:place], line, strict=True), key=lambda pair: pair[0])
            found.append([(number, "".join(letter for _, letter in run)) for number, run in runs])
        return found


def captions(words: Sequence[Word], layout: Layout = BROADCAST) -> list[Caption]:
    """Words in order as captions, none of which ends in a sentence that another begins with."""
    found = []
    for _, group in groupby(words, key=lambda word: (word.sentence, word.speaker)):
        sentence = list(group)
        pieces = _pieces(sentence)
        for start, end in _cut(sentence, pieces, layout):
            shown = tuple(sentence[start:end])
            lines = _lines(pieces[start:end], layout)
            found.append(Caption(lines, shown[0].start_s, shown[-1].end_s, shown[0].speaker, shown))
    return found


def wrapped(text: str, start_s: float, end_s: float, speaker: str = "", layout: Layout = BROADCAST) -> Caption:
    """A text as one caption with as many lines as it takes, where the times of its words are not known."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= layout.max_line_width:
            lines[-1] += f" {word}"
        else:
            lines += _broken(word, layout.max_line_width)
    return Caption(tuple(lines), start_s, end_s, speaker)


def to_srt(words: Sequence[Word], layout: Layout = BROADCAST) -> str:
    """Words as a SubRip file."""
    return srt(captions(words, layout), layout.highlight_words)


def to_vtt(words: Sequence[Word], layout: Layout = BROADCAST) -> str:
    """Words as a WebVTT file, with the names of speakers."""
    return vtt(captions(words, layout), layout.highlight_words)


def srt(shown: Sequence[Caption], highlight_words: bool = False) -> str:
    """Captions as a SubRip file."""

    def plain(text: str) -> str:
        return text.replace("-->", "->")

    blocks = []
    for one in shown:
        name = f"{one.speaker}: " if one.speaker else ""
        for start_s, end_s, lines in _cues(one, plain, highlight_words):
            text = plain(name) + "\n".join(lines)
            blocks.append(f"{len(blocks) + 1}\n{_time(start_s, ',')} --> {_time(end_s, ',')}\n{text}\n")
    return "\n".join(blocks)


def vtt(shown: Sequence[Caption], highlight_words: bool = False) -> str:
    """Captions as a WebVTT file."""

    def plain(text: str) -> str:
        return escape(text, quote=False)

    blocks = ["WEBVTT\n"]
    for one in shown:
        voice = f"<v {plain(one.speaker)}>" if one.speaker else ""
        for start_s, end_s, lines in _cues(one, plain, highlight_words):
            text = voice + "\n".join(lines)
            blocks.append(f"{_time(start_s, '.')} --> {_time(end_s, '.')}\n{text}\n")
    return "\n".join(blocks)


def to_json(words: Sequence[Word]) -> str:
    """Words as JSON: ``{"words": [{"text", "start_s", "end_s", "start", "end", "sentence", "speaker"}]}``."""
    rows = [{**asdict(word), "start_s": round(word.start_s, 6), "end_s": round(word.end_s, 6)} for word in words]
    for row in rows:
        del row["probability"]
    return json.dumps({"words": rows}, indent=1, ensure_ascii=False) + "\n"


WRITERS = {"srt": to_srt, "vtt": to_vtt, "json": to_json}
"""Format -> what writes it."""


def _cues(
    caption: Caption, plain: Callable[[str], str], highlight_words: bool
) -> Iterator[tuple[float, float, list[str]]]:
    """A caption as it is, or for each of its words, and each silence between them, once with that word underlined."""
    if not (highlight_words and caption.words):
        yield caption.start_s, caption.end_s, [plain(line) for line in caption.lines]
        return
    fragments, at_s = caption.fragments(), caption.start_s

    def lines(sounding: int | None) -> list[str]:
        return [
            "".join(f"<u>{plain(text)}</u>" if number == sounding else plain(text) for number, text in line)
            for line in fragments
        ]

    for number, word in enumerate(caption.words):
        if word.start_s > at_s:
            yield at_s, word.start_s, lines(None)
        yield word.start_s, word.end_s, lines(number)
        at_s = word.end_s


def _pieces(words: Sequence[Word]) -> list[str]:
    """The words, each with the space that parts it from the one before, if there is one in the text they are of."""
    if not words:
        return []
    joined = (before.end == word.start >= 0 for before, word in pairwise(words))
    rest = (word.text if close else f" {word.text}" for close, word in zip(joined, words[1:], strict=True))
    return [words[0].text, *rest]


def _cut(sentence: Sequence[Word], pieces: Sequence[str], layout: Layout) -> list[tuple[int, int]]:
    """Where the captions of a sentence begin and end: few, alike in length, at the ends of clauses."""
    costs, starts = [0.0], [0]
    for end in range(1, len(sentence) + 1):
        best = (float("inf"), end - 1)
        for start in range(end - 1, -1, -1):
            lasts_s = sentence[end - 1].end_s - sentence[start].start_s
            cost = _cost(pieces[start:end], lasts_s, end == len(sentence), layout)
            if start < end - 1 and (cost >= _TOO_LONG or _rests(sentence[start], sentence[start + 1])):
                break
            best = min(best, (costs[start] + cost, start))
        costs.append(best[0])
        starts.append(best[1])
    spans, end = [], len(sentence)
    while end:
        spans.append((starts[end], end))
        end = starts[end]
    return spans[::-1]


def _rests(before: Word, word: Word) -> bool:
    return word.start_s - before.end_s > _LONG_PAUSE_S


def _cost(pieces: Sequence[str], lasts_s: float, ends_sentence: bool, layout: Layout) -> float:
    """Of showing some words of a sentence at once."""
    if lasts_s > LONGEST_S or len(_lines(pieces, layout)) > layout.max_line_count:
        return _TOO_LONG
    empty = layout.max_line_width * layout.max_line_count - len(_joined(pieces))
    within = not ends_sentence and not pieces[-1].endswith(_CLAUSE_ENDS)
    return _EACH + empty**2 / 100 + _WITHIN_CLAUSE * within


def _lines(pieces: Sequence[str], layout: Layout) -> tuple[str, ...]:
    """Words on the fewest lines, of about one length, the first the shorter; a word too long for a line is broken."""
    if len(pieces) == 1:
        return tuple(_broken(pieces[0].strip(), layout.max_line_width))
    count = _least_lines(pieces, layout)
    if count == 1:
        return (_joined(pieces),)
    breaks = [
        place
        for place in range(1, len(pieces))
        if _fits(pieces[:place], layout) and _least_lines(pieces[place:], layout) < count
    ]
    place = min(breaks, key=lambda place: _unevenness(pieces, place, count)) if breaks else len(pieces) - 1
    return (*_lines(pieces[:place], layout), *_lines(pieces[place:], layout))


def _joined(pieces: Sequence[str]) -> str:
    return "".join(pieces).strip()


def _fits(pieces: Sequence[str], layout: Layout) -> bool:
    few_enough = layout.max_words_per_line is None or len(pieces) <= layout.max_words_per_line
    return few_enough and len(_joined(pieces)) <= layout.max_line_width


def _least_lines(pieces: Sequence[str], layout: Layout) -> int:
    """On how many lines words fit; a word that is too long for one counts as one more than may be shown."""
    count, start = 1, 0
    for end in range(1, len(pieces) + 1):
        if not _fits(pieces[start:end], layout):
            count, start = count + 1, end - 1
            if not _fits(pieces[start:end], layout):
                return layout.max_line_count + 1
    return count


def _unevenness(pieces: Sequence[str], place: int, count: int) -> float:
    """Of a first line that ends at `place`, beside the mean of the others."""
    first = len(_joined(pieces[:place]))
    others = (len(_joined(pieces[place:])) - (count - 2)) / (count - 1)
    return abs(first - others) + 2 * (first > others) - 12 * pieces[place - 1].endswith(_CLAUSE_ENDS)


def _broken(text: str, width: int) -> Iterator[str]:
    """A text that may be too long for a line: at its spaces, else anywhere."""
    while len(text) > width:
        place = text.rfind(" ", 0, width + 1)
        place = place if place > 0 else width
        yield text[:place].strip()
        text = text[place:].strip()
    if text:
        yield text


def _time(seconds: float, sign: str) -> str:
    milliseconds = round(1000 * seconds)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{sign}{rest % 1000:03d}"
