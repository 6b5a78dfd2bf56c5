"""Song: words in, a song out: melody, voice and band, as notes and as sound."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from PIL import Image
from pydantic import Field, model_validator

from menura import files, kinds
from menura.audio import Audio, write
from menura.audio.pictures import save_png
from menura.files import slug, suffixed, write_beside
from menura.models.contract import SpeechVocoder, Synthesizer
from menura.progress import Progress, aside, warn
from menura.score import midi
from menura.score.arranger.progressions import LEADS, Chords
from menura.score.arranger.styles import STYLES as GROOVES
from menura.score.lead_sheet import lead_sheet
from menura.score.musicxml import to_musicxml
from menura.score.notes import DURATION, ONSET, PITCH, Key, KeyMark, Marker, Metre, Score, Tempo, Text, Track
from menura.score.piano_roll import piano_roll
from menura.score.theme import theme_of
from menura.score.vocal import harmony, melody
from menura.tasks.arrange import read_metre
from menura.tasks.inputs import LexiconInput, NotesInput, SoundFontInput, TextInput, as_text
from menura.tasks.limits import MOST_SUNG_CHARACTERS, MOST_SUNG_S
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.singing import Manner
from menura.tasks.song_band import played
from menura.tasks.song_mix import Band, Mix, Part, Seat, mixed
from menura.tasks.song_plan import SongOptions, SongPlan, plan_song, refuse_imitation, single_name
from menura.tasks.song_tune import GivenTune
from menura.tasks.song_voice import Line, Singer, Vocal, words_of
from menura.tasks.task import Category, Task, offers
from menura.tasks.voiced import InVoice, warn_of_language
from menura.tasks.voices import mixture, voices_of
from menura.text.captions import Word, captions, srt
from menura.text.lyrics import read_sections, to_lrc
from menura.text.speech.hyphenation import hyphenate
from menura.text.speech.normalise import Language
from menura.text.speech.syllables import Syllable, read_lyrics
from menura.text.verse import write_verse
from menura.text.writers import ass

_COMPASS = {"female": (54, 71), "male": (45, 62)}
"""Where voices of this kind are understood best, and do not grow rough."""
_WOMEN = frozenset(("female", "woman", "women", "girl", "soprano", "alto", "she", "her", "vrouw", "frau"))
_MEN = frozenset(("male", "man", "men", "boy", "tenor", "baritone", "bass", "he", "his", "mann"))
_VOICE_PROGRAM = 52
_VELOCITY = {1.0: 100, 0.5: 90, 0.0: 80}
_LYRIC_JOIN = "-"
_DOUBLE_CENTS, _DOUBLE_LATE_S, _DOUBLE_HZ = 7.0, 0.018, 5.1
_HARMONY, _DOUBLE = Seat(-5.0, 0.45), Seat(-9.0, -0.45)
_FULLER = "chorus"
_FORM = ("verse", "chorus", "verse", "chorus")
"""Of words that are written here; a jingle has the first two lines of a chorus."""


class Song(InVoice, Task):
    """Make a song of words: melody, voice and band.

    Words stand under [verse], [chorus], [bridge], [intro] and [instrumental], or in stanzas; hyphens cut a word, an
    underscore holds a syllable for a note more. The sentence says style, key, tempo, instruments, and a male or female
    voice; options win over it. Two runs with one seed give the same samples.
    """

    name: ClassVar[str] = "song"
    category: ClassVar[Category] = "Music"
    positional: ClassVar[tuple[str, ...]] = ("prompt",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Words": ("lyrics", "file", "write", "language", "lexicon"),
        "Music": (
            *(
                "melody",
                "key",
                "bpm",
                "metre",
                "chords",
                "groove",
                "instruments",
                "jingle",
                "instrumental",
                "a_cappella",
            ),
        ),
        "Voice": ("voice", "voice_file", "duet", "vibrato", "seed", "model", "vocoder", "device"),
        "Sound": ("stems", "picture", "rate", "loudness", "soundfont", "bits", "format", "output"),
    }

    prompt: Annotated[str, Field(max_length=2000, description="what song, in words")] = ""
    lyrics: Annotated[str, Field(max_length=MOST_SUNG_CHARACTERS, description="the words, or a .txt file of them")] = ""
    file: Annotated[TextInput | None, Field(description="a .txt file of the words")] = None
    write: Annotated[
        bool, Field(description="have simple English verse written about what the sentence says, in place of lyrics")
    ] = False
    language: Annotated[Language | None, Field(description="of the words (default: the voice's)")] = None
    lexicon: Annotated[LexiconInput | None, Field(description="a file of words with their pronunciations in IPA")] = (
        None
    )
    key: Annotated[str | None, Field(description="tonic and mode, as 'D minor'; default: one that suits the voice")] = (
        None
    )
    bpm: Annotated[float | None, Field(ge=40, le=200, description="quarter notes a minute")] = None
    metre: Annotated[
        str | None, Field(description="as 3/4 or 6/8", json_schema_extra=offers(("4/4", "3/4", "6/8")))
    ] = None
    chords: Annotated[
        str | None, Field(max_length=4000, description="a bar after the other, over and over, as 'Dm | G7 | C | %'")
    ] = None
    melody: Annotated[NotesInput | None, Field(description="a MIDI file whose melody is sung, once a verse")] = None
    groove: Annotated[
        str | None, Field(description="what the band plays, as reggae", json_schema_extra=offers(sorted(GROOVES)))
    ] = None
    instruments: Annotated[tuple[str, ...], Field(max_length=8, description="who plays, as 'guitar, strings'")] = ()
    jingle: Annotated[float | None, Field(ge=4, le=60, description="about so many seconds, all in all")] = None
    instrumental: Annotated[bool, Field(description="an instrument plays what would be sung")] = False
    a_cappella: Annotated[bool, Field(description="voices alone")] = False
    duet: Annotated[bool, Field(description="a second voice sings every other section")] = False
    vibrato: Annotated[float, Field(ge=0, le=4, description="times the usual depth of a third of a semitone")] = 0.7
    stems: Annotated[bool, Field(description="also write each voice and instrument alone")] = True
    picture: Annotated[bool, Field(description="also draw the notes, and the lead sheet")] = True
    rate: Annotated[int, Field(ge=24_000, le=96_000, description="samples a second")] = 44_100
    loudness: Annotated[float, Field(ge=-40, le=-6, description="integrated loudness, LUFS")] = -14.0
    soundfont: Annotated[
        SoundFontInput | None, Field(description="the .sf2 or .sf3 file that plays; default: as found")
    ] = None
    output: Annotated[Path | None, Field(description="stem of the files to write")] = None

    @model_validator(mode="before")
    @classmethod
    def _file_as_lyrics(cls, values: Any) -> Any:
        """Lyrics that are called as a text file is are that file's."""
        if isinstance(values, dict) and not values.get("file"):
            asked = as_text(values.get("lyrics"))
            if isinstance(asked, str) and "\n" not in asked and kinds.has_suffix(asked, kinds.TEXT):
                return {**values, "lyrics": "", "file": asked}
        return values

    def suffixes(self) -> tuple[str, ...]:
        return (
            *(".mid", ".musicxml", f".{self.format}", *([".png", ".sheet.png"] if self.picture else [])),
            *([] if self.instrumental else [".srt", ".ass", ".lrc"]),
            ".json",
        )

    def check(self) -> None:
        if self.instrumental and self.a_cappella:
            raise ValueError("a_cappella: without voices and instruments nothing is left; leave one out")
        if self.file is not None and self.lyrics.strip():
            raise ValueError("lyrics: they are given as text and as file; leave one out")
        if self.write and (self.file is not None or self.lyrics.strip()):
            raise ValueError("write: words are given as well; leave one out")
        if self.melody and (taken := [name for name in ("key", "metre", "jingle") if getattr(self, name)]):
            raise ValueError(f"{taken[0]}: with a melody it is the melody's; leave it out")
        refuse_imitation(self.prompt)
        if not (self.write or self.file):
            self._read()
        if self.key:
            try:
                Key.parse(self.key)
            except ValueError as error:
                raise ValueError(f"key: {error}") from None
        if self.metre:
            read_metre(self.metre)

    def run(self, models: Models, progress: Progress) -> Iterator[SongResult]:
        seed = self.seed or 0
        first, second, language = self._voices(models)
        if self.write and not language.startswith("en"):
            raise ValueError(f"write: verse is written in English alone, and {first} speaks {language}; give lyrics")
        words = aside(lambda: self._syllables(language))
        if self.language is None and not self.write:  # what is written is English
            warn_of_language(" ".join(self.lines()).replace("-", ""), language, "sung")
        gender = next((one.get("gender") for one in voices_of(models, self.model) if one["name"] == first), "female")
        if (name := single_name(self.prompt)) and name.lower() not in _WOMEN | _MEN:
            warn(f"{name!r} is taken as what the song is about; nobody is imitated by name")
        plan = plan_song(self.prompt, words, self._options(str(gender)), seed)
        if plan.ground.seconds(plan.bars * plan.ground.bar) > MOST_SUNG_S:
            raise ValueError(f"lyrics: the song would last longer than {MOST_SUNG_S // 60} minutes; leave verses out")
        progress.say(_told(plan, first))
        notes = plan.given or melody([line.place for line in plan.lines], plan.ground, seed)
        track = plan.swung(_track(notes, plan))
        score = self._score(track, plan, language, seed)
        band = None if self.a_cappella else self._played(score, plan, seed, progress)
        sung: dict[str, list[Part]] = {}
        shown: list[Word] = []
        if not self.instrumental:
            sung, shown = self._sung(models, (first, second, language), plan, notes, score, progress)
        progress.update(1, 1, "mixing")
        mix = mixed(sung, band, self.loudness, self.rate)
        about = {
            "voice": "" if self.instrumental else first,
            "key": str(plan.ground.key),
            "bpm": round(plan.ground.bpm, 2),
            "groove": plan.groove if plan.roles else "",
            "form": ", ".join(section.name for section in plan.sections),
            "words": len(shown),
            "seed": seed,
        }
        marks = [mark for line in plan.lines for mark in line.place.stresses]
        stresses = tuple(zip(np.concatenate(notes)[:, ONSET].tolist(), marks, strict=True))
        yield SongResult(score, mix, tuple(shown), plan.ground.chords, stresses, about, self)

    @cached_property
    def _given(self) -> str:
        return self.file.read() if self.file else self.lyrics

    def lines(self) -> list[str]:
        """The lines of words, in the order in which they are sung."""
        return [line for section in self._read() for line in section.lines]

    def _read(self) -> list:
        if self.write:
            written = write_verse(self.prompt, ("chorus",) if self.jingle else _FORM, self.seed or 0)
            return read_sections("\n".join(written.splitlines()[:3]) if self.jingle else written)
        try:
            return read_sections(self._given)
        except ValueError as error:
            raise ValueError(f"lyrics: {error}") from None

    def _syllables(self, language: Language) -> list:
        """Sections with the syllables of their lines."""
        lexicon = self.lexicon.read() if self.lexicon else None
        found = []
        for section in self._read():
            lines = []
            for line in section.lines:
                try:
                    _require_latin(line)
                    lines.append((line, read_lyrics(line, language, lexicon)))
                except ValueError as error:
                    raise ValueError(f"lyrics: {line[:40]!r}: {error}") from None
            found.append((section, lines))
        if not any(lines for _, lines in found):
            raise ValueError("lyrics: have no line of words; write some under [verse]")
        return found

    def _options(self, gender: str) -> SongOptions:
        compass = _COMPASS.get(gender, _COMPASS["female"])
        try:
            tune = GivenTune.of(theme_of(self.melody.read()), compass) if self.melody else None
        except ValueError as error:
            raise ValueError(f"melody: {error}") from None
        return SongOptions(
            key=self.key,
            bpm=self.bpm,
            metre=read_metre(self.metre) if self.metre else None,
            groove=self.groove,
            chords=self.chords,
            instruments=self.instruments,
            jingle_s=self.jingle,
            has_band=not self.a_cappella,
            compass=compass,
            tune=tune,
        )

    def _voices(self, models: Models) -> tuple[str, str, Language]:
        """Who sings, who joins in, and in which language."""
        said = {word.strip(".,;:!?'’\"") for word in self.prompt.lower().split()}
        asked = self.voice
        rows = voices_of(models, self.model)
        if asked is None and self.own_voice is None and said & (_WOMEN | _MEN):
            wanted = "female" if said & _WOMEN else "male"
            fits = [
                row["name"]
                for row in rows
                if row.get("gender") == wanted and self.language in (None, row.get("language"))
            ]
            asked = fits[0] if fits else None
        task = self if asked is None else self.model_copy(update={"voice": asked})
        first, language = task.chosen(models, self.language)
        own = next((row.get("gender") for row in rows if row["name"] == first), "")
        others = [row["name"] for row in rows if row["name"] != first and row.get("language") == language]
        same = [name for name in others if next(row.get("gender") for row in rows if row["name"] == name) == own]
        return first, next(iter(same or others), first), language

    def _score(self, track: Track, plan: SongPlan, language: Language, seed: int) -> Score:
        starts = [Marker(section.start * plan.ground.bar, section.name) for section in plan.sections]
        texts: list[Text] = []
        place = 0
        for line in plan.lines:
            for text, held in _written(line.syllables, language):
                texts.append(Text(int(track.notes[place, ONSET]), "lyric", text))
                place += held
        return Score(
            (track, *plan.band(seed)),
            tempos=(Tempo(0, plan.ground.bpm),),
            metres=(Metre(0, *plan.ground.metre),),
            keys=(KeyMark(0, plan.ground.key),),
            markers=tuple(starts),
            title=" ".join(self.prompt.split()),
            texts=tuple(texts),
        )

    def _played(self, score: Score, plan: SongPlan, seed: int, progress: Progress) -> Band:
        """The instruments."""
        tracks = score.tracks[1:]
        if self.instrumental:
            lead = replace(score.tracks[0], program=LEADS.get(plan.groove, 73))
            tracks = (lead, *tracks)
        progress.update(0, 1, "the band")
        with self.soundfont.as_file() if self.soundfont else nullcontext() as path:
            return played(replace(score, tracks=tracks, texts=(), title=""), path, self.rate, self.stems, seed)

    def _sung(
        self,
        models: Models,
        voices: tuple[str, str, Language],
        plan: SongPlan,
        notes: Sequence[np.ndarray],
        score: Score,
        progress: Progress,
    ) -> tuple[dict[str, list[Part]], list[Word]]:
        """What the singers sing, and the words with their times."""
        synthesizer: Synthesizer = self.synthesizer(models)
        vocoder: SpeechVocoder = models.get(self.vocoder)
        hashes = models.weights_hash(self.model) + models.weights_hash(self.vocoder) + models.device
        hashes += self.voice_file.hash() if self.voice_file else ""
        first, second, language = voices

        def singer(name: str) -> Singer:
            speaker = mixture(name, synthesizer.voices).speaker(synthesizer)
            return Singer(synthesizer, vocoder, speaker, language, hashes, self.seed or 0)

        timed = _timed(notes, score)
        fuller = [number for number, line in enumerate(plan.lines) if line.place.section == _FULLER]
        second_sings = self._second_sings(plan) if self.duet else []
        by_first = [number for number in range(len(plan.lines)) if number not in second_sings]
        manner = Manner(vibrato=self.vibrato)
        jobs: list[tuple[str, str, Sequence[int], Manner, float, Seat]] = [
            ("voice", first, by_first, manner, 0.0, Seat())
        ]
        if second_sings:
            jobs.append(("second voice", second, second_sings, manner, 0.0, Seat()))
        if fuller:
            jobs.append(("harmony", second, fuller, manner, 0.0, _HARMONY))
            doubled = replace(manner, cents=_DOUBLE_CENTS, vibrato_hz=_DOUBLE_HZ)
            jobs.append(("double", first, fuller, doubled, _DOUBLE_LATE_S, _DOUBLE))
        total, count = sum(len(job[2]) for job in jobs), 0
        tracks: dict[str, list[Part]] = {}
        words: list[Word] = []
        for name, who, numbers, how, late_s, seat in jobs:
            own = [timed[number] + np.array([late_s, 0, 0]) for number in numbers]
            if name == "harmony":
                own = [self._second(timed[number], notes[number], plan) for number in numbers]
            syllables: list[Syllable] = [one for number in numbers for one in plan.lines[number].syllables]
            lines: list[Line] = []
            for line in Vocal(
                singer(who), np.concatenate(own), syllables, how, seat, self.rate, not seat.level_db
            ).lines():
                lines.append(line)
                count += 1
                progress.update(min(count, total), total, "singing")
            tracks[name] = [line.part for line in lines]
            if name in ("voice", "second voice"):
                words += words_of(lines, 1000 * len(tracks))
        words.sort(key=lambda word: word.start_s)
        return tracks, words

    @staticmethod
    def _second_sings(plan: SongPlan) -> list[int]:
        """Lines of every other verse or bridge."""
        found, section, start = [], 0, None
        for number, line in enumerate(plan.lines):
            if line.place.place == 0 and line.place.start != start and line.place.section != _FULLER:
                section, start = section + 1, line.place.start
            if line.place.section != _FULLER and section % 2 == 0:
                found.append(number)
        return found

    @staticmethod
    def _second(timed: np.ndarray, notes: np.ndarray, plan: SongPlan) -> np.ndarray:
        """The times of the lead with the notes of the second voice."""
        own = timed.copy()
        own[:, 2] = harmony(notes, plan.ground, plan.ground.compass[0] - 3)[:, 2]
        return own


