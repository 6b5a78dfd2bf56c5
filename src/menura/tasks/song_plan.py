"""The plan of a song: sections, bars, chords, who plays, and where every line of words is sung."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import geometric_mean

import numpy as np

from menura.score.arranger.arrange import arrange
from menura.score.arranger.humanise import humanise
from menura.score.arranger.plan import Plan
from menura.score.arranger.progressions import Chords, progression
from menura.score.arranger.styles import STYLES as GROOVES
from menura.score.form import Section
from menura.score.harmony import parse_plan
from menura.score.instruments import expand
from menura.score.notes import Key, Track
from menura.score.roles import BASSES
from menura.score.steps.tokens import DRUMS
from menura.score.vocal import HELD, Ground, VocalLine, bars_of_line, rhythms
from menura.tasks.song_tune import GivenTune
from menura.text.lyrics import LyricSection
from menura.text.prompts import MOODS, STYLES, Understanding, understand
from menura.text.speech.syllables import Syllable

_LIFTS = {"verse": 0, "chorus": 4, "bridge": 3}
"""Semitones that a section lies above a verse."""
_ENERGY = {"intro": 0.35, "verse": 0.5, "chorus": 0.8, "bridge": 0.65, "instrumental": 0.7, "outro": 0.4}
_CHORDS_OF = {"intro": "verse", "instrumental": "chorus", "outro": "chorus"}
"""Whose chords a section has that has none of its own."""
_INTRO_BARS, _INSTRUMENTAL_BARS, _OUTRO_BARS = 4, 8, 4
_SUNG_BPM, _SUNG_IN_THREE_BPM = (72.0, 100.0), (88.0, 126.0)
"""Where nobody asks for a tempo: faster ones are hard to understand, slower ones make long lines; a bar in 3/4 has one
strong beat."""
_TYPED_BPM = re.compile(r"\d\s*(?:bpm|beats)", re.IGNORECASE)
_USUAL_PACE = 0.3
"""Where in a style's range of tempi."""
_JINGLE_BPM = range(66, 151, 2)
_JINGLE_TAIL_S, _JINGLE_SLACK = 1.5, 1.3
_STRINGS, _BOWED = 48, frozenset((40, 41, 42, 43, 44, 45))
_MOST_NOTES = 12
"""Of a line; longer ones are cut between words."""
_GENTLE = frozenset(("gentle", "sad", "calm", "dreamy", "mysterious", "dark"))
_IMITATION = re.compile(
    r"\b(?:in the (?:voice|style|manner) of|sung (?:by|like)|sounds? like|sing(?:s|ing)? like|voice of)\s+"
    r"(?P<who>(?!an?\b|the\b|my\b|some\b)[\w'’.-]+(?:\s+[A-Z][\w'’.-]+)*)",
    re.IGNORECASE,
)
_NAME = r"[A-Z][\w.-]+(?:\s+[A-Z][\w.-]+)*"
_IMITATION_OF = re.compile(
    rf"\b[Ii]m(?:it|person)at(?:e|es|ing)\s+(?P<who>{_NAME})|\b[Ll]ike\s+(?P<singer>{_NAME})\s+(?:sings?|would|does)\b"
    rf"|\b(?P<owner>{_NAME})['’]s\s+(?:voice|style|singing)\b"
)
_A_SONG = r"(?i:song|ballad|track|tune|hit|number|anthem|hymn|lullaby|waltz|style|type|vibe)"
_AN = r"(?:^|\b(?i:an?|the|some)\s+)"
_OTHERS = r"[\s-]+(?:[\w-]+\s+){0,2}?"
_FULL_NAME = r"[A-Z][\w.'’-]*(?:\s+(?:&\s+)?[A-Z][\w.'’-]*)+"
_OF_A_PERSON = re.compile(
    rf"\b(?i:by|as|feat\.?|featuring)\s+(?P<full>{_FULL_NAME})"
    rf"|^(?:(?!\babout\b).)*?\b(?i:like|à la|a la)\s+(?P<like>{_NAME})"
    rf"|(?:^|\b{_A_SONG}\s+)(?i:by)\s+(?P<by>{_NAME})"
    rf"|{_AN}(?P<before>{_FULL_NAME}){_OTHERS}{_A_SONG}\b"
)
_OF_ONE_NAME = re.compile(rf"{_AN}([A-Z]\w+){_OTHERS}{_A_SONG}\b")
"""A name is told by its capitals: there is no list of singers."""


@dataclass(frozen=True)
class SungLine:
    """A line of words.

    Attributes:
        text: as written.
        syllables: with their phonemes.
        place: where it is sung.
    """

    text: str
    syllables: tuple[Syllable, ...]
    place: VocalLine


