"""What a page shows of a sound before it has the sound: how loud it is over time, and its spectrum."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from menura.audio import read
from menura.audio.pictures import bare_spectrogram
from menura.progress import check

_PEAKS_A_SECOND, _LEAST_PEAKS, _MOST_PEAKS = 50, 2000, 24_000
_PIXELS_A_SECOND, _LEAST_WIDTH, _MOST_WIDTH, _HEIGHT = 40, 400, 1600, 160
_FULL_SCALE = 127


def peaks(path: Path) -> dict[str, Any]:
    """The loudest sample of each of equally long parts of a sound, over all channels.

    Returns:
        `seconds`, and `peaks`, from 0 to 127, which is full scale.

    Raises:
        ValueError: it is not sound, or empty.
    """
    try:
        with soundfile.SoundFile(path) as sound:
            return _peaks(sound)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{path.name}: is not a sound file") from error


def _peaks(sound: soundfile.SoundFile) -> dict[str, Any]:
    if not sound.frames:
        raise ValueError("there is no sound (zero length)")
    seconds = sound.frames / sound.samplerate
    wanted = int(np.clip(seconds * _PEAKS_A_SECOND, _LEAST_PEAKS, _MOST_PEAKS))
    part = max(1, -(-sound.frames // wanted))
    found = []
    # Blocks are of whole parts, and few, for the sound may be long.
    while len(block := sound.read(part * max(1, (1 << 18) // part), dtype="float32", always_2d=True)):
        check()
        loudest = np.abs(block).max(axis=1)
        found.append(np.maximum.reduceat(loudest, np.arange(0, len(loudest), part)))
    levels = np.minimum(np.rint(_FULL_SCALE * np.concatenate(found)), _FULL_SCALE)
    return {"seconds": round(seconds, 4), "peaks": levels.astype(int).tolist()}


def spectrogram(path: Path) -> bytes:
    """A PNG of a sound's spectrum over its whole length, without axes: frequencies logarithmic, the highest on top.

    Raises:
        ValueError: it is not sound, or empty.
    """
    audio = read(path, mono=True)
    width = int(np.clip(audio.duration_s * _PIXELS_A_SECOND, _LEAST_WIDTH, _MOST_WIDTH))
    content = io.BytesIO()
    bare_spectrogram(audio, width, _HEIGHT).save(content, "PNG", optimize=True)
    return content.getvalue()
