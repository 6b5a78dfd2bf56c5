"""Pictures and measures of sounds from words, to be looked at one by one.

    python benchmarks/sound_sheet.py FOLDER [--every 3] [--prompts benchmarks/prompts_sound.txt] [--like WORDS]

Every third prompt is made as it comes, with seed 0, and drawn as a spectrogram (40 Hz up, 80 dB); twenty go on a sheet.
Of each, the measures are printed: peak, crest (dB), mean, samples one after another at the peak, share of 10 ms frames
under -60 dB against the loudest, centroid, loudness, and of a loop of 5 s the step at the seam against the largest
inside.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import menura
from menura.audio import Audio, measure
from menura.audio.pictures import bare_spectrogram, save_png

_WIDTH, _HEIGHT, _LABEL, _COLUMNS, _OF_A_SHEET = 460, 170, 16, 4, 20
_MOST_S = 10.0


def measures(audio: Audio, loop: Audio) -> dict[str, float]:
    """What is printed of a sound, and of its loop."""
    samples, steps = audio.samples.astype(float), np.abs(np.diff(loop.samples[0], append=loop.samples[0, :1]))
    mono = samples.mean(0)
    frame = audio.sample_rate_hz // 100
    energies = np.square(mono[: len(mono) // frame * frame].reshape(-1, frame)).mean(1)
    power = np.square(np.abs(np.fft.rfft(mono)))
    hz = np.fft.rfftfreq(len(mono), 1 / audio.sample_rate_hz)
    return {
        "seconds": audio.duration_s,
        "peak": float(np.abs(samples).max()),
        "crest_db": float(20 * np.log10(np.abs(samples).max() / max(np.sqrt(np.mean(np.square(samples))), 1e-9))),
        "clipped": int((np.abs(samples[:, 1:][np.diff(samples) == 0]) > 0.999 * np.abs(samples).max()).sum()),
        "mean": float(np.abs(samples.mean(1)).max()),
        "silent": float((energies < 1e-6 * energies.max(initial=0)).mean()),
        "centroid_hz": float((hz * power).sum() / max(power.sum(), 1e-20)),
        "lufs": measure(audio).integrated_lufs,
        "seam": float(steps[-1] / max(steps[:-1].max(), 1e-9)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the number of the first prompt, from 0")
    parser.add_argument("--prompts", type=Path, default=Path(__file__).parent / "prompts_sound.txt")
    parser.add_argument("--like", default="", help="only prompts that hold one of these words, with commas between")
    options = parser.parse_args()
    prompts = options.prompts.read_text(encoding="utf-8").splitlines()
    words = [word for word in options.like.split(",") if word]
    chosen = (
        [one for one in prompts if any(word in one for word in words)]
        if words
        else prompts[options.first :: options.every]
    )
    options.folder.mkdir(parents=True, exist_ok=True)
    heads = ("s", 5), ("peak", 5), ("crest", 5), ("mean", 8), ("flat", 4), ("silent", 6), ("centroid", 8), ("LUFS", 6)
    print(f"{'':38} {' '.join(f'{name:>{width}}' for name, width in heads)}  seam")
    for first in range(0, len(chosen), _OF_A_SHEET):
        rows = -(-len(chosen[first : first + _OF_A_SHEET]) // _COLUMNS)
        sheet = Image.new("RGB", (_COLUMNS * _WIDTH, rows * (_HEIGHT + _LABEL)), "white")
        draw = ImageDraw.Draw(sheet)
        for number, prompt in enumerate(chosen[first : first + _OF_A_SHEET]):
            audio = menura.sound(prompt, seed=0).audio
            one = measures(audio, menura.sound(prompt, seconds=5, loop=True, seed=0, mono=True).audio)
            print(
                f"{prompt[:38]:38} {one['seconds']:5.1f} {one['peak']:5.2f} {one['crest_db']:5.1f} {one['mean']:8.1e} "
                f"{one['clipped']:4.0f} {one['silent']:6.2f} {one['centroid_hz']:8.0f} {one['lufs']:6.1f} "
                f"{one['seam']:5.2f}",
                flush=True,
            )
            place = (number % _COLUMNS * _WIDTH, number // _COLUMNS * (_HEIGHT + _LABEL))
            draw.text((place[0] + 3, place[1] + 2), f"{prompt} ({one['seconds']:.1f} s)", fill="black")
            shown = Audio(audio.samples[:, : round(_MOST_S * audio.sample_rate_hz)], audio.sample_rate_hz)
            sheet.paste(bare_spectrogram(shown, _WIDTH - 6, _HEIGHT), (place[0] + 3, place[1] + _LABEL))
        save_png(sheet, options.folder / f"sheet-{first // _OF_A_SHEET + 1}.png", overwrite=True)


if __name__ == "__main__":
    main()
