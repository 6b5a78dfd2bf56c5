"""What fields that take files are given: a file or, in Python, what such a file holds. One class for each kind."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, BinaryIO, ClassVar, Generic, Protocol, Self, TypeVar, runtime_checkable

from numpy.typing import ArrayLike
from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from menura import audio, files, kinds, sidecar
from menura.audio import Audio, formats, mnr
from menura.audio.formats import Decoding
from menura.progress import aside, warn
from menura.score import midi
from menura.score.notes import Score
from menura.sidecar import Sidecar
from menura.tasks import voice_files
from menura.tasks.voice_files import VoiceFile
from menura.text.document import Document, read_document
from menura.text.speech.lexicon import Lexicon, parse_lexicon, read_lexicon

_SAMPLES = "samples-sha256:"
"""Begins the hash of sound that was never a file: of its rate and its float32 samples."""

_MOST_TEXT_BYTES, _MOST_DOCUMENT_BYTES = 4 << 20, 64 << 20

Held = TypeVar("Held")


@runtime_checkable
class HasAudio(Protocol):
    """A result that is sound."""

    @property
    def audio(self) -> Audio: ...


class HasScore(Protocol):
    """A result that is notes."""

    @property
    def score(self) -> Score: ...


class HasCodes(Protocol):
    """A result that is a codec's codes."""

    @property
    def header(self) -> mnr.Header: ...
    @property
    def codes(self) -> mnr.Codes: ...


@runtime_checkable
class HasVoice(Protocol):
    """A result that is a voice."""

    @property
    def voice(self) -> VoiceFile: ...


FileLike = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
SoundLike = FileLike | Audio | HasAudio | tuple[ArrayLike, ArrayLike] | Mapping[str, Any]
NotesLike = FileLike | Score | HasScore
CodesLike = FileLike | HasCodes | tuple[mnr.Header, mnr.Codes]
SidecarLike = FileLike | Sidecar | Mapping[str, Any]
TableLike = FileLike | Sequence[Mapping[str, Any]]
LexiconLike = FileLike | Mapping[str, str]
DocumentLike = FileLike | Document
VoiceLike = FileLike | VoiceFile | HasVoice
"""What may be given for fields of each kind, for type checkers."""


@dataclass(frozen=True, eq=False)
class Input(ABC, Generic[Held]):
    """A file, or what such a file holds. Exactly one of the three is not None.

    Attributes:
        path: of the file.
        content: the bytes of a file.
        held: what a file would hold, ready to use.
    """

    kind: ClassVar[str]
    """What it is, for complaints."""
    suffixes: ClassVar[tuple[str, ...]]
    """Of its files."""
    python: ClassVar[str]
    """The name in this module of the type of what may be given."""

    path: Path | None = None
    content: bytes | None = None
    held: Held | None = None

    @classmethod
    def of(cls, given: Any) -> Self:
        """Take a path, bytes, a file that is open for reading, or what such a file holds.

        Raises:
            ValueError: it is none of these; one line.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, str | os.PathLike):
            return cls(path=Path(os.fsdecode(given)))
        content = given.read() if hasattr(given, "read") else given
        if isinstance(content, bytes | bytearray | memoryview):
            return cls(content=bytes(content))
        if content is not given:
            raise ValueError(f"the {cls.kind} file is open as text; open it in binary mode")
        return cls(held=cls._taken(given))

    @property
    def name(self) -> str:
        """What complaints call it."""
        return f"the {self.kind} given" if self.path is None else self.path.name

    @property
    def folder(self) -> Path:
        """Where the file is; what is not in a file is where the program is."""
        return Path() if self.path is None else self.path.parent

    def read(self) -> Held:
        """What the file holds.

        Raises:
            ValueError: it cannot be read as what it should be; one line.
            OSError: the file cannot be opened.
        """
        return self.held if self.held is not None else self._read(self.content if self.path is None else self.path)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file, open for reading, or one in memory that holds what was given."""
        with io.BytesIO(self.to_bytes()) if self.path is None else self.path.open("rb") as file:
            yield file

    def hash(self) -> str:
        """``"sha256:…"`` of the file, or of the file that would hold what was given."""
        return files.sha256(self.path) if self.path is not None else f"sha256:{_sha256(self.to_bytes())}"

    def is_same(self, recorded: str) -> bool:
        """Whether it is what had the hash that was recorded."""
        return self.hash() == recorded

    def to_bytes(self) -> bytes:
        """The file's content, or that of a file that would hold what was given."""
        if self.path is not None:
            return self.path.read_bytes()
        return self.content if self.content is not None else self._written(self.held)

    def __str__(self) -> str:
        return self.name if self.path is None else str(self.path)

    @classmethod
    @abstractmethod
    def _taken(cls, given: Any) -> Held:
        """What was given that is neither a file nor the bytes of one; ValueError if it is not of this kind."""

    @abstractmethod
    def _read(self, source: Any) -> Held:
        """What a file, by its path or its bytes, holds."""

    def _written(self, held: Any) -> bytes:
        """The content of a file that holds it."""
        raise NotImplementedError

    @classmethod
    def _refused(cls, given: Any, also: str) -> ValueError:
        return ValueError(f"takes a {cls.kind} file, its bytes or {also}, not {type(given).__name__}")

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        path = core_schema.plain_serializer_function_ser_schema(lambda one: one.path and str(one.path))
        return core_schema.no_info_plain_validator_function(cls.of, serialization=path)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "path", "x-accept": list(cls.suffixes)}


