"""Whether what a diffusion model draws is of the kind that its words name.

    python benchmarks/sound_diffusion.py DATA [--model latent_diffusion] [--count 80] [--guidance 4] [--steps 20]

DATA is a folder as `menura train latent_diffusion` takes it. Held-out recordings with captions are taken, as many of
each kind as there are; each caption is drawn, as long as its recording, by the model, by the same model untrained
and by the model told another's caption; beside them stand noise of the mean spectrum and mean course of the kind's
training recordings, and the held-out recordings themselves, encoded and decoded too. Judges know nothing of the models:

- a classifier of kinds (`measures/sounds.py`) fitted on the training recordings whose labels, joined over the sets,
  name a kind, in per cent right; chance is the share of the most frequent one;
- the Fréchet distance of its features, in their first principal components, from the held-out recordings';
- the embedder's cosine to the caption, which is not independent: the model is told the embedder's points;
- the nearest training recording by the same features: the median distance, which for held-out recordings is
  what is usual, and how many are nearer than the nearest twentieth of those.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import torch

from measures.sounds import Classifier, Scale, features, frechet, kind_of, shaped_noise
from menura.audio import Audio, write
from menura.data.contents import sounds_in
from menura.models.embedder.recipe import captions_of
from menura.models.latent_diffusion.model import LatentDiffusion
from menura.tasks.drawn import Drawer
from menura.tasks.models import Models

_RATE_HZ = 44_100
_SHORTEST_S, _LONGEST_S = 0.2, 8.0
_COMPONENTS, _FEWEST = 16, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="latent_diffusion")
    parser.add_argument("--autoencoder", default="autoencoder")
    parser.add_argument("--embedder", default="embedder")
    parser.add_argument("--count", type=int, default=80)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="a folder for what is drawn")
    asked = parser.parse_args()
    models, rng = Models(), np.random.default_rng(0)
    embedder, autoencoder = models.get(asked.embedder), models.get(asked.autoencoder)
    model = models.get(asked.model)
    untrained = LatentDiffusion(model.config).eval()
    untrained.mean.copy_(model.mean)
    untrained.deviation.copy_(model.deviation)
    torch.nn.init.normal_(untrained.write.get_parameter("weight"), std=0.02)
    groups: dict[str, list] = defaultdict(list)
    learnt: dict[str, list[Audio]] = defaultdict(list)
    for sound in sounds_in(asked.data, lambda _: None):
        kind, captions = kind_of(str(sound.row.get("label") or "").lower()), captions_of(sound)
        if kind is None or not captions or sound.row.get("split") is None:
            continue
        heard = sound.read(_RATE_HZ, mono=True)
        if sound.split() == "train":
            learnt[kind].append(Audio(heard.samples[:, : round(_LONGEST_S * _RATE_HZ)], _RATE_HZ))
        elif _SHORTEST_S <= heard.duration_s <= _LONGEST_S:
            groups[kind].append((captions[0], heard))
    kinds = sorted(kind for kind in learnt if len(learnt[kind]) >= _FEWEST)
    turns = [one for turn in range(asked.count) for kind in kinds for one in [(kind, turn)] if turn < len(groups[kind])]
    chosen = [(kind, *groups[kind][turn]) for kind, turn in turns[: asked.count]]
    known = np.stack([features(sound) for kind in kinds for sound in learnt[kind]])
    labels = np.repeat(np.arange(len(kinds)), [len(learnt[kind]) for kind in kinds])
    judge, scale = Classifier(known, labels, len(kinds)), Scale(known)
    known = scale(known)
    components = np.linalg.svd(known, full_matrices=False)[2][:_COMPONENTS].T
    others = [chosen[place][1] for place in rng.permutation(len(chosen))]

    def drawn(network: LatentDiffusion, words: list[str]) -> list[Audio]:
        drawer = Drawer(network, autoencoder, embedder, None, asked.guidance, asked.steps)
        out = []
        for number, ((_, _, heard), said) in enumerate(zip(chosen, words, strict=True)):
            latents = drawer.draw(said, heard.duration_s, number)
            out.append(Audio(autoencoder.decode(latents).samples[:1, : heard.num_samples], _RATE_HZ))
        return out

    captions = [caption for _, caption, _ in chosen]
    recorded = [heard for _, _, heard in chosen]
    sets = {
        "recordings": recorded,
        "decoded": [autoencoder.decode(autoencoder.encode(heard)) for heard in recorded],
        "drawn": drawn(model, captions),
        "drawn of others' words": drawn(model, others),
        "untrained": drawn(untrained, captions),
        "shaped noise": [shaped_noise(learnt[kind], heard.duration_s, rng) for kind, _, heard in chosen],
    }
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
        for number, sound in enumerate(sets["drawn"]):
            write(sound, asked.keep / f"{number:02d}-{captions[number][:40].replace('/', ' ')}.wav")
    found = {name: np.stack([features(one) for one in sounds]) for name, sounds in sets.items()}
    judged = {name: scale(rows) for name, rows in found.items()}
    right = np.array([kinds.index(kind) for kind, _, _ in chosen])
    points = embedder.embed_text(captions)

    def nearest(rows: np.ndarray) -> np.ndarray:
        return np.sqrt(np.square(rows[:, None] - known[None]).mean(2)).min(1)

    usual = nearest(judged["recordings"])
    most = max(Counter(kind for kind, _, _ in chosen).values()) / len(chosen)
    print(f"{len(chosen)} captions of {len(kinds)} kinds; the most frequent one {100 * most:.0f} %")
    print("| set | kind right, % | Fréchet | cosine | nearest | nearer than usual, % |\n|---|---|---|---|---|---|")
    for name, rows in judged.items():
        told = judge.scores(found[name]).argmax(1)
        heard = np.stack([embedder.embed_audio(one.mono().samples, _RATE_HZ)[0] for one in sets[name]])
        near = nearest(rows)
        print(
            f"| {name} | {100 * (told == right).mean():.0f} | "
            f"{frechet(rows @ components, judged['recordings'] @ components):.0f} | "
            f"{(heard * points).sum(1).mean():.2f} | {np.median(near):.2f} | "
            f"{100 * (near < np.quantile(usual, 0.05)).mean():.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