@dataclass(frozen=True)
class SongPlan:
    """A song decided on.

    Attributes:
        groove: name of the band's style.
        roles: role in the band -> program; empty where nobody plays.
        ground: chords, key, metre, tempo, and the compass of the voice.
        sections: in order.
        lines: that are sung.
        said: what the prompt was taken to say.
        given: the notes of each line, where the melody was given.
    """

    groove: str
    roles: Mapping[str, int]
    ground: Ground
    sections: tuple[Section, ...]
    lines: tuple[SungLine, ...]
    said: Understanding
    given: tuple[np.ndarray, ...] = ()

    @property
    def bars(self) -> int:
        return sum(section.bars for section in self.sections)

    @property
    def band_plan(self) -> Plan:
        """What the band is told; its chords stay under the voice."""
        metres = [self.ground.metre] * self.bars
        energy = [_ENERGY[section.name] for section in self.sections for _ in range(section.bars)]
        ceiling = int(np.clip(self.ground.compass[0] + 12, 60, 74))
        return Plan(
            self.ground.chords, metres, self.sections, energy, self.ground.bpm, self.roles or {"comp": 0}, ceiling
        )

    def band(self, seed: int) -> tuple[Track, ...]:
        """What is played under the voice, by hands."""
        if not self.roles:
            return ()
        style, plan = GROOVES[self.groove], self.band_plan
        tracks = (humanise(track, plan, style, seed) for track in arrange(plan, style, seed))
        return tuple(track for track in tracks if len(track.notes))

    def swung(self, track: Track) -> Track:
        """The voice in the band's swing."""
        return humanise(track, self.band_plan, GROOVES[self.groove], 0, amount=0)


@dataclass(frozen=True, kw_only=True)
class SongOptions:
    """What was asked outside the prompt; None where nothing was."""

    key: str | None
    bpm: float | None
    metre: tuple[int, int] | None
    groove: str | None
    chords: str | None
    instruments: Sequence[str]
    jingle_s: float | None
    has_band: bool
    compass: tuple[int, int]
    tune: GivenTune | None = None


def plan_song(
    prompt: str,
    words: Sequence[tuple[LyricSection, Sequence[tuple[str, Sequence[Syllable]]]]],
    options: SongOptions,
    seed: int,
) -> SongPlan:
    """Decide everything but the notes.

    Args:
        prompt: a sentence about the song.
        words: sections, each with its lines and their syllables.
        options: they win over the prompt.
        seed: of what is left open.

    Raises:
        ValueError: the prompt or an option cannot be met; one line.
    """
    refuse_imitation(prompt)
    said = understand(prompt)
    groove = _groove(options, said)
    style = GROOVES[groove]
    tune = options.tune
    metre = tune.metre if tune else options.metre or said.metre or style.metres[0]
    rng = np.random.default_rng((seed, 16))
    bpm = (
        options.bpm
        or (tune and tune.theme.bpm)
        or _said_bpm(prompt, said, metre)
        or _usual_bpm(style.bpm, said.mood, metre)
    )
    parts = (lambda *line: [line]) if tune else _in_parts
    cut = [(section, [part for line in lines for part in parts(*line)]) for section, lines in words]
    if options.jingle_s:
        bpm = _jingle_bpm(cut, metre, options)
    ground = Ground([], Key(0, "major"), metre, bpm, options.compass)
    sections, places = _laid_out(cut, ground, options)
    named = [name for name in (options.instruments or said.instruments) if name != "voice"]
    roles = _roles(groove, named, said) if options.has_band else {}
    mode = said.mode or next((MOODS[name].mode for name in said.mood if MOODS[name].mode), None)
    key = Key.parse(options.key) if options.key else said.key or _usual_key(mode or "major", options.compass, rng)
    key = tune.theme.key if tune else key
    places[-1] = replace(places[-1], place=replace(places[-1].place, ends=True))
    last_onset = 0 if tune else _last_onset(places, ground)
    if options.chords:
        try:
            loop = parse_plan(options.chords)
        except ValueError as error:
            raise ValueError(f"chords: {error}") from None
        chords = [loop[bar % len(loop)] for bar in range(sum(one.bars for one in sections))]
    elif tune:
        chords = tune.chords(sections, key)
    else:
        harmonic = [Section(_CHORDS_OF.get(one.name, one.name), one.start, one.bars) for one in sections]
        chords = progression(groove, key, harmonic, seed)
        _come_home(chords, last_onset, places[-1].place.end, ground.bar)
    ground = Ground(chords, key, metre, bpm, options.compass)
    given = tune.notes([line.place for line in places], ground) if tune else ()
    return SongPlan(groove, roles, ground, tuple(sections), tuple(places), said, given)


