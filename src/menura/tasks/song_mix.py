"""The mix of a song: the voice in front of the band, and all of it as loud as was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from menura.audio.dynamics import band_rms_db, compress, de_ess, duck, high_pass, levels_db
from menura.audio.effects import pan, reverb
from menura.audio.loudness import integrated_lufs, normalised
from menura.audio.samples import Audio

CEILING_DBTP = -1.0
_IN_FRONT_DB = 3.0
"""The voice over the band, in the band of frequencies in which words are understood, while it sings."""
_WORDS_HZ = (400.0, 4000.0)
_VOICE_LUFS = -20.0
_ROOM_S, _ROOM_MIX = 0.9, 0.14
_DUCK_DB = 4.0


@dataclass(frozen=True, eq=False)
class Voice:
    """A sung track.

    Attributes:
        name: of its stem.
        audio: dry, mono.
        level_db: against the lead.
        position: -1 left to 1 right.
    """

    name: str
    audio: Audio
    level_db: float = 0.0
    position: float = 0.0


@dataclass(frozen=True, eq=False)
class Mix:
    """A song as sound.

    Attributes:
        audio: all of it, stereo.
        stems: each voice and instrument by name; they add up to the mix but for what the limiter takes.
    """

    audio: Audio
    stems: dict[str, Audio]


def treated(voice: Voice, seed: int) -> Audio:
    """A voice with its low cut, evened out, without hiss that stands out, in a short room, in its place."""
    sound = voice.audio
    loudness = integrated_lufs(sound)
    if not np.isfinite(loudness):
        return sound.stereo()
    sound = high_pass(sound.gain(_VOICE_LUFS - loudness))
    sound = de_ess(compress(sound))
    return reverb(pan(sound.gain(voice.level_db), voice.position), _ROOM_S, _ROOM_MIX, seed)


def mixed(
    voices: Sequence[Voice], band: Audio | None, instruments: dict[str, Audio], loudness_lufs: float, seed: int
) -> Mix:
    """Voices over a band.

    Args:
        voices: the lead first; of one rate. Empty: the band alone.
        band: all instruments together; None: nobody plays.
        instruments: each alone, or none where they are not wanted.
        loudness_lufs: of the whole.
        seed: of the room.
    """
    if not voices:
        assert band is not None
        return Mix(normalised(band, loudness_lufs, CEILING_DBTP), dict(instruments))
    sung = {voice.name: treated(voice, seed) for voice in voices}
    together = _sum(list(sung.values()))
    if band is None:
        return Mix(normalised(together, loudness_lufs, CEILING_DBTP), sung)
    lead = sung[voices[0].name]
    levels = levels_db(lead)
    sounding = (levels > levels.max() - 30).astype(float)
    ducked = duck(band, together, _DUCK_DB)
    gain_db = band_rms_db(lead, sounding, _WORDS_HZ) - _IN_FRONT_DB - band_rms_db(ducked, sounding, _WORDS_HZ)
    gain_db = float(np.clip(gain_db, -24, 12)) if np.isfinite(gain_db) else 0.0
    whole = _sum([together, ducked.gain(gain_db)])
    mix = normalised(whole, loudness_lufs, CEILING_DBTP)
    plain_db = loudness_lufs - integrated_lufs(whole)
    stems = {name: audio.gain(plain_db) for name, audio in sung.items()}
    stems |= {name: audio.gain(plain_db + gain_db) for name, audio in instruments.items()}
    return Mix(mix, stems)


def _sum(parts: Sequence[Audio]) -> Audio:
    """Sounds together, as long as the longest."""
    whole = np.zeros((2, max(part.num_samples for part in parts)), np.float32)
    for part in parts:
        whole[:, : part.num_samples] += part.stereo().samples
    return Audio(whole, parts[0].sample_rate_hz)
