"""Writing: a form, and for every line of it the best of many that are in metre and rhyme."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from menura.text.verse.grammar import ANY, SMALL, Grammar, Line
from menura.text.verse.lexicon import Theme, about, of_person, themes
from menura.text.verse.metre import measured, rhymes
from menura.text.verse.model import word_model
from menura.text.words import word_set

THEMES = tuple(name for name in themes() if name not in ("all", "bright", "dark"))
USUAL_FORM = ("verse", "chorus", "verse", "chorus", "bridge", "chorus")
SECTIONS = ("intro", "verse", "chorus", "bridge", "instrumental", "outro")
_MOST_SECTIONS = 24
_DRAWN = 220
_TRIES = 3
_BEST = 40
_USUAL_THEMES = ("love", "road", "morning", "dream", "night")
_BRIGHT = word_set(
    "happy hopeful bright joyful joy cheerful glad merry upbeat celebration party fun sunny hope uplifting playful"
)
_DARK = word_set(
    "sad dark lonely sorrow sorrowful melancholy gloomy grief mournful lament blues tragic bitter somber loss tears"
)
_ABOUT = re.compile(r"\b(?:about|of|for|to|on)\b([^,.;]*)", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_BIRTHDAY = re.compile(
    r"^(?=.*\bbirthday\b).*\bfor\s+(?:(?:my|our|dear|little|friend|son|daughter)\s+)*((?-i:[A-Z]\w+))",
    re.IGNORECASE | re.DOTALL,
)
_NOT_TOPICS = word_set(
    "the a an my our your his her its and or of to in on with about for some any this that all one two three four song "
    "ballad folk rock pop jazz waltz voice female male woman man singer guitar piano strings band slow fast minute "
    "minutes seconds style minor major key tempo bpm little big old new good great very who what where when how i you "
    "he she it we they me him us them is are was were be been being not no so bars choir drums bass words lyrics tune "
    "melody verse chorus country punk friend friends day metal hip hop soft loud gentle warm "
    "having going back from into over"
)
_METRES = ((8, 6, 8, 6), (8, 8, 8, 8), (8, 7, 8, 7), (7, 7, 7, 7), (6, 6, 8, 6))
_VERSES = (
    ("SCENE", "AND", "ME", "SO"),
    ("WHEN", "ME", "SCENE", "TURN"),
    ("SCENE", "AND", "YOU", "US"),
    ("YOU", "HAVE", "WHEN", "US"),
    ("ME", "SO", "SCENE", "AND"),
    ("WHEN", "YOU", "ME", "SO"),
    ("SCENE", "AND", "HAVE", "TURN"),
    ("SCENE", "HAVE", "WHEN", "ME"),
    ("ME", "SO", "WHEN", "US"),
    ("SCENE", "TURN", "WHEN", "YOU"),
)
_ASKING = ("will you", "oh won't", "who knows", "what if", "oh what", "but who")
_SENTENCES = 0.65
"""How often a title is one."""
_BRIDGES = (("WILD", "ALSO", "ME", "ALSO"), ("WILD", "ALSO", "WHEN", "US"), ("HAVE", "ALSO", "WHEN", "ME"))
_LIKELIHOOD, _FAULT, _OF_THEME, _TOPIC, _HEARD, _FRAME, _NOISE = 0.5, 2.0, 0.35, 0.8, 0.4, 1.5, 0.5
"""What a line is chosen by: nats a word, faults of metre, phrases of the theme and of what no theme has, words
and frames heard before, chance."""


@dataclass(frozen=True)
class Verse:
    """Words of a song.

    Attributes:
        title: the words that return in the chorus.
        sections: name and lines of each; without lines where only the band plays.
        scheme: for each section, a letter a line: the same letter rhymes, "-" rhymes with nothing.
        syllables: for each section, how many each line was to have.
    """

    title: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    scheme: tuple[str, ...]
    syllables: tuple[tuple[int, ...], ...]

    def __str__(self) -> str:
        return "\n\n".join("\n".join((f"[{name}]", *lines)) for name, lines in self.sections) + "\n"


def write_verse(theme: str, form: Sequence[str] = USUAL_FORM, seed: int = 0, syllables: Sequence[int] = ()) -> str:
    """Simple English verse about a theme, under tags as ``[verse]``.

    Args:
        theme: what it is about, in words; those that no theme of ours knows are taken as things to sing of.
        form: sections in order: verse, chorus, bridge, intro, instrumental, outro (the last three have no words).
        seed: the same gives the same words.
        syllables: of the four lines of a verse, 4 to 10 each; empty: drawn.

    Raises:
        ValueError: a section or a number of syllables is not one of those.
    """
    return str(compose(theme, form, seed, syllables))


def compose(theme: str, form: Sequence[str] = USUAL_FORM, seed: int = 0, syllables: Sequence[int] = ()) -> Verse:
    """`write_verse` with its title, rhymes and syllables."""
    unknown = next((name for name in form if name not in SECTIONS), None)
    if unknown is not None:
        raise ValueError(f"form: {unknown[:20]!r} is no section; use {', '.join(SECTIONS)}")
    if not 1 <= len(form) <= _MOST_SECTIONS:
        raise ValueError(f"form: {len(form)} sections; a song has 1 to {_MOST_SECTIONS}")
    if syllables and (len(syllables) != 4 or not all(4 <= count <= 10 for count in syllables)):
        raise ValueError(f"syllables: {list(syllables)} are not four numbers from 4 to 10")
    return _Writer(theme, seed, tuple(syllables)).written(form)


@dataclass
class _Writer:
    theme: str
    seed: int
    syllables: tuple[int, ...]
    _heard: Counter[str] = field(default_factory=Counter)
    _ends: set[str] = field(default_factory=set)
    _lines: set[str] = field(default_factory=set)
    _frames: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng((self.seed, *self.theme.encode()))
        words = _WORD.findall(self.theme.lower())
        born = _BIRTHDAY.search(self.theme)
        self._name = born[1] if born else ""
        self._topic = "" if born else _topic_of(self.theme)
        main = _themes_of(self.theme, self._rng) + ([about(self._topic)] if self._topic else [])
        main += [of_person(self._name)] if born else []
        moods = [name for name, known in (("bright", _BRIGHT), ("dark", _DARK)) if known.intersection(words)]
        self._grammar = Grammar(main, [themes()[name] for name in ("all", *moods[:1])])
        metre = _METRES[int(self._rng.integers(len(_METRES)))]
        self._verse_metre = self.syllables or metre
        self._couplets = bool(self._rng.random() < 0.35)

    def written(self, form: Sequence[str]) -> Verse:
        plans = [_VERSES[place] for place in self._rng.permutation(len(_VERSES)).tolist()]
        bridges = [_BRIDGES[place] for place in self._rng.permutation(len(_BRIDGES)).tolist()]
        title, chorus = self._chorus()
        sections, schemes, counts = [], [], []
        of_metre = self._verse_metre
        verse_scheme = "aabb" if self._couplets else "-a-a"
        for name in form:
            lines: tuple[str, ...] = ()
            scheme, metre = "", ()
            if name == "chorus":
                lines, scheme, metre = chorus, "-a-a", self._chorus_metre
            elif name == "verse":
                kinds = plans[0]
                plans = [*plans[1:], plans[0]]
                lines, scheme, metre = self._stanza(kinds, of_metre, verse_scheme), verse_scheme, of_metre
            elif name == "bridge":
                kinds = bridges[0]
                bridges = [*bridges[1:], bridges[0]]
                metre = (8, 6, 8, 6) if of_metre[0] != 8 or of_metre[1] != 6 else (6, 6, 8, 6)
                lines, scheme = self._stanza(kinds, metre, "-a-a"), "-a-a"
            sections.append((name, lines))
            schemes.append(scheme)
            counts.append(metre)
        return Verse(title, tuple(sections), tuple(schemes), tuple(counts))

    def _chorus(self) -> tuple[str, tuple[str, ...]]:
        """The title, and four lines of which the first and the third are it."""
        long = self._verse_metre[0]
        self._chorus_metre = (6, 6, 6, 6) if long > 7 and self._rng.random() < 0.4 else (8, 6, 8, 6)
        if long == 7:
            self._chorus_metre = (7, 7, 7, 7)
        first, answer = ("HOOK", "WITH") if self._rng.random() < _SENTENCES else ("NAME", "FOR")
        if self._name:
            first, answer = "CHEER", "WITH"
        (hook,) = self._best([first], self._chorus_metre[:1])
        second, fourth = self._best([answer, answer], self._chorus_metre[1::2])
        lines = tuple(self._with_name(line) for line in _signed([hook, second, hook, fourth]))
        return self._with_name(_capital(hook.text)), lines

    def _with_name(self, line: str) -> str:
        return re.sub(rf"\b{self._name}\b", self._name, line, flags=re.IGNORECASE) if self._name else line

    def _stanza(self, kinds: Sequence[str], metre: Sequence[int], scheme: str) -> tuple[str, ...]:
        found: list[Line | None] = [None] * len(kinds)
        for letter in dict.fromkeys(scheme):
            places = [place for place, own in enumerate(scheme) if own == letter]
            for group in [[place] for place in places] if letter == "-" else [places]:
                chosen = self._best([kinds[place] for place in group], [metre[place] for place in group])
                for place, line in zip(group, chosen, strict=True):
                    found[place] = line
        return _signed([line for line in found if line is not None])

    def _best(self, kinds: Sequence[str], metre: Sequence[int]) -> tuple[Line, ...]:
        """One line, or two that rhyme."""
        for attempt in range(2 * _TRIES):
            if attempt == _TRIES:  # of any kind, and ending as lines before
                kinds = [ANY] * len(kinds)
                self._ends.clear()
            pools = [
                self._ranked(kind, length, _DRAWN * (attempt + 1)) for kind, length in zip(kinds, metre, strict=True)
            ]
            pairs = [pair for pair in _together(pools) if len({line.text for _, line in pair}) == len(pair)]
            if pairs:
                best = max(pairs, key=lambda pair: sum(score for score, _ in pair))
                for _, line in best:
                    self._note(line)
                return tuple(line for _, line in best)
        raise ValueError(f"theme: no lines of {' and '.join(map(str, metre))} syllables were found; try another seed")

    def _ranked(self, kind: str, length: int, count: int) -> list[tuple[float, Line]]:
        found = self._grammar.lines(kind, length, count, self._rng)
        scored = []
        for line in found:
            if line.text in self._lines or line.words[-1] in self._ends:
                continue
            heard = sum(self._heard[word] for word in line.words if word not in SMALL)
            score = _LIKELIHOOD * word_model().fluency(line.words) - _FAULT * line.fault
            score += (
                _TOPIC * (self._topic in line.words)
                + _OF_THEME * min(line.of_theme, 3)
                - _HEARD * heard
                - _FRAME * self._frames[line.frame]
            )
            scored.append((score + _NOISE * float(self._rng.standard_normal()), line))
        return sorted(scored, key=lambda one: -one[0])

    def _note(self, line: Line) -> None:
        self._lines.add(line.text)
        self._ends.add(line.words[-1])
        self._heard.update(word for word in line.words if word not in SMALL)
        self._frames[line.frame] += 1


def _together(pools: Sequence[list[tuple[float, Line]]]) -> list[tuple[tuple[float, Line], ...]]:
    """The best lines of one pool, or the pairs of two that rhyme."""
    if len(pools) == 1:
        return [(one,) for one in pools[0][:1]]
    by_rhyme: dict[tuple[str, ...], list[tuple[float, Line]]] = {}
    for one in pools[1]:
        by_rhyme.setdefault(measured(one[1].words[-1]).rhyme or (), []).append(one)
    pairs = []
    for one in pools[0]:
        others = by_rhyme.get(measured(one[1].words[-1]).rhyme or (), [])[:_BEST]
        pairs += [(one, other) for other in others if rhymes(one[1].words[-1], other[1].words[-1])]
    return pairs


def _known() -> dict[str, str]:
    """The themes by the words that ask for them."""
    return {key: name for name in THEMES for key in themes()[name].keys}


def _themes_of(prompt: str, rng: np.random.Generator) -> list[Theme]:
    """The themes that a prompt's words ask for, two at most."""
    known = _known()
    asked: list[str] = []
    for part in (" ".join(_ABOUT.findall(prompt)), prompt):  # what it is about goes before how it is to be
        words = [word if word in known else word.removesuffix("s") for word in _WORD.findall(part.lower())]
        asked = asked or list(dict.fromkeys(known[word] for word in words if word in known))[:2]
    return [themes()[name] for name in asked or [_USUAL_THEMES[int(rng.integers(len(_USUAL_THEMES)))]]]


def _topic_of(prompt: str) -> str:
    """What a song is about, where no theme knows it: the last word after "about"; empty where it is none."""
    known = _known()
    for part in _ABOUT.findall(prompt):
        words = _WORD.findall(re.split(r"\b(?:with|in|on|at|and|who|that)\b", part.lower())[0])
        word = words[-1] if words else ""
        one = word if word.endswith("ss") else word.removesuffix("s")
        if len(one) > 2 and word not in _NOT_TOPICS and not {word, one} & known.keys() and measured(one).stresses:
            return one
    return ""


def _signed(lines: Sequence[Line]) -> tuple[str, ...]:
    """Lines with capitals, and with a full stop after every second."""
    return tuple(_capital(line.text) + _sign(line, place % 2 == 0) for place, line in enumerate(lines))


def _sign(line: Line, goes_on: bool) -> str:
    return "?" if line.frame.startswith(_ASKING) else "," if goes_on else "."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