class SoundInput(Input[Audio]):
    """Sound: a file in any format, its bytes, an `Audio`, samples with their rate, or a result that has sound."""

    kind = "sound"
    suffixes = kinds.SOUND.suffixes
    python = "SoundLike"

    @classmethod
    def _taken(cls, given: Any) -> Audio:
        return Audio.of(given)

    def read(self, *, sample_rate_hz: int | None = None, mono: bool = False, max_samples: int | None = None) -> Audio:
        """The sound, as `menura.audio.read` reads it."""
        if self.held is None:
            return audio.read(self._file(), sample_rate_hz=sample_rate_hz, mono=mono, max_samples=max_samples)
        sound = self.held.mono() if mono else self.held
        rate_hz = sample_rate_hz or sound.sample_rate_hz
        if max_samples is not None and sound.samples.size * rate_hz > max_samples * sound.sample_rate_hz:
            longest_s = max_samples / sound.num_channels / rate_hz
            raise ValueError(f"{self.name}: is longer than the {longest_s:.0f} s that can be read at {rate_hz} Hz")
        return sound.resampled(rate_hz)

    @contextmanager
    def decoding(self) -> Iterator[Decoding]:
        """The sound in blocks, as `menura.audio.formats.decoding` gives it."""
        if (held := self.held) is not None:
            blocks = iter([held.samples])
            yield Decoding(self.name, held.sample_rate_hz, held.num_channels, held.num_samples, (), blocks)
            return
        with formats.decoding(self._file()) as sound:
            yield sound

    @property
    def sample_rate_hz(self) -> int:
        """Of the sound, which is not decoded for it."""
        with self.decoding() as sound:
            return sound.sample_rate_hz

    def _file(self) -> Path | BinaryIO:
        return io.BytesIO(self.content or b"") if self.path is None else self.path

    def _read(self, source: Path | bytes) -> Audio:
        return audio.read(io.BytesIO(source) if isinstance(source, bytes) else source)

    def hash(self) -> str:
        return super().hash() if self.held is None else _samples_hash(self.held)

    def is_same(self, recorded: str) -> bool:
        return (_samples_hash(self.read()) if recorded.startswith(_SAMPLES) else self.hash()) == recorded


class SoundOrTextInput(SoundInput):
    """Sound, as `SoundInput` has it, or the file of a text."""

    suffixes = (*kinds.SOUND.suffixes, *kinds.TEXT.suffixes)

    @property
    def is_text(self) -> bool:
        """Whether its file is called as those of texts are."""
        return self.path is not None and kinds.has_suffix(self.path.name, kinds.TEXT)

    def text(self) -> str:
        """The text in the file.

        Raises:
            ValueError, OSError: as `read`.
        """
        return TextInput(path=self.path).read()


