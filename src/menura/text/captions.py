"""Captions: words with their times as SubRip, WebVTT and JSON, in lines that can be read as they sound.

A caption is of one sentence and one speaker, has at most two lines of 42 characters and is shown for at most seven
seconds, as broadcasters ask (BBC Subtitle Guidelines; Netflix, "Timed Text Style Guide").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from itertools import groupby

LONGEST_LINE = 42
"""Characters."""
LONGEST_S = 7.0
_LINES = 2
_TOO_LONG, _WITHIN_CLAUSE, _EACH = 1e6, 60.0, 200.0
_CLAUSE_ENDS = (",", ";", ":", ".", "!", "?", "…", "—", "–", ")")


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
class Caption:
    """What is shown at once.

    Attributes:
        lines: one or two.
        start_s, end_s: when it is shown, seconds.
        speaker: as that of its words.
    """

    lines: tuple[str, ...]
    start_s: float
    end_s: float
    speaker: str = ""


def captions(words: Sequence[Word]) -> list[Caption]:
    """Words in order as captions, none of which ends in a sentence that another begins with."""
    found = []
    for _, group in groupby(words, key=lambda word: (word.sentence, word.speaker)):
        sentence = list(group)
        for start, end in _cut(sentence):
            lines = _lines([word.text for word in sentence[start:end]])
            found.append(Caption(lines, sentence[start].start_s, sentence[end - 1].end_s, sentence[start].speaker))
    return found


def to_srt(words: Sequence[Word]) -> str:
    """Words as a SubRip file."""
    blocks = [
        f"{number}\n{_time(one.start_s, ',')} --> {_time(one.end_s, ',')}\n{_text(one)}\n"
        for number, one in enumerate(captions(words), start=1)
    ]
    return "\n".join(blocks)


def to_vtt(words: Sequence[Word]) -> str:
    """Words as a WebVTT file, with the names of speakers."""
    blocks = ["WEBVTT\n"]
    for one in captions(words):
        voice = f"<v {escape(one.speaker, quote=False)}>" if one.speaker else ""
        text = voice + escape("\n".join(one.lines), quote=False)
        blocks.append(f"{_time(one.start_s, '.')} --> {_time(one.end_s, '.')}\n{text}\n")
    return "\n".join(blocks)


def to_json(words: Sequence[Word]) -> str:
    """Words as JSON: ``{"words": [{"text", "start_s", "end_s", "start", "end", "sentence", "speaker"}]}``."""
    rows = [{**asdict(word), "start_s": round(word.start_s, 6), "end_s": round(word.end_s, 6)} for word in words]
    for row in rows:
        del row["probability"]
    return json.dumps({"words": rows}, indent=1, ensure_ascii=False) + "\n"


WRITERS = {"srt": to_srt, "vtt": to_vtt, "json": to_json}
"""Format -> what writes it."""


def _text(caption: Caption) -> str:
    name = f"{caption.speaker}: " if caption.speaker else ""
    return "\n".join((name + caption.lines[0], *caption.lines[1:]))


def _cut(sentence: Sequence[Word]) -> list[tuple[int, int]]:
    """Where the captions of a sentence begin and end: few, alike in length, at the ends of clauses."""
    costs, starts = [0.0], [0]
    for end in range(1, len(sentence) + 1):
        best = (float("inf"), end - 1)
        for start in range(end - 1, -1, -1):
            cost = _cost(sentence, start, end)
            if cost >= _TOO_LONG and start < end - 1:
                break
            best = min(best, (costs[start] + cost, start))
        costs.append(best[0])
        starts.append(best[1])
    spans, end = [], len(sentence)
    while end:
        spans.append((starts[end], end))
        end = starts[end]
    return spans[::-1]


def _cost(sentence: Sequence[Word], start: int, end: int) -> float:
    """Of showing some words of a sentence at once."""
    words = [word.text for word in sentence[start:end]]
    fits = sum(len(word) + 1 for word in words) - 1 <= _LINES * LONGEST_LINE and len(_lines(words)) <= _LINES
    if not fits or sentence[end - 1].end_s - sentence[start].start_s > LONGEST_S:
        return _TOO_LONG
    empty = LONGEST_LINE * _LINES - sum(map(len, words)) - len(words) + 1
    within = end < len(sentence) and not words[-1].endswith(_CLAUSE_ENDS)
    return _EACH + empty**2 / 100 + _WITHIN_CLAUSE * within


def _lines(words: Sequence[str]) -> tuple[str, ...]:
    """Words on one line, or on two of about one length, the second the longer; a word too long for one is broken."""
    line = " ".join(words)
    if len(line) <= LONGEST_LINE:
        return (line,)
    breaks = [place for place in range(1, len(words)) if _fits(words[:place]) and _fits(words[place:])]
    if breaks:
        place = min(breaks, key=lambda place: _unevenness(words, place))
        return " ".join(words[:place]), " ".join(words[place:])
    return tuple(_wrapped(line))


def _fits(words: Sequence[str]) -> bool:
    return sum(map(len, words)) + len(words) - 1 <= LONGEST_LINE


def _unevenness(words: Sequence[str], place: int) -> float:
    first, second = len(" ".join(words[:place])), len(" ".join(words[place:]))
    return abs(first - second) + 2 * (first > second) - 12 * words[place - 1].endswith(_CLAUSE_ENDS)


def _wrapped(line: str) -> Iterator[str]:
    while len(line) > LONGEST_LINE:
        place = line.rfind(" ", 0, LONGEST_LINE + 1)
        place = place if place > 0 else LONGEST_LINE
        yield line[:place].strip()
        line = line[place:].strip()
    if line:
        yield line


def _time(seconds: float, sign: str) -> str:
    milliseconds = round(1000 * seconds)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{sign}{rest % 1000:03d}"
