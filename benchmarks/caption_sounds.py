"""Sounds in brackets, as `menura caption --sounds` tells them: how often, and how often rightly.

    python benchmarks/caption_sounds.py SPEECH DATA… [--least 0.6] [--apart 0.05]

Held-out recordings (splits valid and test) of kinds that have a name in brackets, and music, stand in a pause of 8 s
between two sentences of the folder SPEECH. DATA are folders with a `manifest.jsonl` of labelled recordings; those
whose name begins with music are music.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from measures.sounds import RATE_HZ, recordings
from menura.audio import read
from menura.data.manifests import rows
from menura.tasks import sounds_heard
from menura.tasks.models import Models
from menura.tasks.sounds_heard import Sounds

_SECONDS = 8.0
_NAMES = {
    **{
        name: name for name in ("rain", "wind", "thunder", "waves", "birds", "crickets", "insects", "door", "footsteps")
    },
    **{name: name for name in ("bell", "alarm", "siren", "engine", "train", "aeroplane", "explosion", "fire", "click")},
    **{name: name for name in ("clock", "laser", "whoosh", "crowd", "applause", "noise", "music")},
    **dict.fromkeys(("stream", "splash", "drip", "bubbles"), "water"),
    **{"bark": "dog barks", "creak": "door", "shot": "gunshots", "breaking": "glass breaks", "notification": "chime"},
    **{"scrape": "scraping", "static": "noise", "telephone": "telephone rings"},
}
"""Kind of sound -> its name in brackets."""


def held_out(folders: list[Path]) -> Iterator[tuple[str, np.ndarray]]:
    """Names in brackets, and what they are of."""
    effects = [folder for folder in folders if not folder.name.startswith("music")]
    for one in recordings(effects, ("valid", "test")):
        if one.kind in _NAMES:
            yield _NAMES[one.kind], one.sound().samples[0]
    for folder in folders:
        if folder.name.startswith("music"):
            for _, row in rows(folder / "manifest.jsonl"):
                if row["split"] != "train":
                    yield "music", read(folder / str(row["file"]), mono=True, sample_rate_hz=RATE_HZ).samples[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("speech", type=Path)
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA")
    parser.add_argument("--least", type=float, default=sounds_heard.LEAST)
    parser.add_argument("--apart", type=float, default=sounds_heard.APART)
    parser.add_argument("--each", action="store_true", help="print what each is told to be")
    asked = parser.parse_args()
    sounds_heard.LEAST, sounds_heard.APART = asked.least, asked.apart
    models, count = Models(), round(_SECONDS * RATE_HZ)
    embedder, activity = models.get("embedder"), models.get("voice_activity")
    paths = [
        asked.speech / str(row["file"]) for _, row in rows(asked.speech / "manifest.jsonl") if row["split"] == "test"
    ]
    sentences = [read(path, mono=True, sample_rate_hz=RATE_HZ).samples[0] for path in paths[:20]]
    told = right = elsewhere = number = 0
    rng = np.random.default_rng(0)
    for number, (name, samples) in enumerate(held_out(asked.data), start=1):
        pause = 1e-4 * rng.standard_normal(count).astype(np.float32)
        samples = samples[: count * 3 // 4]
        pause[count // 8 : count // 8 + len(samples)] += 0.5 * samples / max(np.abs(samples).max(), 1e-6)
        parts = [sentences[number % len(sentences)], pause, sentences[0]]
        sounds = Sounds(embedder, activity)
        for _ in sounds.listening(iter([np.concatenate(parts).astype(np.float32)]), RATE_HZ):
            pass
        ends_s = np.cumsum([len(part) for part in parts]) / RATE_HZ
        here = [one.lines[0] for one in sounds.captions() if ends_s[0] - 0.5 <= one.start_s < ends_s[1]]
        if asked.each and here:
            print(f"{name:14} {' '.join(here)}")
        told, right = told + bool(here), right + (here[:1] == [f"[{name}]"])
        elsewhere += len(sounds.captions()) - len(here)
    print(f"{number} sounds: told {told}, rightly {right} ({100 * right / max(told, 1):.0f} %); elsewhere {elsewhere}")


if __name__ == "__main__":
    main()
