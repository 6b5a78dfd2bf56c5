"""The band of a song as sound; one that played before is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from menura.audio.dynamics import in_band, shared_power
from menura.audio.samples import Audio
from menura.score.notes import Score
from menura.score.synth import soundfont
from menura.score.synth.render import Renderer
from menura.tasks.kept import told
from menura.tasks.song_mix import WORDS_HZ, Band
from menura.tasks.song_voice import KEPT

_LOUDNESS_LUFS, _HALL_S = -20.0, 1.4
_MIX, _WORDS, _POWER = "mix", "words", "power"


def played(score: Score, font: Path | None, rate_hz: int, stems: bool, seed: int) -> Band:
    """Instruments together and, if wanted, alone; arguments as of `Renderer`."""
    path = soundfont.find(font)
    state = path.stat()
    notes = [(track.name, track.program, track.is_drum, track.bank, track.channel) for track in score.tracks]
    arrays = [(told(track.notes), told(track.controls)) for track in score.tracks]
    made_of = (
        *(notes, arrays, score.tempos, score.metres, rate_hz, stems, seed),
        *(path.name, state.st_size, state.st_mtime_ns),
    )

    def make() -> dict:
        how = {"stems": stems, "loudness_lufs": _LOUDNESS_LUFS, "reverb_s": _HALL_S, "seed": seed}
        made = Renderer(path, rate_hz).render(score, **how)
        alone = {f"{at:02d} {name}": one.samples for at, (name, one) in enumerate(made.stems.items())}
        words = in_band(made.mix, WORDS_HZ)
        again = in_band(words, WORDS_HZ)
        power = np.stack([shared_power(*two) for two in ((words, words), (words, again), (again, again))])
        return {_MIX: made.mix.samples, _WORDS: words.samples, _POWER: power, **alone}

    found = KEPT.get(made_of, make)
    alone = {name[3:]: Audio(found[name], rate_hz) for name in sorted(found) if name not in (_MIX, _WORDS, _POWER)}
    return Band(Audio(found[_MIX], rate_hz), Audio(found[_WORDS], rate_hz), found[_POWER], alone)
