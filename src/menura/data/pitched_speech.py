"""Speech at other pitches, its formants where they were: so that a voice can be made to sing beyond what it ever spoke.

    python -m menura.data.pitched_speech DATA --minutes 60 --out data/pitched

DATA is a folder of speech as `menura.data.speech` reads it. Utterances of its training split are drawn, each is moved
(`menura.audio.psola`) to a height that is as likely in any octave, and its row says by how many semitones, so that
nobody learns intonation from it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from menura import audio
from menura.audio import Audio
from menura.audio.pitch import pitch
from menura.audio.psola import shift_pitch
from menura.data.contents import sounds_in
from menura.data.sound_folder import Sound
from menura.data.speech import HOP_SAMPLES, RATE_HZ
from menura.files import writing_folder
from menura.progress import Progress

_HEIGHTS_HZ = (80.0, 660.0)
"""Medians of the new F0."""
_SEMITONES = (-8, 19)
_LOUDEST = 0.99


def write_pitched(folder: Path, minutes: float, seed: int, out: Path, progress: Progress) -> float:
    """So many minutes of a folder's speech at other pitches, in a folder of their own.

    Returns:
        minutes that were written; fewer where the folder holds no more.

    Raises:
        ValueError: the folder holds no speech.
    """
    sounds = [sound for sound in sounds_in(folder, progress.say) if sound.split() == "train" and sound.row.get("text")]
    written = 0.0
    with writing_folder(out) as fresh:
        (fresh / "audio").mkdir()
        with (fresh / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
            for row, sound in _moved(sounds, np.random.default_rng(seed)):
                audio.write(sound, fresh / row["file"])
                manifest.write(json.dumps(row, ensure_ascii=False) + "\n")
                written += sound.duration_s / 60
                progress.update(int(60 * written), int(60 * minutes), "moving pitch")
                if written >= minutes:
                    break
    return written


def _moved(sounds: Sequence[Sound], rng: np.random.Generator) -> Iterator[tuple[dict[str, Any], Audio]]:
    """Rows and sounds at other pitches, in an order of their own."""
    for number, index in enumerate(rng.permutation(len(sounds))):
        sound = sounds[index]
        samples = sound.read(RATE_HZ, mono=True).samples[0]
        f0 = pitch(samples, RATE_HZ, HOP_SAMPLES)
        if not f0.any():
            continue
        height = np.exp(rng.uniform(*np.log(_HEIGHTS_HZ)))
        semitones = round(12 * float(np.log2(height / np.median(f0[f0 > 0]))))
        if semitones == 0 or not _SEMITONES[0] <= semitones <= _SEMITONES[1]:
            continue
        moved = shift_pitch(samples, f0, 2 ** (semitones / 12), RATE_HZ, HOP_SAMPLES)
        moved *= min(1.0, _LOUDEST / float(np.abs(moved).max(initial=1e-9)))
        row = {key: value for key, value in sound.row.items() if key not in ("file", "f0_file")}
        said_by = row.get("speaker") or sound.name.split("/")[0]
        row |= {"file": f"audio/{number:05d}.flac", "speaker": said_by, "semitones": semitones, "split": "train"}
        yield row, Audio(moved[None], RATE_HZ)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    minutes = write_pitched(given.data, given.minutes, given.seed, given.out, Progress())
    print(f"{minutes:.1f} minutes of speech at other pitches")


if __name__ == "__main__":
    main()
