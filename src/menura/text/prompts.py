"""Prompts: a sentence about music, understood openly. Words become controls by tables; every word is accounted for.

`read_signs` finds what single phrases say; here the signs are settled into one set of controls: a number wins over a
tempo word, a metre over a dance's own, and contradictions are refused.
"""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from menura.score.instruments import fold, lookup
from menura.score.notes import Key
from menura.score.roles import BASSES
from menura.text.players import MAX_INSTRUMENTS
from menura.text.signs import read_signs
from menura.text.vocabulary import GROOVE_GUITARS, MOODS, STOP_WORDS, STYLES, Dance
from menura.text.words import Sign, Words, within, word_set

MAX_PROMPT_CHARS = 2000
BPM_RANGE = (20.0, 300.0)
BARS_RANGE = (1, 512)
DURATION_RANGE_S = (1.0, 1200.0)
METRE_NUMERATOR_RANGE = (1, 16)
METRE_DENOMINATORS = (1, 2, 4, 8, 16)

_OF_NYLON = word_set("nylon classical spanish lute konzertgitarre")
_LIST_WORDS = word_set(
    "and & + plus with und et y e con mit avec a an the another 1st 2nd 3rd first second third i ii iii 1 2 3"
)


@dataclass(frozen=True, slots=True)
class Match:
    """Words of a prompt as typed, and what they were taken to mean.

    Args:
        words: as typed.
        meanings: of each control that they set (a field of `Understanding`, or ``"tempo"`` for a pace in words) its
            name, and its value in words.
        without: instruments that they leave out.
    """

    words: str
    meanings: tuple[tuple[str, str], ...]
    without: tuple[str, ...] = ()

    @property
    def meaning(self) -> str:
        """All of it in words."""
        return ", ".join(meaning for _, meaning in self.meanings)


@dataclass(frozen=True, slots=True)
class Understanding:
    """The controls that a prompt asks for; None or empty where it says nothing.

    Args:
        key: tonic and mode.
        mode: ``"major"`` or ``"minor"`` where no tonic is named.
        bpm: quarter notes a minute, 20 to 300: as typed; else of the first tempo word; else of a dance, moods applied.
        metre: beats a bar (1 to 16) and the beat's unit (1, 2, 4, 8, 16).
        bars: length, 1 to 512.
        duration_s: length in seconds, 1 to 1200.
        instruments: canonical names (`menura.score.instruments`), one for each player, in order, at most 16.
        voices: of its texture, 2 to 4.
        style: weights of `STYLES`, summing to 1.
        groove: name of the band's style (`menura.score.arranger.styles`); the first that is said.
        mood: names from `MOODS`.
        density: 0 (sparse) to 1 (dense).
        form: ``"AABA"``, ``"ABA"``, ``"AB"``, ``"ABAC"``, ``"rondo"``, ``"strophic"`` or ``"through"``.
        heard: what was understood, in the prompt's order.
        unused: words that were not, without stop words.
    """

    key: Key | None = None
    mode: str | None = None
    bpm: float | None = None
    metre: tuple[int, int] | None = None
    bars: int | None = None
    duration_s: float | None = None
    instruments: tuple[str, ...] = ()
    voices: int | None = None
    style: dict[str, float] = field(default_factory=dict)
    groove: str | None = None
    mood: tuple[str, ...] = ()
    density: float | None = None
    form: str | None = None
    heard: tuple[Match, ...] = ()
    unused: tuple[str, ...] = ()


def understand(prompt: str) -> Understanding:
    """Read a sentence such as ``"a slow waltz for flute and piano in D minor, 90 bpm, 32 bars"``.

    Args:
        prompt: at most 2000 characters; English, and the commonest musical words of German, French, Italian, Spanish.

    Raises:
        ValueError: the prompt is too long, a number is out of range, or two of its parts contradict each other.
    """
    if len(prompt) > MAX_PROMPT_CHARS:
        raise ValueError(f"the prompt has {len(prompt)} characters; at most {MAX_PROMPT_CHARS} are read")
    words = Words(prompt)
    settler = _Settler(words, read_signs(words))
    return settler.settle()


