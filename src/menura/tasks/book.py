"""Books: a document with its chapters, written as it is spoken; a run that was cut off goes on.

    .<name>-<key>/00012.flac   a passage's sound, and the silence after it
    .<name>-<key>/00012.json   {"samples", "sentences", "words"}: written last, so the passage is whole
    .<name>-<key>/00.m4b       what is written of them, until it has its name

The folder stands beside the output, and is there as long as the book is not whole. Its key is the hash of all that
decides how the book sounds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from menura import files
from menura.audio.chapters import Mark, write_marked
from menura.audio.formats import decoding
from menura.audio.io import write_blocks
from menura.extras import is_there
from menura.files import suffixed, writing_beside
from menura.progress import Cancelled, Progress
from menura.tasks.limits import MOST_BOOK_S
from menura.tasks.shown import Shown
from menura.tasks.speech import SAMPLE_RATE_HZ, Part, joined
from menura.tasks.utterances import PARAGRAPH_S
from menura.tasks.voiced import Voiced, captions_suffix
from menura.text.captions import WRITERS, Word
from menura.text.document import Chapter, Document
from menura.text.markdown import read_markdown

CHAPTER_S = 1.5
"""Silence after a chapter."""
_MOST_CHARACTERS = 8_000
"""Of a passage."""
_MOST_PIECE_BYTES = 1 << 24
_BREAKS = ("\n\n", "\n", ". ", " ")
_LAYOUT = 1
"""Of the folder; another one is begun anew."""


class Passage(NamedTuple):
    """`text[start:end]` of a book, which is spoken at once, and the number of its chapter."""

    start: int
    end: int
    chapter: int


class Piece(NamedTuple):
    """A passage that was spoken.

    Attributes:
        path: its sound; of none there is no file.
        samples: how many.
        sentences: how many.
        words: with their times from the beginning of the piece, and their places in the book.
    """

    path: Path
    samples: int
    sentences: int
    words: tuple[Word, ...]


Say = Callable[[str, int], Iterator[Part]]
"""What speaks a text; the number is that of its passage."""


@dataclass(frozen=True, eq=False, repr=False)
class Audiobook(Shown):
    """A book, or a chapter of one, that was spoken into a file.

    Attributes:
        words: as they are written, each with its time and its place in the text.
        chapters: their titles and when they begin, seconds.
        num_samples: of the sound, 24 000 a second.
        about: what else to say of it.
        wanted: the task.
    """

    words: tuple[Word, ...]
    chapters: tuple[tuple[str, float], ...]
    num_samples: int
    about: Mapping[str, Any]
    wanted: Voiced
    name: str = ""
    written: Path = field(default=Path())

    def summary(self) -> Mapping[str, Any]:
        rows = [{"chapter": title, "from": _clock(start_s)} for title, start_s in self.chapters]
        return {
            "seconds": round(self.num_samples / SAMPLE_RATE_HZ, 3),
            "rate": SAMPLE_RATE_HZ,
            **self.about,
            "words": len(self.words),
            "chapters": rows,
        }

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Give the sound file its name and write, if wanted, captions: both or none."""
        kind = self.wanted.captions
        with writing_beside(stem, overwrite) as staged:
            paths = [suffixed(staged, f".{self.wanted.format}")]
            try:
                os.link(self.written, paths[0])
            except OSError:
                shutil.copyfile(self.written, paths[0])
            if kind:
                paths.append(suffixed(staged, captions_suffix(kind)))
                files.write_bytes(paths[1], WRITERS[kind](self.words).encode())
        return [Path(stem).parent / path.name for path in paths]


