"""Lines of verse drawn from a grammar (grammar.txt), each with as many syllables as asked, in metre."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np

from menura.text.verse.lexicon import Theme
from menura.text.verse.metre import fault, measured
from menura.text.words import word_set

_FILE = Path(__file__).parent / "grammar.txt"
SMALL = word_set(
    "the a an and or but of in on at to by for from with as if so than that i you he she it we me him her us my your "
    "our is am are be will no so there's i'll i'm i'd you'd we'll let's"
)
"""Words that a song may have any number of."""
_LONGEST = 12
_OF_THEME = 3.0
_SAME = "="
ANY = "ANY"
"""Lines that stand alone, of all kinds."""
_STAND_ALONE = ("SCENE", "ME", "YOU", "HAVE", "US")


@dataclass(frozen=True)
class Phrase:
    """What may stand in a slot.

    Attributes:
        words: in small letters, without signs.
        syllables: how many they have.
        weight: how often it is drawn.
        is_of_theme: rather than of all themes.
    """

    words: tuple[str, ...]
    syllables: int
    weight: float = 1.0
    is_of_theme: bool = False


@dataclass(frozen=True)
class Line:
    """A line of verse.

    Attributes:
        text: without a capital and a sign at its end.
        words: in small letters.
        frame: the rule it came from.
        fault: of its metre, a syllable.
        of_theme: how many of its phrases the theme has.
    """

    text: str
    words: tuple[str, ...]
    frame: str
    fault: float
    of_theme: int


@cache
def rules() -> Mapping[str, Sequence[str]]:
    """Frames of lines by what they are for."""
    rows = [line for line in _FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    kinds = {name: frames.split(" | ") for name, _, frames in (row.partition(" = ") for row in rows)}
    return kinds | {ANY: [frame for name in _STAND_ALONE for frame in kinds[name]]}


class Grammar:
    """The lines that themes allow.

    Args:
        main: the themes asked for; their phrases are preferred.
        others: what goes with any of them.
    """

    def __init__(self, main: Sequence[Theme], others: Sequence[Theme]):
        self._slots: dict[str, list[Phrase]] = {}
        for themes, is_main in ((main, True), (others, False)):
            for theme in themes:
                for symbol, texts in theme.phrases.items():
                    weight = (_OF_THEME if is_main else 1.0) / len(texts) ** 0.5  # one of few is drawn more often
                    self._slots.setdefault(symbol, []).extend(_phrase(text, weight, is_main) for text in texts)
        self._fitting: dict[tuple[str, bool], dict[int, tuple[list[Phrase], list[float], np.ndarray]]] = {}
        self._known_ways: dict[tuple[str, int], list[set[int]] | None] = {}

    def lines(self, kind: str, syllables: int, count: int, rng: np.random.Generator) -> list[Line]:
        """Lines of a kind, drawn at random; as many at most."""
        frames = [frame for frame in rules()[kind] if self._ways(frame, syllables)]
        if not frames:
            return []
        found: dict[str, Line] = {}
        for place in rng.integers(len(frames), size=count).tolist():
            line = self._drawn(frames[place], syllables, rng)
            if line is not None:
                found.setdefault(line.text, line)
        return list(found.values())

    def _ways(self, frame: str, length: int) -> list[set[int]] | None:
        """For each place of a frame, with how many syllables left a line may come there; None: it cannot be so long."""
        if (frame, length) not in self._known_ways:
            tokens = frame.split()
            ways: list[set[int]] = [set() for _ in tokens] + [{0}]
            for place in range(len(tokens) - 1, -1, -1):
                for left in range(1, length + 1):
                    if any(left - taken in ways[place + 1] for taken in self._options(tokens[place], left)):
                        ways[place].add(left)
            self._known_ways[frame, length] = ways if length in ways[0] else None
        return self._known_ways[frame, length]

    def _options(self, token: str, left: int) -> dict[int, tuple[list[Phrase], list[float], np.ndarray]]:
        """The phrases of a slot that are in metre there, by length, with their faults and sums of weights."""
        symbol = token.strip(",").lstrip(_SAME)
        key = (symbol, left % 2 == 1)
        if key not in self._fitting:
            by_length: dict[int, tuple[list[Phrase], list[float]]] = {}
            phrases = (
                self._slots.get(symbol, []) if symbol.isupper() and len(symbol) > 1 else [_phrase(symbol, 1, False)]
            )
            for phrase in phrases:
                bad = fault(phrase.words, left + _LONGEST)  # of the same parity
                if bad is not None:
                    kept, faults = by_length.setdefault(phrase.syllables, ([], []))
                    kept.append(phrase)
                    faults.append(bad)
            self._fitting[key] = {
                length: (kept, faults, np.array(list(accumulate(phrase.weight for phrase in kept))))
                for length, (kept, faults) in by_length.items()
            }
        return self._fitting[key]

    def _drawn(self, frame: str, left: int, rng: np.random.Generator) -> Line | None:
        tokens, length = frame.split(), left
        ways = self._ways(frame, left)
        assert ways is not None
        texts: list[str] = []
        drawn: dict[str, Phrase] = {}
        bad, of_theme = 0.0, 0
        for place, token in enumerate(tokens):
            options = self._options(token, left)
            lengths = [one for one in options if left - one in ways[place + 1]]
            if token.startswith(_SAME):
                phrase = drawn[token.strip(",").lstrip(_SAME)]
                if phrase.syllables not in lengths:
                    return None
            else:
                sums = list(accumulate(float(options[one][2][-1]) for one in lengths))
                chosen = options[lengths[int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))]]
                at = int(np.searchsorted(chosen[2], rng.random() * chosen[2][-1], side="right"))
                phrase = chosen[0][at]
                if phrase in drawn.values() and phrase.syllables > 1:
                    return None
                bad += chosen[1][at]
                drawn[token.strip(",")] = phrase
            of_theme += phrase.is_of_theme
            texts.append(" ".join(phrase.words) + ("," if token.endswith(",") else ""))
            left -= phrase.syllables
        text = _with_articles(" ".join(texts))
        words = tuple(text.replace(",", "").split())
        if _SAME not in frame and len({*words} - SMALL) < sum(word not in SMALL for word in words):
            return None
        if any(one == other for one, other in pairwise(words)):
            return None
        return Line(text, words, frame, bad / length, of_theme) if measured(words[-1]).rhyme is not None else None


def _phrase(text: str, weight: float, is_of_theme: bool) -> Phrase:
    words = tuple(word if word.startswith("I'") or word == "I" else word.lower() for word in text.split())
    return Phrase(words, sum(len(measured(word.lower()).stresses) for word in words), weight, is_of_theme)


def _with_articles(text: str) -> str:
    return re.sub(r"\ba(?= [aeiou])", "an", text)