def _family(name: str) -> str:
    player = lookup(name)[0]
    return "drums" if player.is_drum else "bass" if player.program in BASSES else player.family


def _beside(names: Iterable[str], band: Counter[str]) -> list[str]:
    """Names without the players that a band has, who are taken from it."""
    others = []
    for name in names:
        if band[_family(name)]:
            band[_family(name)] -= 1
        else:
            others.append(name)
    return others


class _Settler:
    """Signs of one prompt by kind, and the rules by which they become one value."""

    def __init__(self, words: Words, signs: list[Sign]) -> None:
        self.words = words
        self.signs = [self._unless_later(sign, signs[:place]) for place, sign in enumerate(signs)]
        self.signs = [self._as_in_the_band(sign) for sign in self.signs]

    def of(self, kind: str) -> list[Sign]:
        return [sign for sign in self.signs if sign.kind == kind]

    def _unless_later(self, sign: Sign, earlier: list[Sign]) -> Sign:
        """A sign, but ignored where it is what the piece changes to: ``from C major to G major``."""
        kinds = {"key", "mode"} if sign.kind in ("key", "mode") else {sign.kind} & {"bpm", "tempo", "metre"}
        is_later = self.words.before(sign.first) in ("to", "into") and any(one.kind in kinds for one in earlier)
        return replace(sign, kind="ignored") if is_later else sign

    def _as_in_the_band(self, sign: Sign) -> Sign:
        """A sign, its guitars those of the groove: a rock band's is no classical guitar, unless it is called one."""
        groove = next((one.value for one in self.of("groove")), None)
        guitar = GROOVE_GUITARS.get(groove or "")
        said = {self.words.text(place) for place in range(sign.first, sign.end)}
        if sign.kind not in ("instruments", "without") or guitar is None or said & _OF_NYLON:
            return sign
        return replace(sign, value=tuple(guitar if name == "nylon guitar" else name for name in sign.value))

    def single(self, what: str, said: Iterable[tuple[Any, Sign]]) -> Any:
        """The one value said, or None.

        Raises:
            ValueError: two different values are said.
        """
        first: tuple[Any, Sign] | None = None
        for value, sign in said:
            if first is None:
                first = (value, sign)
            elif value != first[0]:
                one, other = (self.words.shown(each.first, each.end) for each in (first[1], sign))
                raise ValueError(f"the prompt asks for two different {what}, {one!r} and {other!r}; keep one of them")
        return first[0] if first else None

    def one(self, kind: str, what: str) -> Any:
        return self.single(what, ((sign.value, sign) for sign in self.of(kind)))

    def settle(self) -> Understanding:
        key, mode = self.key()
        metre, bpm = self.metre(), self.bpm()
        bars, duration_s = self.bars(), self.one("duration", "durations")
        densities = [sign.value for sign in self.of("density")]
        style = self.style()
        return Understanding(
            key=key,
            mode=mode,
            bpm=bpm,
            metre=metre,
            bars=bars,
            duration_s=None
            if duration_s is None
            else within("the duration", duration_s, *DURATION_RANGE_S, " seconds"),
            voices=next((sign.value for sign in self.of("voices")), None),
            instruments=self.instruments(),
            style=style,
            groove=next((sign.value for sign in self.of("groove")), None),
            mood=tuple(dict.fromkeys(sign.value for sign in self.of("mood"))),
            density=sum(densities) / len(densities) if densities else None,
            form=self.one("form", "forms"),
            heard=self.heard(key, bpm, metre, style),
            unused=self.unused(),
        )

    def key(self) -> tuple[Key | None, str | None]:
        keys = self.of("key")
        tonic = self.single("keys", ((sign.value[0], sign) for sign in keys))
        said = [(sign.value[1], sign) for sign in keys if sign.value[1]]
        mode = self.single(
            "modes" if tonic is None else "keys", said + [(sign.value, sign) for sign in self.of("mode")]
        )
        return (None, mode) if tonic is None else (Key(tonic, mode or "major"), None)

    def bpm(self) -> float | None:
        bpm = self.one("bpm", "tempos")
        if bpm is not None:
            return within("the tempo", bpm, *BPM_RANGE, " bpm")
        for sign in self.of("tempo"):
            return sign.value
        for sign in self.of("dance"):
            factors = [MOODS[mood.value].bpm_factor for mood in self.of("mood")]
            factor = math.prod(factors) ** (1 / max(1, len(factors)))
            return float(round(min(max(sign.value.bpm * factor, BPM_RANGE[0]), BPM_RANGE[1])))
        return None

    def metre(self) -> tuple[int, int] | None:
        metre = self.one("metre", "metres")
        if metre is None:
            return next((sign.value.metre for sign in self.of("dance")), None)
        beats, unit = metre
        if not METRE_NUMERATOR_RANGE[0] <= beats <= METRE_NUMERATOR_RANGE[1] or unit not in METRE_DENOMINATORS:
            raise ValueError(f"a metre is 1 to 16 beats over 1, 2, 4, 8 or 16, not {beats:g}/{unit:g}")
        return int(beats), int(unit)

    def bars(self) -> int | None:
        # A twelve-bar blues is a form, whose choruses fill whatever length is asked besides.
        said = [(sign.value, sign) for sign in self.of("bars")]
        lengths = [one for one in said if self.words.then(one[1].end) != "blues"]
        bars = self.single("lengths", lengths or said)
        if bars is None:
            return None
        within("the length", bars, *BARS_RANGE, " bars")
        if bars != int(bars):
            raise ValueError(f"the length must be a whole number of bars, not {bars:g}")
        return int(bars)

    def instruments(self) -> tuple[str, ...]:
        """Players in order. Names side by side add up ("violin and violin"); said again elsewhere, or of those that a
        band has ("rock band with guitar, bass and drums"), they do not."""
        listed: list[list[str]] = []
        band: Counter[str] = Counter()
        last_end = -1
        for sign in self.of("instruments"):
            gap = {self.words.text(place) for place in range(last_end, sign.first)}
            if last_end < 0 or not gap <= _LIST_WORDS:
                listed.append([])
                band = Counter()
            listed[-1].extend(_beside(sign.value, band))
            if len(sign.value) > 1 and "drums" in sign.value:
                band = Counter(map(_family, sign.value))
            last_end = sign.end
        players: list[str] = []
        for names in listed:
            missing = Counter(names) - Counter(players)
            for name in names:
                if missing[name] > 0:
                    players.append(name)
                    missing[name] -= 1
        left_out = {name for sign in self.of("without") for name in sign.value}
        kept = tuple(name for name in players if name not in left_out)
        if players and not kept:
            raise ValueError("the prompt leaves out every instrument that it asks for")
        if len(kept) > MAX_INSTRUMENTS:
            raise ValueError(f"a piece has at most {MAX_INSTRUMENTS} instruments; the prompt asks for {len(kept)}")
        return kept

    def style(self) -> dict[str, float]:
        """Shares as said; styles named without one share the rest, equally."""
        said: dict[str, float | None] = {}
        for sign in self.of("style"):
            name, share = sign.value
            said[name] = share if said.get(name) is None else (said[name] or 0.0) + (share or 0.0)
        shared = sum(share for share in said.values() if share is not None)
        unsaid = [name for name, share in said.items() if share is None]
        rest = max(0.0, 1.0 - shared) / len(unsaid) if unsaid else 0.0
        weights = {name: rest if share is None else share for name, share in said.items()}
        return _normalised({name: weight for name, weight in weights.items() if weight > 1e-9})

    def heard(
        self, key: Key | None, bpm: float | None, metre: tuple[int, int] | None, style: dict[str, float]
    ) -> tuple[Match, ...]:
        meanings: dict[tuple[int, int], list[tuple[str, str]]] = {}
        has_pace = bool(self.of("bpm") or self.of("tempo"))
        for sign in self.signs:
            value, control = sign.value, sign.kind
            match sign.kind:
                case "key":
                    meaning = f"key {key}"
                case "mode":
                    control, meaning = "key", f"{value} mode"
                case "bpm":
                    meaning = f"{value:g} bpm"
                case "tempo":
                    meaning = f"{value:g} bpm" + (f", overruled by {bpm:g} bpm" if value != bpm else "")
                case "metre":
                    meaning = "{:g}/{:g}".format(*value)
                case "dance":
                    control, meaning = "metre", _dance_metre(value, metre)
                case "bars":
                    meaning = f"{value:g} bar" + "s" * (value != 1)
                case "duration":
                    control, meaning = "duration_s", f"{value:g} s"
                case "instruments":
                    meaning = ", ".join(value)
                case "without":
                    control, meaning = "instruments", f"no {', '.join(value)}"
                case "style":
                    meaning = f"style {value[0]} {style.get(value[0], 0.0):.0%}"
                case "ignored":
                    continue
                case kind:
                    meaning = f"{kind} {value}"
            said = meanings.setdefault((sign.first, sign.end), [])
            said.append((control, meaning))
            if sign.kind == "dance" and not has_pace and bpm is not None:
                said.append(("tempo", f"{bpm:g} bpm"))
        without = {(sign.first, sign.end): tuple(sign.value) for sign in self.of("without")}
        return tuple(
            Match(self.words.shown(*place), tuple(said), without.get(place, ())) for place, said in meanings.items()
        )

    def unused(self) -> tuple[str, ...]:
        used = {place for sign in self.signs if sign.kind != "ignored" for place in range(sign.first, sign.end)}
        left = (place for place in range(len(self.words)) if place not in used)
        return tuple(
            self.words.raw(place)
            for place in left
            if self.words.text(place) not in STOP_WORDS and self.words.raw(place)[-1].isalnum()
        )


