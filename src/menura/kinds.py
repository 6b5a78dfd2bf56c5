"""Kinds of files: how their names end, what HTTP calls them, how a page shows them. The one table of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

View = Literal["audio", "notes", "picture", "sidecar", "bundle", "codes", "other"]
"""How a page shows a file; ``"other"`` is offered for download alone."""

_BYTES = "application/octet-stream"


@dataclass(frozen=True)
class Kind:
    """A kind of files.

    Attributes:
        media_types: suffix, in small letters -> media type.
        view: how a page shows it.
        written: those of the suffixes that results have.
    """

    media_types: Mapping[str, str]
    view: View = "other"
    written: tuple[str, ...] = ()

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of files that can be read as this."""
        return tuple(self.media_types)


SOUND = Kind(
    {
        **dict.fromkeys((".wav", ".wave"), "audio/wav"),
        ".flac": "audio/flac",
        **dict.fromkeys((".ogg", ".oga", ".opus"), "audio/ogg"),
        ".mp3": "audio/mpeg",
        **dict.fromkeys((".aiff", ".aif", ".aifc"), "audio/aiff"),
        ".w64": "audio/x-w64",
        ".caf": "audio/x-caf",
        ".au": "audio/basic",
        **dict.fromkeys((".m4a", ".m4b"), "audio/mp4"),
        ".mp4": "video/mp4",
        ".webm": "audio/webm",
        ".mov": "video/quicktime",
    },
    "audio",
    (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".m4b"),
)
"""What `menura.audio.read` reads; the last four need FFmpeg."""
NOTES = Kind(dict.fromkeys((".mid", ".midi"), "audio/midi"), "notes", (".mid",))
CODES = Kind({".mnr": _BYTES}, "codes", (".mnr",))
PICTURE = Kind({".png": "image/png"}, "picture", (".png",))
SIDECAR = Kind({".json": "application/json"}, "sidecar", (".json",))
BUNDLE = Kind({".zip": "application/zip"}, "bundle", (".zip",))
MODEL = Kind({".safetensors": _BYTES})
SOUNDFONT = Kind(dict.fromkeys((".sf2", ".sf3"), _BYTES))
TEXT = Kind({".txt": "text/plain", ".md": "text/markdown"})
DOCUMENT = Kind(
    {**dict.fromkeys((".html", ".htm", ".xhtml"), _BYTES), ".epub": "application/epub+zip", ".pdf": "application/pdf"}
)
ALIGNMENT = Kind({".textgrid": "text/plain"}, written=(".textgrid",))
CAPTIONS = Kind(
    {".vtt": "text/vtt", ".srt": "application/x-subrip", ".ass": "text/x-ssa", ".lrc": "text/plain"},
    written=(".srt", ".vtt", ".ass", ".lrc"),
)
ENGRAVED = Kind({".musicxml": "application/vnd.recordare.musicxml+xml"}, written=(".musicxml",))
TABLE = Kind({".csv": "text/csv", ".tsv": "text/tab-separated-values"})
EMBEDDINGS = Kind({".npy": _BYTES})
VOICE = Kind({".voice": _BYTES}, written=(".voice",))

KINDS = (
    *(SIDECAR, NOTES, SOUND, CODES, PICTURE, BUNDLE, MODEL, SOUNDFONT),
    *(TEXT, DOCUMENT, ALIGNMENT, CAPTIONS, ENGRAVED, TABLE, EMBEDDINGS, VOICE),
)

_BY_SUFFIX = {suffix: kind for kind in KINDS for suffix in kind.suffixes}


def has_suffix(name: str, *kinds: Kind) -> bool:
    """Whether a file's name ends as those of one of these kinds do, in letters of any size."""
    return any(_suffix(name) in kind.media_types for kind in kinds)


def media_type(name: str) -> str:
    """What HTTP calls a file of that name."""
    kind = _BY_SUFFIX.get(_suffix(name))
    return kind.media_types[_suffix(name)] if kind else _BYTES


def view(name: str) -> View:
    """How a page shows a file of that name."""
    kind = _BY_SUFFIX.get(_suffix(name))
    return kind.view if kind else "other"


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower()