@dataclass(frozen=True)
class Narration:
    """How a book is spoken, and where its pieces are kept meanwhile.

    Args:
        document: the book.
        wanted: the task.
        stem: of the files to write.
        about: what to say of it.
        made_of: all else that decides how it sounds.
    """

    document: Document
    wanted: Voiced
    stem: Path
    about: Mapping[str, Any]
    made_of: Mapping[str, Any]

    @property
    def folder(self) -> Path:
        document = self.document
        said = [_LAYOUT, self._bits, document.text, document.chapters, document.is_markdown, dict(self.made_of)]
        key = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:12]
        return self.stem.with_name(f".{self.stem.name}-{key}")

    @property
    def _bits(self) -> int:
        return 16 if self.wanted.bits == "16" else 24

    def books(self, say: Say, by_chapter: bool, progress: Progress) -> Iterator[Audiobook]:
        """The book in one file, or a file for each chapter, once all of it is spoken."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            pieces = list(self._pieces(say, progress))
            spans = [self.document.chapters[number : number + 1] for number in range(len(self.document.chapters))]
            for number, chapters in enumerate(spans if by_chapter else [self.document.chapters]):
                yield self._book(number if by_chapter else None, chapters, pieces, progress)
        except Cancelled:
            progress.say(f"what was spoken is kept in {self.folder}; the same request goes on from there")
            raise
        finally:
            with suppress(OSError):
                self.folder.rmdir()  # if it is empty
        shutil.rmtree(self.folder, ignore_errors=True)

    def _pieces(self, say: Say, progress: Progress) -> Iterator[Piece]:
        document = self.document
        text = read_markdown(document.text)[0] if document.is_markdown else document.text
        found, samples = passages(document), 0
        kept = sum(_paths(self.folder, number)[1].exists() for number in range(len(found)))
        if kept:
            progress.say(f"{kept} of {len(found)} passages were spoken before")
        for number, passage in enumerate(found):
            following = found[number + 1 : number + 2]
            rest_s = 0.0 if not following else PARAGRAPH_S if following[0].chapter == passage.chapter else CHAPTER_S
            piece = _kept(self.folder, number)
            if piece is None:
                parts = say(text[passage.start : passage.end], number)
                piece = self._spoken(number, parts, passage.start, rest_s)
            samples += piece.samples
            if samples > MOST_BOOK_S * SAMPLE_RATE_HZ:
                raise ValueError(f"file: lasts longer than {MOST_BOOK_S // 3600} hours; cut it in parts")
            yield piece
            progress.update(passage.end, len(text), "speaking")

    def _spoken(self, number: int, parts: Iterator[Part], offset: int, rest_s: float) -> Piece:
        """A passage, spoken and kept."""
        words: list[Word] = []

        def blocks() -> Iterator[np.ndarray]:
            for part in parts:
                words.extend(part.words)
                yield part.samples[None]
            yield np.zeros((1, round(rest_s * SAMPLE_RATE_HZ)), np.float32)

        sound, table = _paths(self.folder, number)
        samples = write_blocks(blocks(), sound, "flac", SAMPLE_RATE_HZ, bits=self._bits, overwrite=True, seed=number)
        placed = [replace(one, start=one.start + offset, end=one.end + offset) for one in joined(words)]
        sentences = len({one.sentence for one in placed})
        content = {"samples": samples, "sentences": sentences, "words": [asdict(one) for one in placed]}
        files.write_bytes(table, json.dumps(content, ensure_ascii=False).encode(), overwrite=True)
        return Piece(sound, samples, sentences, tuple(placed))

    def _book(
        self, number: int | None, chapters: Sequence[Chapter], pieces: Sequence[Piece], progress: Progress
    ) -> Audiobook:
        """Some chapters in one file."""
        own = [
            (passage.chapter, piece)
            for passage, piece in zip(passages(self.document), pieces, strict=True)
            if number in (None, passage.chapter)
        ]
        ends = np.cumsum([piece.samples for _, piece in own]).tolist()
        starts: dict[int, int] = {}
        for (chapter, _), start in zip(own, [0, *ends], strict=False):
            starts.setdefault(chapter, start)
        titles = [one.title or str(place) for place, one in enumerate(chapters, start=1)]
        bounds = pairwise([*starts.values(), ends[-1]])
        marks = [Mark(title, start, end) for title, (start, end) in zip(titles, bounds, strict=True)]
        path = self.folder / f"{number or 0:02d}.{self.wanted.format}"
        self._write(path, [piece for _, piece in own], marks, number, progress)
        return Audiobook(
            tuple(_in_turn([piece for _, piece in own])),
            tuple((mark.title, mark.start / SAMPLE_RATE_HZ) for mark in marks),
            ends[-1],
            {**self.about, "sentences": sum(piece.sentences for _, piece in own)},
            self.wanted,
            "" if number is None else chapter_name(self.document, number),
            path,
        )

    def _write(
        self, path: Path, pieces: Sequence[Piece], marks: Sequence[Mark], number: int | None, progress: Progress
    ) -> None:
        """The sound of some pieces in the format that is wanted."""
        kind, document = self.wanted.format, self.document

        def blocks() -> Iterator[np.ndarray]:
            done = 0
            for piece in pieces:
                if piece.samples:
                    with decoding(piece.path) as sound:
                        yield from sound
                done += piece.samples
                progress.update(done, marks[-1].end, "writing")

        if kind == "m4b" or (kind == "mp3" and is_there("av")):
            tags = {"title": document.title, "artist": document.author, "album": document.title, "genre": "Audiobook"}
            if number is not None:
                tags |= {"title": marks[0].title, "track": f"{number + 1}/{len(document.chapters)}"}
            write_marked(blocks(), path, kind, SAMPLE_RATE_HZ, marks, tags, overwrite=True)
        else:
            write_blocks(blocks(), path, kind, SAMPLE_RATE_HZ, bits=int(self.wanted.bits), overwrite=True)


def chapter_name(document: Document, number: int) -> str:
    """What is added to the name of the file of a chapter, counted from 0."""
    digits = max(len(str(len(document.chapters))), 2)
    label = files.slug(document.chapters[number].title, 32)
    return f"-{number + 1:0{digits}d}{label and f'-{label}'}"


def passages(document: Document) -> list[Passage]:
    """A document cut at its chapters, and these at paragraphs, or where else they can be."""
    found = []
    for number, chapter in enumerate(document.chapters):
        start = chapter.start
        while chapter.end - start > _MOST_CHARACTERS:
            most = start + _MOST_CHARACTERS
            cuts = ((document.text.rfind(sign, start + _MOST_CHARACTERS // 2, most), sign) for sign in _BREAKS)
            end = next((place + len(sign) for place, sign in cuts if place >= 0), most)
            found.append(Passage(start, end, number))
            start = end
        found.append(Passage(start, chapter.end, number))
    return found


def _paths(folder: Path, number: int) -> tuple[Path, Path]:
    return folder / f"{number:05d}.flac", folder / f"{number:05d}.json"


def _kept(folder: Path, number: int) -> Piece | None:
    """A piece that was spoken before, if it is whole."""
    sound, table = _paths(folder, number)
    try:
        content = files.read_json(table, _MOST_PIECE_BYTES)
        words = tuple(Word(**one) for one in content["words"])
        piece = Piece(sound, int(content["samples"]), int(content["sentences"]), words)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return piece if sound.exists() else None


def _in_turn(pieces: Sequence[Piece]) -> Iterator[Word]:
    """The words of pieces one after another."""
    place, sentence = 0, 0
    for piece in pieces:
        start_s = place / SAMPLE_RATE_HZ
        for word in piece.words:
            times = {"start_s": word.start_s + start_s, "end_s": word.end_s + start_s}
            yield replace(word, **times, sentence=word.sentence + sentence)
        place, sentence = place + piece.samples, sentence + piece.sentences


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02d}:{int(seconds) % 60:02d}"
