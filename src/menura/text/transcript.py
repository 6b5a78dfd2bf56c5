"""What was said in a sound, and when: a transcript of segments, whose words may have times.

Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision": the fields are those of Whisper's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from menura.text.captions import Caption, Word
from menura.text.speech.sentences import split


@dataclass(frozen=True)
class Segment:
    """What was recognised as one piece.

    Attributes:
        id: its number, from 0.
        start_s, end_s: from the beginning of the sound, seconds.
        text: as the model wrote it, with the white space before it.
        tokens: those of the text, without those of times.
        temperature: at which they were drawn; 0 where the likeliest were taken.
        avg_logprob: mean of the tokens' logarithmic probabilities.
        compression_ratio: bytes of the text over bytes of it compressed; high where it repeats itself.
        no_speech_prob: probability of 0 to 1 that nothing was said.
        words: those of the text, with their times; empty where these were not asked for.
        speaker: who says it, where that was told.
        seek_s: where the window began in which it was heard, seconds.
        language: what was spoken, as that of a `Transcript`.
    """

    id: int
    start_s: float
    end_s: float
    text: str
    tokens: tuple[int, ...] = ()
    temperature: float = 0.0
    avg_logprob: float = 0.0
    compression_ratio: float = 1.0
    no_speech_prob: float = 0.0
    words: tuple[Word, ...] = ()
    speaker: str = ""
    seek_s: float = 0.0
    language: str = ""


@dataclass(frozen=True)
class Transcript:
    """All that was said.

    Attributes:
        text: that of all segments.
        language: a code of ISO 639-1, such as ``"en"``.
        duration_s: of the sound, seconds.
        segments: in order.
        sounds: what else is heard, as captions of it, in order; none where that was not asked for.
    """

    text: str
    language: str
    duration_s: float
    segments: tuple[Segment, ...]
    sounds: tuple[Caption, ...] = ()

    @classmethod
    def of(cls, segments: Iterable[Segment], language: str, duration_s: float) -> Transcript:
        """Segments in order as a transcript."""
        segments = tuple(segments)
        return cls("".join(segment.text for segment in segments).strip(), language, duration_s, segments)

    def words(self) -> list[Word]:
        """All words, with their places in `text` and their sentences numbered; none where no segment has any."""
        ends = [sentence.end for sentence in split(self.text)]
        found, place = [], 0
        for segment in self.segments:
            for word in segment.words:
                start = self.text.find(word.text, place)
                sentence = bisect_right(ends, max(start, place))
                speaker = word.speaker or segment.speaker
                place = start + len(word.text) if start >= 0 else place
                end = place if start >= 0 else -1
                found.append(replace(word, start=start, end=end, sentence=sentence, speaker=speaker))
        return found


def reworded(segment: Segment, text: str) -> Segment:
    """A segment that says something else, within its time.

    Words that stay keep their times; others share the time of those they replace, by their length, or what is free
    between their neighbours. A text without spaces, as in Japanese, is taken sign by sign.
    """
    text = " ".join(text.split())
    said = segment.text.strip()
    if text == said:
        return segment
    space = segment.text[: len(segment.text) - len(segment.text.lstrip())]
    old = segment.words
    changed = replace(segment, text=space + text, tokens=(), words=())
    if not old:
        return changed
    new = list(text) if len(old) > 1 and " " not in said + text else text.split()
    matcher = SequenceMatcher(None, [word.text for word in old], new, autojunk=False)
    words: list[Word] = []
    for kind, begin, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            words += old[begin:end]
            continue
        start_s = old[begin].start_s if begin < end else old[begin - 1].end_s if begin else segment.start_s
        end_s = old[end - 1].end_s if begin < end else old[end].start_s if end < len(old) else segment.end_s
        words += _spread(new[first:last], start_s, max(start_s, end_s))
    return replace(changed, words=tuple(words))


def _spread(texts: Sequence[str], start_s: float, end_s: float) -> Iterator[Word]:
    """Words one after another in a stretch, each as long as it has letters."""
    pace_s = (end_s - start_s) / max(sum(map(len, texts)), 1)
    for text in texts:
        end = start_s + pace_s * len(text)
        yield Word(text, start_s, end)
        start_s = end