class NotesInput(Input[Score]):
    """Notes: a MIDI file, its bytes, a `Score`, or a result that has one."""

    kind = "MIDI"
    suffixes = kinds.NOTES.suffixes
    python = "NotesLike"

    @classmethod
    def _taken(cls, given: Any) -> Score:
        score = getattr(given, "score", given)
        if not isinstance(score, Score):
            raise cls._refused(given, "a Score")
        return score

    def _read(self, source: Path | bytes) -> Score:
        score = aside(lambda: midi.read(source))
        for oddity in score.warnings:
            warn(f"{self.name}: {oddity}")
        return score

    def _written(self, held: Score) -> bytes:
        return midi.to_bytes(held)


class CodesInput(Input[tuple[mnr.Header, mnr.Codes]]):
    """A codec's codes: a .mnr file, its bytes, or what ``encode`` gives."""

    kind = ".mnr"
    suffixes = kinds.CODES.suffixes
    python = "CodesLike"

    @classmethod
    def _taken(cls, given: Any) -> tuple[mnr.Header, mnr.Codes]:
        pair = given if isinstance(given, tuple) else (getattr(given, "header", None), getattr(given, "codes", None))
        header, codes = pair if len(pair) == 2 else (None, None)
        if not isinstance(header, mnr.Header) or not isinstance(codes, mnr.Codes):
            raise cls._refused(given, "what encode gives")
        return header, codes

    def _read(self, source: Path | bytes) -> tuple[mnr.Header, mnr.Codes]:
        return mnr.read(io.BytesIO(source) if isinstance(source, bytes) else source)

    def measure(self) -> mnr.Measured:
        """What the file is, as `menura.audio.mnr.measure` says."""
        with self.opened() as file:
            return mnr.measure(file, str(self))

    def _written(self, held: tuple[mnr.Header, mnr.Codes]) -> bytes:
        return mnr.to_bytes(*held)


class SidecarInput(Input[Sidecar]):
    """A sidecar: its file, its bytes, or what it holds."""

    kind = "sidecar"
    suffixes = kinds.SIDECAR.suffixes
    python = "SidecarLike"

    @classmethod
    def _taken(cls, given: Any) -> Sidecar:
        if isinstance(given, Mapping):
            return sidecar.checked(given, "the sidecar given")
        if not isinstance(given, Sidecar):
            raise cls._refused(given, "a mapping")
        return given

    def _read(self, source: Path | bytes) -> Sidecar:
        if isinstance(source, bytes):
            return sidecar.checked(files.parse_json(source, self.name), self.name)
        return sidecar.read(source)


class SoundFontInput(Input[bytes]):
    """A SoundFont: its file, or its bytes."""

    kind = "SoundFont"
    suffixes = kinds.SOUNDFONT.suffixes
    python = "FileLike"

    @classmethod
    def _taken(cls, given: Any) -> bytes:
        raise cls._refused(given, "a file that is open")

    def _read(self, source: Path | bytes) -> bytes:
        return source if isinstance(source, bytes) else source.read_bytes()

    @contextmanager
    def as_file(self) -> Iterator[Path]:
        """The file; one for the time being where there is none."""
        if self.path is not None:
            yield self.path
            return
        with TemporaryDirectory(prefix="menura-") as folder:
            path = Path(folder) / "given.sf2"
            path.write_bytes(self.read())
            yield path


class TextInput(Input[str]):
    """A text: its file in UTF-8, or its bytes."""

    kind = "text"
    suffixes = kinds.TEXT.suffixes
    python = "FileLike"

    @classmethod
    def _taken(cls, given: Any) -> str:
        raise cls._refused(given, "a file that is open")

    def _read(self, source: Path | bytes) -> str:
        return _decoded(source, self.name)


class DocumentInput(Input[Document]):
    """A document or a book: plain text in UTF-8, Markdown, HTML, EPUB or PDF; its bytes, or a `Document`."""

    kind = "document"
    suffixes = (*kinds.TEXT.suffixes, *kinds.DOCUMENT.suffixes)
    python = "DocumentLike"

    @classmethod
    def _taken(cls, given: Any) -> Document:
        if not isinstance(given, Document):
            raise cls._refused(given, "a Document")
        return given

    def read(self) -> Document:
        return self._document

    @cached_property
    def _document(self) -> Document:
        return super().read()

    def _read(self, source: Path | bytes) -> Document:
        content = source if isinstance(source, bytes) else files.read_bytes(source, _MOST_DOCUMENT_BYTES)
        try:
            return read_document(content, self.path.suffix if self.path else "")
        except ValueError as error:
            raise ValueError(f"{self.name} {error}") from None

    def _written(self, held: Document) -> bytes:
        return held.text.encode()


