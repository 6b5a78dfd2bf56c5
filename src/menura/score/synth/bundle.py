"""A bundle for a sequencer: one zip with a piece's MIDI file, stems, mix and picture."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from menura.audio.io import encode
from menura.files import slug, writing
from menura.progress import aside
from menura.score import midi
from menura.score.notes import Score
from menura.score.piano_roll import piano_roll
from menura.score.synth.render import Rendering

_COMPRESSED = (".png", ".flac", ".ogg", ".opus", ".mp3")
_LEVEL = 1  # the highest saves a fiftieth more of music, in twice the time
_EPOCH = (1980, 1, 1, 0, 0, 0)  # no clock in the file: the same piece gives the same bytes


def write_bundle(
    path: str | Path,
    score: Score,
    rendering: Rendering,
    *,
    bits: int = 24,
    format: str = "wav",
    new_bars: tuple[int, int] | None = None,
    overwrite: bool = False,
) -> None:
    """Write a zip that holds one folder: MIDI file, ``stems/``, mix, ``piano roll.png`` and a ``README.txt``.

    Args:
        path: the zip to write; the folder and the MIDI file in it are named after it.
        score: the piece, with its tempo map, markers and track names.
        rendering: its sound, with stems.
        bits: 16, 24 or 32 (float) a sample.
        format: of the sound files, as `menura.audio.io.write` knows them.
        new_bars: first and last bar to mark as new in the picture, counted from 1.
        overwrite: replace a file already there.

    Raises:
        FileExistsError: `path` exists and `overwrite` is false.
        ValueError: the rendering has no stems, or format and bits do not go together.
    """
    path = Path(path)
    if not rendering.stems:
        raise ValueError("a bundle needs stems; render with stems=True")
    extension = format.lower().lstrip(".")
    name = path.stem or "piece"
    with writing(path, overwrite) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        _add(archive, f"{name}/README.txt", _readme(score, rendering, name, extension).encode())
        _add(archive, f"{name}/{name}.mid", midi.to_bytes(score))
        _add(archive, f"{name}/piano roll.png", _png(score, new_bars))
        _add(archive, f"{name}/mix.{extension}", encode(rendering.mix, extension, bits=bits))
        for number, (title, stem) in enumerate(rendering.stems.items(), start=1):
            file = f"{number:02d} {slug(title).replace('-', ' ') or 'track'}.{extension}"
            _add(archive, f"{name}/stems/{file}", encode(stem, extension, bits=bits))


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_EPOCH)
    is_compressed = name.endswith(_COMPRESSED)
    entry.compress_type = zipfile.ZIP_STORED if is_compressed else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    level = None if is_compressed else _LEVEL
    aside(lambda: archive.writestr(entry, content, compresslevel=level))


def _png(score: Score, new_bars: tuple[int, int] | None) -> bytes:
    file = io.BytesIO()
    piano_roll(score, new_bars).save(file, "PNG", optimize=True)
    return file.getvalue()


def _readme(score: Score, rendering: Rendering, name: str, extension: str) -> str:
    tempo, metre, mix = score.tempos[0], score.metres[0], rendering.mix
    changes = [f"{count - 1} change(s) of {what}" for what, count in _changes(score) if count > 1]
    lines = [
        score.title or name,
        "",
        f"Tempo    {tempo.bpm:g} bpm (quarter notes)",
        f"Metre    {metre}",
        *([f"Key      {score.keys[0].key}"] if score.keys else []),
        f"Bars     {len(score.bar_starts())}",
        f"Length   {mix.duration_s:.1f} s",
        f"Rate     {mix.sample_rate_hz} Hz, {mix.num_channels} channels",
        *([f"Later    {', '.join(changes)} (in the MIDI file)"] if changes else []),
        f"Sounds   {rendering.soundfont.name}",
        "",
        "To import:",
        f"1. Set the project to {mix.sample_rate_hz} Hz.",
        f"2. Import {name}.mid at bar 1 and let it set tempo map, metre and markers.",
        "3. Drag all of stems/ to bar 1, one track each.",
        f"   Together, at 0 dB and without panning, they are mix.{extension}.",
        "",
    ]
    return "\n".join(lines)


def _changes(score: Score) -> list[tuple[str, int]]:
    return [("tempo", len(score.tempos)), ("metre", len(score.metres)), ("key", len(score.keys))]