@dataclass(frozen=True, eq=False, repr=False)
class SongResult(Shown):
    """A song.

    Attributes:
        score: its notes, the voice first, with the words.
        mix: its sound.
        words: with their times.
        halves: the chords of the halves of each bar.
        stresses: of each sung note its tick, before it is swung, and its stress as `VocalLine` has them.
        about: what to say of it.
        wanted: format, bits and which files to write.
    """

    score: Score
    mix: Mix
    words: tuple[Word, ...]
    halves: Chords
    stresses: Sequence[tuple[int, float]]
    about: Mapping[str, Any]
    wanted: Song
    name: str = ""

    @property
    def audio(self) -> Audio:
        """The mix."""
        return self.mix.audio

    def summary(self) -> Mapping[str, Any]:
        return {
            **self.about,
            "bars": len(self.score.bar_starts()),
            "notes": self.score.num_notes,
            "seconds": round(self.audio.duration_s, 2),
        }

    def image(self) -> Image.Image:
        return piano_roll(self.score, None, _chord_names(self.halves, self.score.keys[0].key))

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write notes, lead sheet, sound, captions, and if wanted picture and ``stem-stems/``: all of them or none."""
        return write_beside(stem, self._write, overwrite)

    def _write(self, stem: Path) -> Iterator[Path]:
        extension, bits = f".{self.wanted.format}", int(self.wanted.bits)
        midi.write(self.score, suffixed(stem, ".mid"))
        yield suffixed(stem, ".mid")
        files.write_bytes(suffixed(stem, ".musicxml"), to_musicxml(self.score, self.halves).encode())
        yield suffixed(stem, ".musicxml")
        write(self.audio, suffixed(stem, extension), bits=bits)
        yield suffixed(stem, extension)
        if self.wanted.picture:
            for picture, suffix in ((self.image(), ".png"), (lead_sheet(self.score, self.halves), ".sheet.png")):
                save_png(picture, suffixed(stem, suffix))
                yield suffixed(stem, suffix)
        if self.words:
            shown = captions(self.words)
            texts = {".srt": srt(shown), ".ass": ass(shown), ".lrc": to_lrc(self.words, self.score.title)}
            for suffix, text in texts.items():
                files.write_bytes(suffixed(stem, suffix), text.encode())
                yield suffixed(stem, suffix)
        if self.wanted.stems:
            for number, (name, audio) in enumerate(self.mix.stems.items(), start=1):
                path = suffixed(stem, "-stems") / f"{number:02d}-{slug(name)}{extension}"
                write(audio, path, bits=bits)
                yield path


def _require_latin(line: str) -> None:
    """Raises ValueError where a line is written in letters that no voice reads."""
    for letter in filter(str.isalpha, line):
        if "LATIN" not in unicodedata.name(letter, ""):
            raise ValueError(f"{letter!r} is of a script that no voice reads; write the words in Latin letters")


def _track(notes: Sequence[np.ndarray], plan: SongPlan) -> Track:
    """The voice as notes."""
    rows = []
    for line, own in zip(plan.lines, notes, strict=True):
        for (onset, length, pitch), stress in zip(own.tolist(), line.place.stresses, strict=True):
            rows.append((onset, length, pitch, _VELOCITY.get(stress, 80)))
    return Track("voice", _VOICE_PROGRAM, False, np.array(rows))


def _timed(notes: Sequence[np.ndarray], score: Score) -> list[np.ndarray]:
    """The notes of each line in seconds, as the band swings."""
    played = score.tracks[0].notes
    starts = score.seconds(played[:, ONSET])
    lengths = score.seconds(played[:, ONSET] + played[:, DURATION]) - starts
    rows = np.column_stack((starts, lengths, played[:, PITCH]))
    return np.split(rows, np.cumsum([len(one) for one in notes])[:-1])


def _written(syllables: Sequence[Syllable], language: Language) -> Iterator[tuple[str, int]]:
    """What stands under each syllable's first note, with a hyphen where its word goes on, and on how many notes."""
    place = 0
    while place < len(syllables):
        end = next((at for at in range(place + 1, len(syllables)) if syllables[at].is_first), len(syllables))
        word = syllables[place:end]
        is_cut = any(one.text for one in word[1:])
        pieces = [one.text for one in word] if is_cut else hyphenate(word[0].text, len(word), language)
        for number, (piece, one) in enumerate(zip(pieces, word, strict=True)):
            yield piece + (_LYRIC_JOIN if number + 1 < len(word) else ""), one.notes
        place = end


def _chord_names(chords: Chords, key: Key) -> tuple[str, ...]:
    names = []
    for halves in chords:
        symbols = list(dict.fromkeys(chord.symbol(key.fifths < 0) for chord in halves if chord))
        names.append(" ".join(symbols))
    return tuple(names)


def _told(plan: SongPlan, voice: str) -> str:
    form = ", ".join(section.name for section in plan.sections)
    played = f"; {plan.groove}" if plan.roles else ""
    return f"{form}; {plan.ground.key}, {plan.ground.bpm:g} bpm{played}; {voice} sings"
