"""Sound and pictures as HTML that holds them whole, for notebooks."""

from __future__ import annotations

import base64
import io

from PIL import Image

from menura.audio.io import encode
from menura.audio.samples import Audio

_MOST_LOSSLESS_SAMPLES = 60 * 2 * 48_000
"""More than a minute of stereo would make notebooks heavy: it is heard as MP3."""
_RATES_HZ = (8000, 192_000)


def player(audio: Audio) -> str:
    """A player of the sound: as FLAC in 16 bits, or as MP3 where it is long; nothing where there is no sound."""
    if not audio.num_samples:
        return ""
    sound = audio if audio.num_channels <= 2 else audio.mono()
    rate_hz = min(max(sound.sample_rate_hz, _RATES_HZ[0]), _RATES_HZ[1])
    name, kind = ("mp3", "mpeg") if sound.samples.size > _MOST_LOSSLESS_SAMPLES else ("flac", "flac")
    return f'<audio controls src="{_data(f"audio/{kind}", encode(sound.resampled(rate_hz), name))}"></audio>'


def picture(image: Image.Image) -> str:
    """A picture, no wider than the page."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return f'<img style="max-width:100%" src="{_data("image/png", file.getvalue())}">'


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