class TableInput(Input[tuple[Mapping[str, str], ...]]):
    """A table whose first row names its columns: a file with commas or tabs, its bytes, or a list of mappings."""

    kind = "table"
    suffixes = kinds.TABLE.suffixes
    python = "TableLike"

    @classmethod
    def _taken(cls, given: Any) -> tuple[Mapping[str, str], ...]:
        if not isinstance(given, Sequence) or not all(isinstance(row, Mapping) for row in given):
            raise cls._refused(given, "a list of mappings")
        return tuple({str(name): str(value) for name, value in row.items()} for row in given)

    def _read(self, source: Path | bytes) -> tuple[Mapping[str, str], ...]:
        text = _decoded(source, self.name)
        head = text.partition("\n")[0]
        delimiter = max(",;\t", key=head.count)
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as error:
            raise ValueError(f"{self.name} is no table: {error}") from None
        columns = [name.strip() for name in rows[0]] if rows else []
        if not all(columns) or len(set(columns)) < len(columns) or not columns:
            raise ValueError(f"{self.name}: its first row must name the columns, each of them once")
        found = []
        for number, row in enumerate(rows[1:], start=2):
            if len(row) > len(columns):
                raise ValueError(f"{self.name}, row {number}: has {len(row)} values for {len(columns)} columns")
            if any(value.strip() for value in row):
                padded = [*row, *[""] * (len(columns) - len(row))]
                found.append(dict(zip(columns, map(str.strip, padded), strict=True)))
        return tuple(found)

    def _written(self, held: tuple[Mapping[str, str], ...]) -> bytes:
        return json.dumps(held, ensure_ascii=False).encode()


class LexiconInput(Input[Lexicon]):
    """Pronunciations in IPA: a file of words and tabs or JSON, its bytes, or a mapping."""

    kind = "lexicon"
    suffixes = (*kinds.TABLE.suffixes, *kinds.TEXT.suffixes, *kinds.SIDECAR.suffixes)
    python = "LexiconLike"

    @classmethod
    def _taken(cls, given: Any) -> Lexicon:
        if not isinstance(given, Mapping):
            raise cls._refused(given, "a mapping of words to IPA")
        return parse_lexicon(json.dumps(dict(given)).encode(), "the lexicon given")

    def _read(self, source: Path | bytes) -> Lexicon:
        return read_lexicon(source) if isinstance(source, Path) else parse_lexicon(source, self.name)

    def _written(self, held: Lexicon) -> bytes:
        return json.dumps({word: "".join(sounds) for word, sounds in held.items()}, ensure_ascii=False).encode()


class VoiceInput(Input[VoiceFile]):
    """A voice: its file, its bytes, or what ``clone`` gives."""

    kind = "voice"
    suffixes = kinds.VOICE.suffixes
    python = "VoiceLike"

    @classmethod
    def _taken(cls, given: Any) -> VoiceFile:
        voice = given.voice if isinstance(given, HasVoice) else given
        if not isinstance(voice, VoiceFile):
            raise cls._refused(given, "what clone gives")
        return voice

    def _read(self, source: Path | bytes) -> VoiceFile:
        content = source if isinstance(source, bytes) else files.read_bytes(source, voice_files.MOST_BYTES)
        return voice_files.parse(content, self.name)

    def _written(self, held: VoiceFile) -> bytes:
        return voice_files.to_bytes(held)


def _decoded(source: Path | bytes, name: str) -> str:
    content = source if isinstance(source, bytes) else files.read_bytes(source, _MOST_TEXT_BYTES)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not UTF-8 text: byte {error.start}") from None


def as_text(given: Any) -> Any:
    """A path as text, and what is none as it is."""
    return os.fspath(given) if isinstance(given, os.PathLike) else given


ModelName = Annotated[str, BeforeValidator(as_text)]
"""The name of a model, or its folder."""


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _samples_hash(sound: Audio) -> str:
    head = struct.pack("<III", sound.sample_rate_hz, *sound.samples.shape)
    return f"{_SAMPLES}{_sha256(head + sound.samples.astype('<f4', copy=False).tobytes())}"
