"""Instruments: General MIDI's 128 programs and its drum kit, their sounding ranges, and the names people give them."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from menura.score.notes import Track

FAMILIES = (
    "piano",
    "chromatic percussion",
    "organ",
    "guitar",
    "bass",
    "strings",
    "ensemble",
    "brass",
    "reed",
    "pipe",
    "synth lead",
    "synth pad",
    "synth effects",
    "ethnic",
    "percussive",
    "sound effects",
)
"""The 16 families of General MIDI, eight programs each; the drum kit counts as percussive."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One sound of General MIDI.

    Args:
        name: canonical lower-case name.
        program: General MIDI program, 0 to 127; 0 for the drum kit.
        is_drum: the drum kit (MIDI channel 10), whose pitches name drums.
        family: one of `FAMILIES`.
        low: lowest comfortable sounding pitch (MIDI note number).
        high: highest comfortable sounding pitch (MIDI note number).
        synonyms: other names for it, in several languages.
    """

    name: str
    program: int
    is_drum: bool
    family: str
    low: int
    high: int
    synonyms: tuple[str, ...]


# name, lowest pitch, highest pitch, synonyms; the place is the program, and every eight rows are a family
_PROGRAMS = (
    ("piano", 21, 108, "acoustic grand piano, acoustic piano, grand piano, pianoforte, klavier, keyboard, flügel"),
    ("bright piano", 21, 108, "bright acoustic piano, upright piano, pianino"),
    ("electric grand piano", 21, 108, "electric grand"),
    ("honky-tonk piano", 21, 108, "honky tonk, saloon piano, barrel piano"),
    ("electric piano", 28, 103, "electric piano 1, rhodes, fender rhodes, e piano, wurlitzer"),
    ("fm piano", 28, 103, "electric piano 2, dx7, digital piano"),
    ("harpsichord", 29, 89, "cembalo, clavecin, clavicembalo, clavecín, spinet, virginal, virginals"),
    ("clavinet", 28, 89, "clavi, clav, clavichord"),
    ("celesta", 60, 108, "celeste"),
    ("glockenspiel", 72, 108, "carillon"),
    ("music box", 60, 96, "spieluhr, spieldose"),
    ("vibraphone", 53, 89, "vibes, vibraphon"),
    ("marimba", 45, 96, "marimbaphon"),
    ("xylophone", 65, 108, "xylophon"),
    ("tubular bells", 60, 77, "bells, tubular bell, bell, church bells, chimes, glocken"),
    ("dulcimer", 48, 84, "hammered dulcimer, santur, santoor, cimbalom, hackbrett, zither"),
    ("drawbar organ", 36, 96, "hammond, hammond organ, electric organ"),
    ("percussive organ", 36, 96, "jazz organ"),
    ("rock organ", 36, 96, ""),
    ("church organ", 24, 96, "organ, pipe organ, orgel, orgue, organo, órgano, kirchenorgel, cathedral organ"),
    ("reed organ", 36, 96, "harmonium, pump organ"),
    ("accordion", 53, 89, "piano accordion, akkordeon, accordéon, acordeón, fisarmonica, squeezebox, concertina"),
    ("harmonica", 60, 84, "mouth organ, blues harp, mundharmonika"),
    ("bandoneon", 53, 89, "tango accordion, bandoneón"),
    (
        "nylon guitar",
        40,
        83,
        "guitar, classical guitar, spanish guitar, gitarre, guitare, guitarra, chitarra, lute, laute",
    ),
    (
        "steel guitar",
        40,
        84,
        "acoustic guitar, steel string guitar, folk guitar, western guitar, twelve string guitar, 12 string guitar",
    ),
    ("jazz guitar", 40, 86, "hollow body guitar"),
    ("electric guitar", 40, 86, "clean electric guitar, clean guitar, e gitarre, guitare électrique"),
    ("muted guitar", 40, 86, "muted electric guitar, palm muted guitar"),
    ("overdriven guitar", 40, 86, "overdrive guitar, rock guitar, lead guitar, crunch guitar"),
    ("distortion guitar", 40, 86, "distorted guitar, metal guitar, heavy guitar"),
    ("guitar harmonics", 40, 86, ""),
    ("acoustic bass", 28, 55, "acoustic bass guitar"),
    ("electric bass", 28, 55, "bass, bass guitar, fingered bass, finger bass, e bass, basse électrique"),
    ("picked bass", 28, 55, "pick bass"),
    ("fretless bass", 28, 55, "fretless"),
    ("slap bass", 28, 55, "slap bass 1"),
    ("popped bass", 28, 55, "slap bass 2"),
    ("synth bass", 28, 60, "synth bass 1, bass synth"),
    ("deep synth bass", 28, 60, "synth bass 2, sub bass"),
    ("violin", 55, 100, "fiddle, geige, violine, violon, violino, violín"),
    ("viola", 48, 88, "bratsche, alto violin, viole"),
    ("cello", 36, 76, "violoncello, violoncelle, violonchelo, celli"),
    ("double bass", 28, 60, "contrabass, upright bass, string bass, kontrabass, contrebasse, contrabasso, contrabajo"),
    ("tremolo strings", 28, 96, "tremolo"),
    ("pizzicato strings", 28, 96, "pizzicato, plucked strings"),
    ("harp", 24, 103, "orchestral harp, harfe, harpe, arpa"),
    ("timpani", 36, 57, "kettledrum, pauke, timbales, timpano"),
    ("string ensemble", 28, 96, "string section, string ensemble 1, string pad"),
    ("slow strings", 28, 96, "string ensemble 2, slow string ensemble"),
    ("synth strings", 28, 96, "synth strings 1, synthetic strings"),
    ("warm synth strings", 28, 96, "synth strings 2"),
    ("choir", 43, 81, "chorus, choir aahs, chor, choeur, coro, aahs"),
    (
        "voice",
        43,
        84,
        "voice oohs, vocal, singer, stimme, gesang, voix, voz, voce, soprano, mezzo, mezzo soprano, alto, tenor, "
        "baritone",
    ),
    ("synth voice", 43, 84, "synth choir, synth vox, vox"),
    ("orchestra hit", 36, 84, "orchestral hit"),
    ("trumpet", 54, 84, "trompete, trompette, trompeta, tromba, cornet, bugle, flugelhorn, flügelhorn"),
    ("trombone", 40, 72, "posaune, trombón"),
    ("tuba", 28, 58, "euphonium, sousaphone"),
    ("muted trumpet", 54, 82, "trumpet with mute"),
    ("french horn", 41, 77, "horn, waldhorn, hörner, corno, cor, trompa"),
    ("brass section", 36, 84, "brass ensemble, horn section"),
    ("synth brass", 36, 84, "synth brass 1"),
    ("warm synth brass", 36, 84, "synth brass 2"),
    ("soprano sax", 56, 87, "soprano saxophone, sopransaxophon"),
    ("alto sax", 49, 80, "alto saxophone, sax, saxophone, saxophon, saxofón, sassofono, altsaxophon"),
    ("tenor sax", 44, 75, "tenor saxophone, tenorsaxophon"),
    ("baritone sax", 36, 68, "baritone saxophone, bari sax, baritonsaxophon"),
    ("oboe", 58, 91, "hautbois, oboi, oboé"),
    ("english horn", 52, 81, "cor anglais, englischhorn, corno inglese"),
    ("bassoon", 34, 72, "fagott, basson, fagotto, fagot, dulcian, contrabassoon, double bassoon"),
    ("clarinet", 50, 91, "klarinette, clarinette, clarinetto, clarinete, bass clarinet"),
    ("piccolo", 74, 102, "piccolo flute, ottavino"),
    ("flute", 60, 96, "flöte, querflöte, flûte, flauto, flauta, transverse flute, floete"),
    ("recorder", 60, 96, "blockflöte, flûte à bec, flauto dolce, flauta dulce"),
    ("pan flute", 60, 96, "panpipe, pan pipe, panflöte, pan pipes"),
    ("blown bottle", 60, 96, ""),
    ("shakuhachi", 55, 84, "bamboo flute"),
    ("whistle", 60, 96, "tin whistle, penny whistle"),
    ("ocarina", 60, 84, "okarina"),
    ("square lead", 36, 96, "square wave, square synth, chip lead, pulse wave"),
    ("saw lead", 36, 96, "sawtooth lead, saw wave, synth, synthesizer, synthesiser, synth lead, sawtooth"),
    ("calliope lead", 36, 96, "calliope"),
    ("chiff lead", 36, 96, "chiff"),
    ("charang lead", 36, 96, "charang"),
    ("voice lead", 36, 96, "synth voice lead"),
    ("fifths lead", 36, 96, ""),
    ("bass lead", 24, 84, "bass and lead"),
    ("new age pad", 36, 96, "fantasia pad"),
    ("warm pad", 36, 96, "pad, synth pad, analogue pad, analog pad"),
    ("polysynth pad", 36, 96, "polysynth"),
    ("choir pad", 36, 96, "space voice"),
    ("bowed pad", 36, 96, "bowed glass, glass pad"),
    ("metallic pad", 36, 96, "metal pad"),
    ("halo pad", 36, 96, ""),
    ("sweep pad", 36, 96, ""),
    ("rain fx", 36, 96, "ice rain"),
    ("soundtrack fx", 36, 96, ""),
    ("crystal fx", 36, 96, ""),
    ("atmosphere fx", 36, 96, ""),
    ("brightness fx", 36, 96, ""),
    ("goblins fx", 36, 96, ""),
    ("echoes fx", 36, 96, "echo drops"),
    ("sci-fi fx", 36, 96, "star theme"),
    ("sitar", 48, 77, ""),
    ("banjo", 48, 84, "mandolin, ukulele"),
    ("shamisen", 50, 79, ""),
    ("koto", 55, 84, "guzheng"),
    ("kalimba", 55, 84, "thumb piano, mbira"),
    ("bagpipe", 48, 79, "bagpipes, dudelsack, cornemuse, gaita, cornamusa"),
    ("folk fiddle", 55, 96, "country fiddle, hardanger fiddle"),
    ("shanai", 48, 84, "shehnai"),
    ("tinkle bell", 72, 84, "sleigh bell"),
    ("agogo", 60, 84, "agogô, cowbell"),
    ("steel drums", 52, 84, "steelpan, steel pan"),
    ("woodblock", 60, 84, "wood block, temple block"),
    ("taiko", 36, 72, "taiko drum"),
    ("melodic tom", 36, 72, "tom tom"),
    ("synth drum", 36, 72, ""),
    ("reverse cymbal", 36, 84, ""),
    ("guitar fret noise", 36, 84, "fret noise"),
    ("breath noise", 36, 84, ""),
    ("seashore", 36, 84, ""),
    ("bird tweet", 36, 84, ""),
    ("telephone ring", 36, 84, ""),
    ("helicopter", 36, 84, ""),
    ("applause", 36, 84, ""),
    ("gunshot", 36, 84, ""),
)

_DRUM_SYNONYMS = (
    "drum, drum kit, drum machine, snare, snare drum, hi hat, hi hats, cymbals, drum set, drumkit, percussion, "
    "schlagzeug, batterie, batería, batteria"
)


def _split(names: str) -> tuple[str, ...]:
    return tuple(name for name in names.split(", ") if name)


INSTRUMENTS: tuple[Instrument, ...] = (
    *(
        Instrument(name, program, False, FAMILIES[program // 8], low, high, _split(synonyms))
        for program, (name, low, high, synonyms) in enumerate(_PROGRAMS)
    ),
    Instrument("drums", 0, True, "percussive", 35, 81, _split(_DRUM_SYNONYMS)),
)
"""Every instrument: the index is the General MIDI program, and 128 is the drum kit."""


def instrument_of(track: Track) -> Instrument:
    """What plays a track."""
    return INSTRUMENTS[128 if track.is_drum else track.program]


def track_names(tracks: Iterable[Track]) -> list[str]:
    """A name for each track, no two alike: its own, or its instrument's."""
    names: dict[str, None] = {}
    for track in tracks:
        plain = track.name or instrument_of(track).name
        name, count = plain, 1
        while name in names:
            count += 1
            name = f"{plain} {count}"
        names[name] = None
    return list(names)