def _last_onset(lines: Sequence[SungLine], ground: Ground) -> int:
    try:
        return int(rhythms([line.place for line in lines], ground)[-1][-1, 0])
    except ValueError as error:
        raise ValueError(f"lyrics: a line is too long: {error}; hold fewer syllables") from None


def _come_home(chords: Chords, onset: int, end: int, bar: int) -> None:
    """Have the tonic's chord, which is the last of all, from where the last note begins till the line's end."""
    home = chords[-1][1]
    first, within = divmod(onset, bar)
    before = chords[first][0] if 2 * within >= bar else home
    chords[first : end // bar] = [(before, home), *[(home, home)] * (end // bar - first - 1)]


def refuse_imitation(prompt: str) -> None:
    """No real singer is imitated by name.

    Raises:
        ValueError: one is asked for, or what is written as a name is.
    """
    found = _IMITATION.search(prompt) or _IMITATION_OF.search(prompt)
    who = next(filter(None, found.groupdict().values())) if found else _name(_OF_A_PERSON, prompt)
    if who and not any(word.lower() in STYLES for word in who.split()):
        raise ValueError(
            f"prompt: nobody is imitated by name, {who[:40]!r} neither; describe the sound, as 'a warm low "
            f"voice, slow soul', or name one of `menura voices`; where it is a theme, write 'about {who[:40]}'"
        )


def single_name(prompt: str) -> str:
    """A word like Adele in "an Adele song", which is a singer or what the song is about; empty where there is none."""
    return _name(_OF_ONE_NAME, prompt)


def _name(pattern: re.Pattern[str], prompt: str) -> str:
    """What a pattern finds, if prompts know no word of it."""
    found = pattern.search(prompt)
    who = next(filter(None, found.groups()), "") if found else ""
    unknown = {word.strip(".,'’") for word in understand(prompt).unused} if who else set()
    return who if all(word.strip(".,'’") in unknown or word == "&" for word in who.split()) else ""


def stresses(syllables: Sequence[Syllable]) -> tuple[float, ...]:
    """Of the notes of some syllables: 1 stressed, 0.5 less so, 0 not, and `HELD`."""
    found: list[float] = []
    for one in syllables:
        marks = "".join(one.nucleus)
        found += [1.0 if "ˈ" in marks else 0.5 if "ˌ" in marks else 0.0, *[HELD] * (one.notes - 1)]
    return tuple(found)


def _groove(options: SongOptions, said: Understanding) -> str:
    groove = options.groove or said.groove
    if groove is not None:
        if groove not in GROOVES:
            raise ValueError(f"groove: no band plays {groove[:40]!r}; it plays {', '.join(sorted(GROOVES))}")
        return groove
    if (options.metre or said.metre) == (3, 4):
        return "waltz"
    if "folk" in said.style:
        return "country"
    return "pop" if said.mood and not _GENTLE.intersection(said.mood) else "ballad"


def _said_bpm(prompt: str, said: Understanding, metre: tuple[int, int]) -> float | None:
    """A tempo that was typed, or that of a word as far as it can be sung."""
    if said.bpm is None or _TYPED_BPM.search(prompt):
        return said.bpm
    return float(np.clip(said.bpm, *(_SUNG_IN_THREE_BPM if metre == (3, 4) else _SUNG_BPM)))


def _usual_bpm(of_style: tuple[int, int], moods: Sequence[str], metre: tuple[int, int]) -> float:
    low, high = of_style
    factor = geometric_mean([MOODS[name].bpm_factor for name in moods]) if moods else 1.0
    limits = _SUNG_IN_THREE_BPM if metre == (3, 4) else _SUNG_BPM
    return float(round(np.clip((low + _USUAL_PACE * (high - low)) * factor, *limits)))


def _jingle_bpm(words: Sequence[tuple[LyricSection, Sequence]], metre: tuple[int, int], options: SongOptions) -> float:
    """The tempo at which all of it lasts about as long as asked."""
    assert options.jingle_s is not None
    wanted_s = options.jingle_s - _JINGLE_TAIL_S
    lasting = []
    for bpm in _JINGLE_BPM:
        ground = Ground([], Key(0, "major"), metre, bpm, options.compass)
        sections, _ = _laid_out(words, ground, options)
        lasting.append((ground.seconds(ground.bar) * sum(one.bars for one in sections), bpm))
    lasts_s, bpm = min(lasting, key=lambda one: abs(one[0] - wanted_s))
    if lasts_s > wanted_s * _JINGLE_SLACK:
        raise ValueError(
            f"jingle: these words take {lasts_s + _JINGLE_TAIL_S:.0f} s at least; give more, or fewer words"
        )
    return float(bpm)


def _laid_out(
    words: Sequence[tuple[LyricSection, Sequence[tuple[str, Sequence[Syllable]]]]], ground: Ground, options: SongOptions
) -> tuple[list[Section], list[SungLine]]:
    """Sections and lines in their places."""
    is_short = options.jingle_s is not None
    names = [section.name for section, _ in words]
    sections: list[Section] = []
    lines: list[SungLine] = []

    def add(name: str, bars: int) -> int:
        start = sum(one.bars for one in sections)
        first = next((one.start for one in sections if one.name == name), None)
        sections.append(Section(name, start, bars, first))
        return start

    if names[0] != "intro":
        add("intro", 1 if is_short or not options.has_band else _INTRO_BARS)
    for section, own in words:
        if not own:
            if options.has_band and not is_short:
                add(section.name, _INSTRUMENTAL_BARS if section.name == "instrumental" else _INTRO_BARS)
            continue
        if options.tune:
            spans = options.tune.spans([len(stresses(syllables)) for _, syllables in own], section.name)
        else:
            each = max(bars_of_line(stresses(syllables), ground) for _, syllables in own)
            spans = [(number * each, (number + 1) * each) for number in range(len(own))]
        start = add(section.name, spans[-1][1])
        for number, ((text, syllables), (first, last)) in enumerate(zip(own, spans, strict=True)):
            lift, closes = _LIFTS.get(section.name, 2), number == len(own) - 1
            marks = stresses(syllables)
            begin, end = (start + first) * ground.bar, (start + last) * ground.bar
            place = VocalLine(section.name, number, len(own), begin, end, marks, lift, closes)
            lines.append(SungLine(text, tuple(syllables), place))
    if names[-1] != "outro" and options.has_band:
        add("outro", 1 if is_short else _OUTRO_BARS)
    return sections, lines


def _in_parts(text: str, syllables: Sequence[Syllable]) -> list[tuple[str, Sequence[Syllable]]]:
    """A line as it is sung: cut between words where it has more notes than one breath carries."""
    count = sum(one.notes for one in syllables)
    starts = [place for place, one in enumerate(syllables) if one.is_first and place]
    if count <= _MOST_NOTES or not starts:
        return [(text, syllables)]
    words = text.split()
    before = np.cumsum([0, *(one.notes for one in syllables)])

    def price(place: int) -> float:
        number = sum(one.is_first for one in syllables[:place])
        ends_clause = 0 < number <= len(words) and words[number - 1][-1] in ",;:.!?—–"
        return abs(int(before[place]) - count / 2) - 4 * ends_clause

    place = min(starts, key=price)
    number = sum(one.is_first for one in syllables[:place])
    first, last = " ".join(words[:number]), " ".join(words[number:])
    return [*_in_parts(first, syllables[:place]), *_in_parts(last, syllables[place:])]


def _roles(groove: str, named: Sequence[str], said: Understanding) -> dict[str, int]:
    """Who plays what: those who are named, else the style's own players."""
    left_out = {player.program for heard in said.heard for name in heard.without for player in expand(name)}
    no_drums = any("drum" in name for heard in said.heard for name in heard.without)
    usual = {
        role: program
        for role, program in GROOVES[groove].programs.items()
        if not (no_drums if role == "drums" else program in left_out)
    }
    if not named:
        return usual
    players = [DRUMS if player.is_drum else player.program for name in named for player in expand(name)]
    roles: dict[str, int] = {}
    if DRUMS in players:
        roles["drums"] = GROOVES[groove].programs.get("drums", 0)
    bowed = [program for program in players if program in _BOWED]
    if len(bowed) > 1:
        players = [program for program in players if program not in _BOWED]
        roles["pad"] = _STRINGS
    basses = [program for program in players if program in BASSES]
    if basses:
        roles["bass"] = basses[0]
    rest = [program for program in dict.fromkeys(players) if program not in (DRUMS, *BASSES)]
    free = [role for role in ("comp", "comp2", "pad") if role not in roles]
    return roles | dict(zip(free, rest, strict=False))


def _usual_key(mode: str, compass: tuple[int, int], rng: np.random.Generator) -> Key:
    """A key of few signs whose tonic lies low in the voice's compass."""
    tonics = [(compass[0] + above) % 12 for above in range(2, 8)]
    fitting = [tonic for tonic in tonics if abs(Key(tonic, mode).fifths) <= 3]
    return Key(int(rng.choice(fitting or tonics)), mode)
