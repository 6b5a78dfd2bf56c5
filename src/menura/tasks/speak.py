"""Speak: a text in, speech out, with the times of its words."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import islice
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field

from menura.audio import Audio
from menura.extras import is_there
from menura.files import slug
from menura.models.contract import SpeechVocoder, Synthesizer
from menura.progress import Progress, aside, warn
from menura.tasks.book import Audiobook, Narration, chapter_name
from menura.tasks.guard import Guard
from menura.tasks.inputs import DocumentInput, TableInput
from menura.tasks.limits import MOST_BOOK_CHARACTERS, MOST_CHARACTERS, MOST_ROWS, MOST_SPOKEN_S
from menura.tasks.models import Models
from menura.tasks.perform import output_stem
from menura.tasks.speech import SAMPLE_RATE_HZ, Manner, Part, joined, speak
from menura.tasks.task import Category, Stream, Task
from menura.tasks.utterances import Utterance, utterances
from menura.tasks.voiced import Speech, Voiced, warn_of_language
from menura.tasks.voices import check_voice
from menura.text.document import Document, plain
from menura.text.script import names, read_script
from menura.text.speech.markup import read_inline
from menura.text.speech.normalise import LANGUAGES, Language
from menura.text.speech.ssml import is_ssml, read_ssml

_COLUMN = re.compile(r"\{([^{}\n]{1,80})\}")
_MOST_NAMED = 8
_MOST_JUDGED = 400
_ALIGNER = "aligner"


def _voices(value: object) -> object:
    """``ANNA=heart,BEN=heart:0.6,fenrir:0.4`` as a mapping."""
    if not isinstance(value, str):
        return value
    found: dict[str, str] = {}
    name = ""
    for part in (part.strip() for part in value.split(",") if part.strip()):
        before, sign, after = part.partition("=")
        if sign:
            name = before.strip()
        if not name:
            raise ValueError(f"{part[:40]!r} names nobody, write it as ANNA=heart")
        found[name] = after.strip() if sign else f"{found[name]},{part}"
    return found


class Speak(Voiced, Task):
    """Speak a text: as sound, with the times of its words.

    The text may have pronunciations as [Menura](/mɛˈnʊɹə/) and pauses as [pause:0.5s], or be SSML. A voice is a name, a
    mixture as heart:0.6,fenrir:0.4, or random:7, one that nobody has. A script has a voice for every name before a
    colon; a table makes a file of each of its rows. A book is written as it is made, with its chapters, and goes on
    where a run of the same words was cut off. Two runs with one seed give the same samples.
    """

    name: ClassVar[str] = "speak"
    category: ClassVar[Category] = "Voice"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("text",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("file", "dialogue", "voices", "table", "template", "lexicon"),
        "How": (
            *("voice", "voice_file", "language", "speed", "pitch", "volume"),
            *("guard", "seed", "model", "vocoder", "device"),
        ),
        "Sound": ("captions", "chapters", "format", "bits", "picture", "output"),
    }

    text: Annotated[str, Field(max_length=MOST_CHARACTERS, description="what to say")] = ""
    file: Annotated[
        DocumentInput | None, Field(description="a .txt, .md, .html, .epub or .pdf file to say instead, a book perhaps")
    ] = None
    speed: Annotated[float, Field(ge=0.25, le=4, description="times as fast")] = 1.0
    pitch: Annotated[float, Field(ge=-12, le=12, description="semitones higher")] = 0.0
    volume: Annotated[float, Field(ge=-40, le=12, description="decibels louder than -19 LUFS")] = 0.0
    dialogue: Annotated[bool, Field(description="read lines of NAME: text, each name in a voice of its own")] = False
    voices: Annotated[
        dict[str, str] | None,
        BeforeValidator(_voices),
        Field(description="who has which voice in a dialogue, as ANNA=heart,BEN=fenrir"),
    ] = None
    guard: Annotated[
        bool, Field(description="listen to what is said, and say again, slower, what is not heard as it is written")
    ] = False
    table: Annotated[TableInput | None, Field(description="a .csv file with a row for every sound")] = None
    template: Annotated[
        str | None,
        Field(max_length=MOST_CHARACTERS, description="what to say for each row, as 'Welcome, {name}!'"),
    ] = None

    chapters: Annotated[
        Literal["marks", "files"],
        Field(description="a book's chapters: as marks in an m4b or mp3 file, or a file each"),
    ] = "marks"
    format: Annotated[  # pyright: ignore[reportIncompatibleVariableOverride]
        Literal["wav", "flac", "ogg", "opus", "mp3", "aiff", "m4b"],
        Field(description="of the sound file, m4b for a book; or name the output so, as x.flac"),
    ] = "wav"

    def names(self) -> tuple[str, ...]:
        if self.file and self.chapters == "files":
            document = self.file.read()
            return tuple(chapter_name(document, number) for number in range(len(document.chapters)))
        return tuple(name for name, _ in self._texts()) if self.table else ("",)

    def single(self) -> bool:
        return self.table is None and self.chapters == "marks"

    def seeded(self) -> Self:
        """A file that is spoken again has the seed that it had, so that what was cut off goes on."""
        if self.file and self.output and self.seed is None:
            drawn = int(hashlib.sha256(self.file.read().text.encode(errors="replace")).hexdigest()[:7], 16)
            return self.model_copy(update={"seed": drawn})
        return super().seeded()

    def check(self) -> None:
        given = [name for name in ("text", "file", "table") if getattr(self, name)]
        if not given:
            raise ValueError("text: is empty; give a text, a file or a table")
        if len(given) > 1:
            raise ValueError(f"{given[1]}: there is a {given[0]} too; leave one of them out")
        if bool(self.table) != bool(self.template):
            missing = "template" if self.table else "table"
            raise ValueError(f"{missing}: is needed, for a table and a template belong together")
        if self.table and (self.dialogue or self.voices):
            raise ValueError("dialogue: a table's rows have one voice; leave one of them out")
        if self.chapters == "files" and not self.file:
            raise ValueError("chapters: only a file has some")
        if self.format == "m4b" and self.table:
            raise ValueError("format: m4b is of books; a table's sounds are wav, flac, ogg, opus, mp3 or aiff")
        if self.text:
            _check_text(self.text, "text")

    def check_models(self, models: Models) -> None:
        super().check_models(models)
        for voice in (self.voices or {}).values():
            check_voice(models, self.model, voice, "voices", self.own_voice)

    def run(self, models: Models, progress: Progress) -> Iterator[Speech | Audiobook]:
        document = self._book()
        if document:
            yield from self._narrated(document, models, progress)
            return
        texts = list(self._texts())
        for number, (name, text) in enumerate(texts, start=1):
            what = f"speaking {number} of {len(texts)}" if len(texts) > 1 else "speaking"
            said, parts = self._spoken(text, models, progress, what)
            made = list(parts)
            samples = np.concatenate([part.samples for part in made])
            found = joined([word for part in made for word in part.words])
            about = {
                "voice": ", ".join(dict.fromkeys(one.voice for one in said if one.tokens)),
                "language": ", ".join(dict.fromkeys(one.language for one in said if one.tokens)),
                "sentences": len({one.sentence for one in said if one.tokens}),
                "words": len(found),
                "seed": self.seed or 0,
            }
            yield Speech(Audio(samples, SAMPLE_RATE_HZ), about, self, name, tuple(found))

    def stream(self, models: Models, progress: Progress) -> Stream:
        if self.table:
            raise ValueError("table: it makes several sounds, and only one is streamed; leave it out")
        ((_, text),) = self._texts()
        _, parts = self._spoken(text, models, progress, "speaking")
        return Stream(SAMPLE_RATE_HZ, 1, None, (part.samples[None] for part in parts))

    def _book(self) -> Document | None:
        """What is spoken, where it is written as it is made."""
        if self.table or not self.output:
            return None
        document = self.file.read() if self.file else plain(self.text)
        has_marks = self.format == "mp3" and len(document.chapters) > 1 and is_there("av")
        is_long = self.file is not None and len(document.text) > MOST_CHARACTERS
        return document if is_long or has_marks or self.format == "m4b" or self.chapters == "files" else None

    def _narrated(self, document: Document, models: Models, progress: Progress) -> Iterator[Audiobook]:
        stem, whose = output_stem(self), f"file: {self.file.name}" if self.file else "text"
        assert stem is not None
        if self.dialogue or self.voices:
            raise ValueError("dialogue: a book is read in one voice; leave it out")
        if self.picture:
            raise ValueError("picture: a book is not drawn; leave it out")
        _check_text(document.text, whose, MOST_BOOK_CHARACTERS)
        if is_ssml(document.text):
            raise ValueError(f"{whose}: SSML has no chapters and is spoken at once; write another format")
        synthesizer, vocoder = self.synthesizer(models), models.get(self.vocoder)
        voice, language = self.chosen(models, self._language(document, synthesizer))
        lexicon = self.lexicon.read() if self.lexicon else None
        guard = self._guard(models)

        def say(text: str, number: int) -> Iterator[Part]:
            said = aside(lambda: utterances(text, language, voice, lexicon=lexicon))
            manner = Manner(self.speed, self.pitch, self.volume, (self.seed or 0) + number)
            return speak(said, text, synthesizer, vocoder, manner, guard)

        about = {"voice": voice, "language": language, "seed": self.seed or 0}
        made_of = {
            **about,
            **{name: getattr(self, name) for name in ("speed", "pitch", "volume", "guard")},
            "lexicon": lexicon,
            "voice_file": self.voice_file and self.voice_file.hash(),
            "models": dict(models.used),
            "menura": version("menura"),
        }
        yield from Narration(document, self, stem, about, made_of).books(say, self.chapters == "files", progress)

    def _language(self, document: Document, synthesizer: Synthesizer) -> Language | None:
        """As asked, else of the voice that is asked for, else as the document says, where the model speaks it."""
        if self.language or self.voice or self.voice_file:
            return self.language
        said = document.language.lower().replace("_", "-")
        near: list[Language] = [one for one in LANGUAGES if one[:2] == said[:2] and one in synthesizer.languages]
        return min(near, key=lambda one: one != said) if near else None

    def _guard(self, models: Models) -> Guard | None:
        return Guard(models.get(_ALIGNER)) if self.guard else None

    def _texts(self) -> Iterator[tuple[str, str]]:
        """What is said: each with what is added to the name of its file."""
        if self.file:
            text = self.file.read().text
            if MOST_CHARACTERS < len(text) <= MOST_BOOK_CHARACTERS:
                raise ValueError(f"file: {self.file.name} is a book; name an output, and it is written as it is made")
            _check_text(text, f"file: {self.file.name}")
            yield "", text
        elif self.table:
            rows = self.table.read()
            if not 0 < len(rows) <= MOST_ROWS:
                raise ValueError(f"table: {self.table.name} has {len(rows)} rows, where there may be 1–{MOST_ROWS}")
            for number, row in enumerate(rows, start=1):
                label = slug(next(iter(row.values())), 24)
                text = _filled(self.template or "", row)
                _check_text(text, f"table: {self.table.name}, row {number}")
                yield f"-{number:0{len(str(len(rows)))}d}{label and f'-{label}'}", text
        else:
            yield "", self.text

    def _spoken(
        self, text: str, models: Models, progress: Progress, what: str
    ) -> tuple[Sequence[Utterance], Iterator[Part]]:
        """A text as utterances, and the sound of each as it is made."""
        synthesizer = self.synthesizer(models)
        vocoder: SpeechVocoder = models.get(self.vocoder)
        voice, language = self.chosen(models, self.language)
        said = aside(
            lambda: utterances(
                text,
                language,
                voice,
                lexicon=self.lexicon and self.lexicon.read(),
                voices=self._cast(text, synthesizer, voice),
                is_markdown=bool(self.file and self.file.read().is_markdown),
            )
        )
        if not any(one.tokens for one in said):
            raise ValueError(f"{'file' if self.file else 'text'}: has no word that can be said")
        silent = dict.fromkeys(token.text for one in said for token in one.tokens if not token.phonemes)
        if silent:
            warn(f"not said, for its script cannot be read: {' '.join(list(silent)[:_MOST_NAMED])[:200]}")
        if self.language is None:
            own = (token.text for one in said if one.language == language for token in one.tokens)
            warn_of_language(" ".join(islice(own, _MOST_JUDGED)), language, "said")
        manner = Manner(self.speed, self.pitch, self.volume, self.seed or 0)
        parts = speak(said, text, synthesizer, vocoder, manner, self._guard(models))
        return said, _counted(said, parts, progress, what)

    def _cast(self, text: str, synthesizer: Synthesizer, voice: str) -> Mapping[str, str] | None:
        """Who has which voice, where the text is a script: as asked, and those that are left for the others in turn."""
        if not (self.dialogue or self.voices):
            return None
        given = {name.lower(): said for name, said in (self.voices or {}).items()}
        cast = {name: given.pop(name.lower(), "") for name in names(read_script(text))}
        if given:
            raise ValueError(f"voices: {next(iter(given))[:40].upper()} says nothing in the text")
        taken = {voice, *cast.values()}
        free = [one for one in synthesizer.voices if one not in taken] or list(synthesizer.voices)
        for number, name in enumerate(name for name, said in cast.items() if not said):
            cast[name] = free[number % len(free)]
        return cast


def _check_text(text: str, whose: str, most: int = MOST_CHARACTERS) -> None:
    """Raises ValueError, beginning with `whose`, for a text that is empty or too long, or marks that cannot be read."""
    if not any(map(str.isalnum, text)):
        raise ValueError(f"{whose}: has no letters or digits to say")
    if len(text) > most:
        raise ValueError(f"{whose}: {len(text)} characters are more than {most}; cut it in parts")
    try:
        read_ssml(text) if is_ssml(text) else read_inline(text)
    except ValueError as error:
        raise ValueError(f"{whose}: {error}") from None


def _filled(template: str, row: Mapping[str, str]) -> str:
    """A template with the values of a row in place of the names of its columns."""

    def value(found: re.Match[str]) -> str:
        name = found[1].strip()
        if name in row:
            return row[name]
        close = difflib.get_close_matches(name, row, n=1)
        hint = f"did you mean {{{close[0]}}}?" if close else f"there are {', '.join(row)[:200]}"
        raise ValueError(f"template: the table has no column {name[:40]!r}; {hint}")

    return _COLUMN.sub(value, template)


def _counted(said: Sequence[Utterance], parts: Iterator[Part], progress: Progress, what: str) -> Iterator[Part]:
    """The parts, with what has been said of all; no more than can be asked for."""
    sizes = [len(one.tokens) + 1 for one in said]
    count = 0
    for part in parts:
        count += len(part.samples)
        if count > MOST_SPOKEN_S * SAMPLE_RATE_HZ:
            raise ValueError(f"text: lasts longer than {MOST_SPOKEN_S // 60} minutes; cut it in parts")
        progress.update(sum(sizes[: part.utterance + 1]), sum(sizes), what)
        yield part
