"""Sound with marks of chapters in it: m4b (AAC in MP4) and mp3, by FFmpeg (the `media` extra)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from menura import files
from menura.audio.resample import in_lengths
from menura.extras import require
from menura.progress import check

_MUXERS = {"m4b": ("ipod", "aac", "fltp"), "mp3": ("mp3", "libmp3lame", "fltp")}
MARKED = tuple(_MUXERS)
"""Formats that hold marks."""
_OPTIONS = {"aac": {"aac_coder": "fast"}, "libmp3lame": {}}
"""FFmpeg's other coder of AAC takes twice as long, and at this rate little more is heard of it."""
_BITS_A_SECOND = 64_000
_BLOCK_SAMPLES = 1 << 15
_MOST_TITLE = 200


class Mark(NamedTuple):
    """A chapter from one sample to another."""

    title: str
    start: int
    end: int


def write_marked(
    blocks: Iterable[np.ndarray],
    path: Path | str,
    format: str,
    sample_rate_hz: int,
    marks: Sequence[Mark],
    tags: Mapping[str, str],
    overwrite: bool = False,
) -> None:
    """Write sound that comes block by block, whole or not at all: the same bytes for the same blocks.

    Args:
        blocks: float32 `[1, sample]`, one after another.
        path: where to.
        format: one of `MARKED`.
        sample_rate_hz: of the sound, one that the format knows.
        marks: its chapters, in order.
        tags: what is said of the whole: title, artist, album, …

    Raises:
        ValueError: the media extra is not installed.
        FileExistsError: a file is there and `overwrite` is not set.
    """
    require(f"{format} with chapters", "av")
    import av

    muxer, codec, layout = _MUXERS[format]
    with (
        files.writing(path, overwrite) as temporary,
        av.open(str(temporary), "w", format=muxer, options={"fflags": "+bitexact"}) as opened,
    ):
        container: Any = opened
        stream = container.add_stream(codec, rate=sample_rate_hz, layout="mono", options=_OPTIONS[codec])
        stream.bit_rate = _BITS_A_SECOND
        container.metadata.update({name: _printable(value) for name, value in tags.items() if value})
        container.set_chapters([_chapter(number, mark, sample_rate_hz) for number, mark in enumerate(marks)])
        for frame in _frames(av, blocks, layout, sample_rate_hz):
            check()
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _chapter(number: int, mark: Mark, sample_rate_hz: int) -> dict[str, Any]:
    place = {"start": mark.start, "end": mark.end, "time_base": Fraction(1, sample_rate_hz)}
    return {"id": number, **place, "metadata": {"title": _printable(mark.title)}}


def _frames(av: Any, blocks: Iterable[np.ndarray], layout: str, sample_rate_hz: int) -> Iterator[Any]:
    reached = 0
    for block in in_lengths(blocks, _BLOCK_SAMPLES):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(np.clip(block, -1, 1)), format=layout, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = sample_rate_hz, reached, Fraction(1, sample_rate_hz)
        reached += block.shape[1]
        yield frame


def _printable(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:_MOST_TITLE]