def _dance_metre(dance: Dance, metre: tuple[int, int] | None) -> str:
    own = f"{dance.metre[0]}/{dance.metre[1]}"
    return own if metre in (None, dance.metre) else f"{own}, overruled by {metre[0]}/{metre[1]}"


def _normalised(weights: dict[str, float]) -> dict[str, float]:
    largest = max(weights.values(), default=1.0)
    scaled = {name: weight / largest for name, weight in weights.items()}  # first, for sums of huge weights overflow
    total = sum(scaled.values())
    return {name: weight / total for name, weight in scaled.items()}


def parse_style(text: str) -> dict[str, float]:
    """Read ``"schubert=0.7,game=0.3"`` into weights that sum to 1; a name alone weighs 1.

    Raises:
        ValueError: an unknown style (the nearest are given), one named twice, a weight that is no number or below
            zero, or no weight above zero.
    """
    if len(text) > MAX_PROMPT_CHARS:
        raise ValueError(f"the style has {len(text)} characters; at most {MAX_PROMPT_CHARS} are read")
    weights: dict[str, float] = {}
    for item in text.split(","):
        typed, equals, number = item.partition("=")
        name = fold(typed)
        if name not in STYLES:
            near = difflib.get_close_matches(name[:80], STYLES, n=3)
            hint = f"did you mean {', '.join(near)}?" if near else "`menura styles` lists them"
            raise ValueError(f"no style is called {typed.strip()[:40]!r}; {hint}")
        if name in weights:
            raise ValueError(f"the style {name!r} is given twice")
        weights[name] = _weight(item, number) if equals else 1.0
    if not any(weights.values()):
        raise ValueError(f"no style in {text!r} has a weight above zero")
    return _normalised({name: weight for name, weight in weights.items() if weight > 0})


def _weight(item: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not 0 <= weight < math.inf:
        raise ValueError(f"{item.strip()[:60]!r} is not a style and its weight; write one as 'schubert=0.7'")
    return weight