_STRING_QUARTET = ("violin", "violin", "viola", "cello")

ENSEMBLES: dict[str, tuple[str, ...]] = {
    "string quartet": _STRING_QUARTET,
    "string trio": ("violin", "viola", "cello"),
    "string quintet": (*_STRING_QUARTET, "cello"),
    "string sextet": ("violin", "violin", "viola", "viola", "cello", "cello"),
    "string octet": (*_STRING_QUARTET, *_STRING_QUARTET),
    "string orchestra": (*_STRING_QUARTET, "double bass"),
    "strings": ("violin", "viola", "cello", "double bass"),
    "piano duet": ("piano", "piano"),
    "piano trio": ("piano", "violin", "cello"),
    "piano quartet": ("piano", "violin", "viola", "cello"),
    "piano quintet": ("piano", *_STRING_QUARTET),
    "clarinet quintet": ("clarinet", *_STRING_QUARTET),
    "flute quartet": ("flute", "violin", "viola", "cello"),
    "horn trio": ("french horn", "violin", "piano"),
    "wind trio": ("oboe", "clarinet", "bassoon"),
    "wind quintet": ("flute", "oboe", "clarinet", "bassoon", "french horn"),
    "woodwinds": ("flute", "oboe", "clarinet", "bassoon"),
    "brass": ("trumpet", "french horn", "trombone", "tuba"),
    "brass quartet": ("trumpet", "trumpet", "french horn", "trombone"),
    "brass quintet": ("trumpet", "trumpet", "french horn", "trombone", "tuba"),
    "brass band": ("trumpet", "trumpet", "french horn", "trombone", "tuba", "drums"),
    "sax quartet": ("soprano sax", "alto sax", "tenor sax", "baritone sax"),
    "recorder consort": ("recorder",) * 4,
    "satb": ("choir",) * 4,
    "orchestra": (
        *("flute", "oboe", "clarinet", "bassoon", "french horn"),
        *("trumpet", "violin", "viola", "cello", "double bass"),
    ),
    "chamber orchestra": ("flute", "oboe", "french horn", "violin", "violin", "viola", "cello", "double bass"),
    "baroque ensemble": ("recorder", "violin", "violin", "cello", "harpsichord"),
    "rock band": ("overdriven guitar", "electric guitar", "electric bass", "drums"),
    "jazz trio": ("piano", "double bass", "drums"),
    "jazz quartet": ("tenor sax", "piano", "double bass", "drums"),
    "jazz band": ("trumpet", "tenor sax", "trombone", "piano", "double bass", "drums"),
    "big band": (
        *("alto sax", "tenor sax", "baritone sax", "trumpet", "trumpet"),
        *("trombone", "jazz guitar", "piano", "double bass", "drums"),
    ),
    "marching band": ("piccolo", "clarinet", "trumpet", "trombone", "tuba", "drums"),
    "folk band": ("violin", "whistle", "accordion", "steel guitar"),
}
"""Groups of players by name, ten at most."""

