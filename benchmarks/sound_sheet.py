"""Pictures and measures of sounds from words, to be looked at one by one.

    python benchmarks/sound_sheet.py FOLDER [--every 3] [--prompts benchmarks/prompts_sound.txt] [--like WORDS]

Every third prompt is made as it comes, with seed 0, and drawn as a spectrogram (40 Hz up, 80 dB); twenty go on a sheet.
Of each, the measures are printed: peak, mean, share of 10 ms frames under -60 dB against the loudest, centroid, and
loudness.
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


def measures(audio: Audio) -> dict[str, float]:
    """What is printed of a sound."""
    samples = audio.samples.astype(float)
    mono = samples.mean(0)
    frame = audio.sample_rate_hz // 100
    energies = np.square(mono[: len(mono) // frame * frame].reshape(-1, frame)).mean(1)
    power = np.square(np.abs(np.fft.rfft(mono)))
    hz = np.fft.rfftfreq(len(mono), 1 / audio.sample_rate_hz)
    return {
        "seconds": audio.duration_s,
        "peak": float(np.abs(samples).max()),
        "mean": float(np.abs(samples.mean(1)).max()),
        "silent": float((energies < 1e-6 * energies.max(initial=0)).mean()),
        "centroid_hz": float((hz * power).sum() / max(power.sum(), 1e-20)),
        "lufs": measure(audio).integrated_lufs,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=3)
    parser.add_argument("--prompts", type=Path, default=Path(__file__).parent / "prompts_sound.txt")
    parser.add_argument("--like", default="", help="only prompts that hold one of these words, with commas between")
    options = parser.parse_args()
    prompts = options.prompts.read_text(encoding="utf-8").splitlines()
    words = [word for word in options.like.split(",") if word]
    chosen = [one for one in prompts if any(word in one for word in words)] if words else prompts[:: options.every]
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"{'':38} {'s':>5} {'peak':>5} {'mean':>8} {'silent':>6} {'centroid':>8} {'LUFS':>6}")
    for first in range(0, len(chosen), _OF_A_SHEET):
        rows = -(-len(chosen[first : first + _OF_A_SHEET]) // _COLUMNS)
        sheet = Image.new("RGB", (_COLUMNS * _WIDTH, rows * (_HEIGHT + _LABEL)), "white")
        draw = ImageDraw.Draw(sheet)
        for number, prompt in enumerate(chosen[first : first + _OF_A_SHEET]):
            audio = menura.sound(prompt, seed=0).audio
            one = measures(audio)
            print(
                f"{prompt[:38]:38} {one['seconds']:5.1f} {one['peak']:5.2f} {one['mean']:8.1e} {one['silent']:6.2f} "
                f"{one['centroid_hz']:8.0f} {one['lufs']:6.1f}",
                flush=True,
            )
            place = (number % _COLUMNS * _WIDTH, number // _COLUMNS * (_HEIGHT + _LABEL))
            draw.text((place[0] + 3, place[1] + 2), f"{prompt} ({one['seconds']:.1f} s)", fill="black")
            shown = Audio(audio.samples[:, : round(_MOST_S * audio.sample_rate_hz)], audio.sample_rate_hz)
            sheet.paste(bare_spectrogram(shown, _WIDTH - 6, _HEIGHT), (place[0] + 3, place[1] + _LABEL))
        save_png(sheet, options.folder / f"sheet-{first // _OF_A_SHEET + 1}.png", overwrite=True)


if __name__ == "__main__":
    main()
