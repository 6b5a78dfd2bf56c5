"""The mix of a song: the voice in front of the band, and all of it as loud as was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from menura.audio.dynamics import compress, de_ess, duck, high_pass, in_band, levels_db, presence
from menura.audio.effects import pan, reverb
from menura.audio.loudness import integrated_lufs, normalised_by
from menura.audio.samples import Audio

CEILING_DBTP = -1.0
WORDS_HZ = (400.0, 4000.0)
"""Where words are understood."""
_IN_FRONT_DB = 3.0
"""The voice over the band there, while it sings."""
_VOICE_LUFS = -20.0
_ROOM_S, _ROOM_MIX = 0.9, 0.14
_DUCK_DB = 4.0


@dataclass(frozen=True)
class Seat:
    """Where a voice stands.

    Attributes:
        level_db: against the lead.
        position: -1 left to 1 right.
    """

    level_db: float = 0.0
    position: float = 0.0


@dataclass(frozen=True, eq=False)
class Part:
    """Sound in its place.

    Attributes:
        start: the sample of the song with which it begins; what is before the song is not heard.
        samples: stereo.
        heard: of the blocks of 5 ms in which it sounds how many there are, and the sum of their power in `WORDS_HZ`.
    """

    start: int
    samples: Float[np.ndarray, "2 sample"]
    heard: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Band:
    """Instruments together.

    Attributes:
        audio: their sound.
        words: what of it is in `WORDS_HZ`.
        power: of `words` in blocks of 5 ms; of them with what `in_band` leaves of them; and of that. A filter's slopes
            count twice, so that less is gone than is taken.
        stems: each alone, or none where they are not wanted.
    """

    audio: Audio
    words: Audio
    power: Float[np.ndarray, "3 block"]
    stems: Mapping[str, Audio]


@dataclass(frozen=True, eq=False)
class Mix:
    """A song as sound.

    Attributes:
        audio: all of it, stereo.
        alone: each voice and instrument by name, and by how many dB it is louder in the mix.
    """

    audio: Audio
    alone: Mapping[str, tuple[Audio, float]]

    @cached_property
    def stems(self) -> dict[str, Audio]:
        """Each voice and instrument by name; they add up to the mix but for ducking and limiter."""
        return {name: audio.gain(gain_db) for name, (audio, gain_db) in self.alone.items()}


def treated(voice: Audio, rate_hz: int, seat: Seat, seed: int) -> Part:
    """A dry, mono phrase with its low cut, as loud as the others, evened out, without hiss that stands out, in a short
    room, in its place. Phrase by phrase, as with faders, so that one that is sung again leaves the others alone."""
    sound = voice.resampled(rate_hz)
    loudness = integrated_lufs(sound)
    if np.isfinite(loudness):
        sound = de_ess(compress(high_pass(sound.gain(_VOICE_LUFS - loudness))))
    sound = reverb(pan(sound.gain(seat.level_db), seat.position), _ROOM_S, _ROOM_MIX, seed)
    levels = levels_db(sound)
    heard = levels > levels.max(initial=-120.0) - 30
    return Part(0, sound.samples, (float(heard.sum()), float(_power(levels_db(in_band(sound, WORDS_HZ)))[heard].sum())))


def mixed(
    voices: Mapping[str, Sequence[Part]],
    band: Band | None,
    loudness_lufs: float,
    rate_hz: int,
) -> Mix:
    """Voices over a band.

    Args:
        voices: the lead first. Empty: the band alone.
        band: None where nobody plays.
        loudness_lufs: of the whole.
        rate_hz: of all.
    """
    if not voices:
        assert band is not None
        return Mix(*_levelled(band.audio, band.stems, loudness_lufs))
    ends = [part.start + part.samples.shape[1] for parts in voices.values() for part in parts]
    length = max(*ends, band.audio.num_samples if band else 0)
    sung = {name: _laid(parts, length, rate_hz) for name, parts in voices.items()}
    together = _sum(list(sung.values()))
    if band is None:
        return Mix(*_levelled(together, sung, loudness_lufs))
    lead = next(iter(voices))
    share = presence(together) * (1 - 10 ** (-_DUCK_DB / 20))
    gain_db = _lead_db(voices[lead]) - _IN_FRONT_DB - _under_db(band, share, levels_db(sung[lead]))
    gain_db = float(np.clip(gain_db, -24, 12)) if np.isfinite(gain_db) else 0.0
    whole = _sum([together, duck(band.audio, band.words, share).gain(gain_db)])
    mix, alone = _levelled(whole, sung, loudness_lufs)
    plain_db = next(iter(alone.values()))[1]
    return Mix(mix, alone | {name: (audio, plain_db + gain_db) for name, audio in band.stems.items()})


def _levelled(
    whole: Audio, stems: Mapping[str, Audio], loudness_lufs: float
) -> tuple[Audio, dict[str, tuple[Audio, float]]]:
    mix, plain_db = normalised_by(whole, loudness_lufs, CEILING_DBTP)
    return mix, {name: (audio, plain_db) for name, audio in stems.items()}


def _lead_db(parts: Sequence[Part]) -> float:
    """Level of a voice in the words' band while it sounds, dB of full scale."""
    count, power = np.sum([part.heard for part in parts], 0)
    return float(10 * np.log10(power / count)) if power > 0 else float("-inf")


def _under_db(band: Band, share: Float[np.ndarray, " block"], lead_db: Float[np.ndarray, " block"]) -> float:
    """The same of the band under it, when that has made room."""
    count = min(band.power.shape[1], len(lead_db))
    taken = share[:count]
    power = np.stack((np.ones(count), -2 * taken, taken**2)) * band.power[:, :count]
    power = power.sum(0)[lead_db[:count] > lead_db.max() - 30]
    return float(10 * np.log10(power.mean())) if power.any() else float("-inf")


def _power(levels: Float[np.ndarray, " block"]) -> Float[np.ndarray, " block"]:
    return 10 ** (levels / 10)


def _laid(parts: Sequence[Part], length: int, rate_hz: int) -> Audio:
    """Parts at their places."""
    whole = np.zeros((2, length), np.float32)
    for part in parts:
        before = max(-part.start, 0)
        start = part.start + before
        whole[:, start : start + part.samples.shape[1] - before] += part.samples[:, before:]
    return _audio(whole, rate_hz)


def _sum(parts: Sequence[Audio]) -> Audio:
    """Sounds together, as long as the longest."""
    whole = np.zeros((2, max(part.num_samples for part in parts)), np.float32)
    for part in parts:
        whole[:, : part.num_samples] += part.stereo().samples
    return _audio(whole, parts[0].sample_rate_hz)


def _audio(samples: np.ndarray, rate_hz: int) -> Audio:
    """Sound that nobody changes, so that it need not be copied."""
    samples.flags.writeable = False
    return Audio(samples, rate_hz)