_ENSEMBLE_SYNONYMS = {
    "string quartet": "streichquartett, quatuor à cordes, cuarteto de cuerdas, quartetto d archi",
    "string trio": "streichtrio",
    "string orchestra": "streichorchester",
    "strings": "streicher, cordes, archi, cuerdas",
    "piano duet": "piano four hands, piano duo, piano 4 hands, piano for four hands, four hand piano, "
    "four hands piano, 4 hand piano, 4 hands piano, klavier zu vier händen",
    "piano trio": "klaviertrio",
    "piano quartet": "klavierquartett",
    "piano quintet": "klavierquintett",
    "wind quintet": "woodwind quintet, bläserquintett",
    "woodwinds": "woodwind, winds, wind section, woodwind section, holzbläser, wind quartet, woodwind quartet",
    "brass": "brasses, blechbläser, cuivres, ottoni",
    "brass band": "brass ensemble with drums",
    "sax quartet": "saxophone quartet",
    "satb": "choral, satb choir, four part choir, soprano alto tenor bass, soprano alto tenor and bass",
    "orchestra": "orchestral, symphony orchestra, full orchestra, symphonic orchestra, orchester, orchestre, orquesta",
    "chamber orchestra": "kammerorchester, small orchestra",
    "rock band": "band",
    "big band": "swing band, bigband",
    "jazz band": "jazz combo, jazz ensemble, jazz quintet, jazz sextet",
}

