"""Sounds drawn from noise as words say, beside those that are made by rules: a kind of sound like theirs; and
recordings changed, filled in or gone on with."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float

from menura.audio import Audio
from menura.models.contract import Autoencoder, Diffusion, Embedder
from menura.progress import check
from menura.synth.generator import Generator, Stage

_OVERLAP_S, _SEAM_S = 1.0, 0.03
_LATENTS_OF_CONTEXT = 2
"""Beside what is filled in: a latent hears some sound of its neighbours."""


@dataclass(frozen=True)
class Drawer:
    """Draws sounds.

    Args:
        diffusion, autoencoder, embedder: the models; each was made with the next.
        negative: words of what is not wanted.
        guidance_scale: how far the words are followed; 1: as they were learnt.
        steps: from noise to sound.
    """

    diffusion: Diffusion
    autoencoder: Autoencoder
    embedder: Embedder
    negative: str | None = None
    guidance_scale: float = 4.0
    steps: int = 20

    def generator(self, words: str, seconds: float, lasts: bool) -> Generator:
        """A kind of sound, as those by rules are: what is drawn for these words.

        Args:
            words: what it is.
            seconds: how long it is; what is longer than the model's longest is drawn in parts that fade into another.
            lasts: whether it goes on for ever, as a texture, whose end leads into its beginning.
        """
        longest = self.longest_s
        if lasts or seconds > longest:
            return Generator("drawn", words, "texture", lambda stage: self._circle(words, stage), ())
        return Generator(
            "drawn", words, "event", lambda stage: self._part(words, stage.num_samples, stage), (),
            length_s=lambda _: seconds,
        )  # fmt: skip

    @property
    def longest_s(self) -> float:
        """What is drawn at once."""
        config = self.diffusion.config
        return config.max_frames / config.latents_per_s

    def _circle(self, words: str, stage: Stage) -> Float[np.ndarray, " sample"]:
        """Parts that overlap, the last one with the first."""
        overlap = round(min(_OVERLAP_S, stage.seconds / 4) * stage.rate)
        parts = int(np.ceil(stage.num_samples / (self.longest_s * stage.rate - overlap)))
        edges = [stage.num_samples * part // parts for part in range(parts + 1)]
        rise = np.sin(0.5 * np.pi * (np.arange(overlap) + 0.5) / overlap)
        circle = np.zeros(stage.num_samples)
        for first, end in pairwise(edges):
            part = self._part(words, end - first + overlap, stage)
            part[:overlap] *= rise
            part[len(part) - overlap :] *= rise[::-1]
            circle[np.arange(first, end + overlap) % stage.num_samples] += part
        return circle

    def _part(self, words: str, num_samples: int, stage: Stage) -> Float[np.ndarray, " sample"]:
        seconds = min(num_samples / stage.rate, self.longest_s)
        latents = self.draw(words, seconds, int(stage.detail.integers(2**31)))
        sound = self.autoencoder.decode(latents).resampled(stage.rate).samples[0]
        return np.pad(sound, (0, max(num_samples - len(sound), 0)))[:num_samples].astype(np.float64)

    def draw(
        self,
        words: str,
        seconds: float,
        seed: int,
        init: Float[np.ndarray, "1 frame latent"] | None = None,
        strength: float = 1.0,
        kept: Bool[np.ndarray, " frame"] | None = None,
    ) -> Float[np.ndarray, "1 frame latent"]:
        """Latents for words; `init`, `strength` and `kept` are as of the model's own `draw`."""
        said = self.embedder.embed_text([words])[:, None]
        negative = None if self.negative is None else self.embedder.embed_text([self.negative])
        return self.diffusion.draw(
            said, seconds, seeds=(seed,), negative=negative, guidance_scale=self.guidance_scale, steps=self.steps,
            init=init, strength=strength, kept=kept, turn=lambda _: check(),
        )  # fmt: skip

    def nearness(self, sound: Audio, words: str) -> float:
        """How near a sound is to words, -1 to 1."""
        point = self.embedder.embed_audio(sound.mono().samples, sound.sample_rate_hz)[0]
        return float(point @ self.embedder.embed_text([words])[0])

    def changed(self, sound: Audio, words: str, strength: float, seed: int) -> Audio:
        """A recording on its way to what words say; mono, at the model's rate.

        Args:
            sound: as long as is drawn at once, at most.
            strength: over 0 to 1, what of it is given up.

        Raises:
            ValueError: it is too long.
        """
        longest = self.longest_s
        if sound.duration_s > longest:
            raise ValueError(f"init: lasts {sound.duration_s:.1f} s; {longest:.1f} s are changed at once")
        own = sound.mono().resampled(self.autoencoder.sample_rate_hz)
        latents = self.autoencoder.encode(own)
        drawn = self.draw(words, self._seconds(latents.shape[1]), seed, latents, strength)
        return Audio(self.autoencoder.decode(drawn).samples[:, : own.num_samples], own.sample_rate_hz)

    def filled(self, sound: Audio, words: str, start_s: float, end_s: float, seed: int) -> Audio:
        """A recording with what lies between two moments drawn anew, in mono; beyond them not a bit is changed. What
        lies after its end goes on from it.

        Raises:
            ValueError: that is longer than what is drawn at once, less some context.
        """
        rate, hop, own_rate = self.autoencoder.sample_rate_hz, self.autoencoder.hop_samples, sound.sample_rate_hz
        first, end = round(start_s * own_rate), round(end_s * own_rate)
        whole = np.pad(sound.samples, ((0, 0), (0, max(end - sound.num_samples, 0))))
        seen = Audio(whole, own_rate).mono().resampled(rate).samples
        frames = -(-seen.shape[1] // hop)
        low, high, kept = self._window(int(start_s * rate) // hop, min(-int(-end_s * rate // hop), frames), frames)
        window = np.pad(seen, ((0, 0), (0, frames * hop - seen.shape[1])))[:, low * hop : high * hop]
        latents = self.draw(
            words, self._seconds(high - low), seed, self.autoencoder.encode(Audio(window, rate)), kept=kept
        )
        drawn = self.autoencoder.decode(latents).resampled(own_rate).samples[0]
        begin = first - round(low * hop * own_rate / rate)
        fade = min(round(_SEAM_S * own_rate), (end - first) // 4)
        rise = np.sin(0.5 * np.pi * (np.arange(fade) + 0.5) / max(fade, 1)) ** 2
        share = np.ones(end - first)
        share[:fade] = rise if first else 1.0
        if end < sound.num_samples:
            share[len(share) - fade :] = rise[::-1]
        new = np.pad(drawn[begin:], (0, max(end - first - len(drawn[begin:]), 0)))[: end - first]
        whole[:, first:end] += (share * (new - whole[:, first:end])).astype(np.float32)
        return Audio(whole, own_rate)

    def _window(self, first: int, end: int, count: int) -> tuple[int, int, Bool[np.ndarray, " frame"]]:
        """The latents that are seen around those that are filled in, and which of them stay."""
        most = self.diffusion.config.max_frames
        first, end = max(first - _LATENTS_OF_CONTEXT, 0), min(end + _LATENTS_OF_CONTEXT, count)
        spare = most - (end - first)
        if spare < most // 8:
            raise ValueError(f"{(end - first) / most * self.longest_s:.1f} s are too long to be filled in at once")
        low = max(first - (spare if end == count else spare // 2), 0)
        high = min(low + most, count)
        kept = np.ones(high - low, bool)
        kept[first - low : end - low] = False
        return low, high, kept

    def _seconds(self, frames: int) -> float:
        """Exactly so many latents' time, for `num_frames` to give them back."""
        return (frames - 0.5) * self.autoencoder.hop_samples / self.autoencoder.sample_rate_hz
