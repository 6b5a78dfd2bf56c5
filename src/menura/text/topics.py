"""Chapters of what was said: they begin after long pauses and where other words come up.

Hearst 1997, "TextTiling: Segmenting Text into Multi-paragraph Subtopic Passages": blocks of words before and after each
sentence are compared; the deeper the valley between two places where they are alike, the likelier it parts two topics.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from menura.text.transcript import Transcript

_BLOCK_WORDS = 100
_LEAST_S = 60.0
_LEAST_SCORE = 0.5
_LONG_PAUSE_S = 3.0
_LONGEST_TITLE = 60
_LONGEST_COMMON = 3
"""Words of so many letters are of no topic."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Chapter:
    """A part about one topic.

    Attributes:
        title: its first words.
        start_s, end_s: seconds.
    """

    title: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class _Sentence:
    text: str
    start_s: float
    end_s: float


def chapters(transcript: Transcript) -> list[Chapter]:
    """The chapters, from the beginning of the sound to its end, none shorter than a minute; none of silence."""
    sentences = _sentences(transcript)
    if not sentences:
        return []
    scores = _scores(sentences)
    starts = [0]
    for place in sorted(scores, key=lambda place: -scores[place]):
        edges = [0.0, *(sentences[start].start_s for start in starts[1:]), transcript.duration_s]
        is_far = all(abs(sentences[place].start_s - edge_s) >= _LEAST_S for edge_s in edges)
        if scores[place] >= _LEAST_SCORE and is_far:
            starts.append(place)
    starts.sort()
    times = [0.0, *(sentences[start].start_s for start in starts[1:]), transcript.duration_s]
    return [Chapter(_title(sentences[start].text), *span) for start, span in zip(starts, pairwise(times), strict=True)]


def _sentences(transcript: Transcript) -> list[_Sentence]:
    """Sentences where the times of words are known, else segments."""
    found = []
    for _, group in groupby(transcript.words(), key=lambda word: word.sentence):
        words = list(group)
        found.append(_Sentence(" ".join(word.text for word in words), words[0].start_s, words[-1].end_s))
    if found:
        return found
    return [_Sentence(one.text.strip(), one.start_s, one.end_s) for one in transcript.segments if one.text.strip()]


def _scores(sentences: Sequence[_Sentence]) -> dict[int, float]:
    """Number of a sentence -> how likely a chapter begins with it: of 0 to about 3."""
    words = [[word for word in _WORD.findall(one.text.lower()) if len(word) > _LONGEST_COMMON] for one in sentences]
    places = range(1, len(sentences))
    alike = [_alike(_block(reversed(words[:place])), _block(words[place:])) for place in places]
    return {
        place: _depth(alike, place - 1)
        + min((sentences[place].start_s - sentences[place - 1].end_s) / _LONG_PAUSE_S, 1.0)
        for place in places
    }


def _block(sentences: Iterable[Sequence[str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for words in sentences:
        if counts.total() >= _BLOCK_WORDS:
            break
        counts.update(words)
    return counts


def _alike(before: Counter[str], after: Counter[str]) -> float:
    """The cosine of the angle between two counts of words, of 0 to 1."""
    shared = sum(count * after[word] for word, count in before.items())
    lengths = (math.sqrt(sum(count**2 for count in counts.values())) for counts in (before, after))
    return shared / (math.prod(lengths) or 1.0)


def _depth(alike: Sequence[float], place: int) -> float:
    """How far the likeness climbs on both sides of a place before it falls again."""

    def climb(values: Iterable[float]) -> float:
        highest = alike[place]
        for value in values:
            if value < highest:
                break
            highest = value
        return highest - alike[place]

    return climb(reversed(alike[:place])) + climb(alike[place + 1 :])


def _title(text: str) -> str:
    """The first words, as many as a list of chapters has room for."""
    title = ""
    for word in text.split():
        if title and len(title) + 1 + len(word) > _LONGEST_TITLE:
            return f"{title.rstrip('.,;:')}…"
        title = f"{title} {word}".strip()
    return title[:_LONGEST_TITLE].rstrip(".,;:")