DRUM_NAMES: dict[int, str] = dict(
    enumerate(
        _split(
            "acoustic bass drum, bass drum, side stick, acoustic snare, hand clap, electric snare, low floor tom, "
            "closed hi-hat, high floor tom, pedal hi-hat, low tom, open hi-hat, low-mid tom, high-mid tom, "
            "crash cymbal, high tom, ride cymbal, chinese cymbal, ride bell, tambourine, splash cymbal, cowbell, "
            "crash cymbal 2, vibraslap, ride cymbal 2, high bongo, low bongo, mute high conga, open high conga, "
            "low conga, high timbale, low timbale, high agogo, low agogo, cabasa, maracas, short whistle, "
            "long whistle, short guiro, long guiro, claves, high wood block, low wood block, mute cuica, open cuica, "
            "mute triangle, open triangle"
        ),
        start=35,
    )
)
"""General MIDI percussion: drum of each pitch, 35 to 81."""

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """Bring a name into the form in which names are compared: lower case, no accents, single spaces for hyphens."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.sub(r"[-_'’\s]+", " ", bare.translate(_LETTERS)).split())


def _names() -> dict[str, tuple[Instrument, ...]]:
    names: dict[str, tuple[Instrument, ...]] = {}
    for instrument in INSTRUMENTS:
        for name in (instrument.name, *instrument.synonyms):
            names[fold(name)] = (instrument,)
    for ensemble, members in ENSEMBLES.items():
        for name in (ensemble, *_split(_ENSEMBLE_SYNONYMS.get(ensemble, ""))):
            names[fold(name)] = tuple(names[member][0] for member in members)
    return names


_BY_NAME = _names()


def _singulars(name: str) -> Iterator[str]:
    """The forms a plural may come from: English and French -s, -es, Italian -i, German -n, -en."""
    for ending, singular in (("s", ""), ("es", ""), ("i", "o"), ("i", "e"), ("n", ""), ("en", "")):
        if name.endswith(ending):
            yield name[: -len(ending)] + singular


def lookup(name: str) -> tuple[Instrument, ...]:
    """The players that a name, synonym, plural or ensemble stands for; empty if it is none of these."""
    folded = fold(name)
    for candidate in (folded, *_singulars(folded)):
        if candidate in _BY_NAME:
            return _BY_NAME[candidate]
    return ()


def is_plural(name: str) -> bool:
    """Whether a name that `lookup` knows is known as the plural of another (``"flutes"``, not ``"strings"``)."""
    return fold(name) not in _BY_NAME and bool(lookup(name))


def expand(name: str) -> tuple[Instrument, ...]:
    """The players that an instrument's or an ensemble's name stands for (``"string quartet"``: four).

    Raises:
        ValueError: no instrument or ensemble has this name; the message gives the nearest.
    """
    players = lookup(name)
    if players:
        return players
    shown = name if len(name) <= 40 else name[:40] + "…"
    near = difflib.get_close_matches(fold(name[:80]), _BY_NAME, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "`menura instruments` lists them"
    raise ValueError(f"no instrument is called {shown!r}; {hint}")


def find(name: str) -> Instrument:
    """The instrument of a name, synonym or plural (``"Geige"``, ``"flutes"``), whatever its case and accents.

    Raises:
        ValueError: the name is unknown (the nearest are given) or that of an ensemble.
    """
    first, *others = expand(name)
    if others:
        members = ", ".join(player.name for player in (first, *others))
        raise ValueError(f"{name!r} is an ensemble ({members}), where one instrument is wanted")
    return first
