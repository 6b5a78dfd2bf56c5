"""Sound: samples, files, loudness, effects, pictures. `menura.audio.spectrogram` stands apart: it needs torch."""

from menura.audio.effects import limit, pan, reverb
from menura.audio.io import encode, info, read, write
from menura.audio.loudness import Loudness, LoudnessSeries, measure, momentary, normalised, short_term, true_peak_dbtp
from menura.audio.samples import Audio

__all__ = [
    "Audio",
    "Loudness",
    "LoudnessSeries",
    "encode",
    "info",
    "limit",
    "measure",
    "momentary",
    "normalised",
    "pan",
    "read",
    "reverb",
    "short_term",
    "true_peak_dbtp",
    "write",
]
