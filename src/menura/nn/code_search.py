"""Codes chosen by what is heard of them: analysis by synthesis, for those who have time to encode.

An encoder looks once, and the quantiser takes the nearest codes; nobody asks what the decoder makes of them. Here they
do: latents are moved, by Adam, to where the decoder's sound is nearer the sound that is coded, and the nearest codes
are taken anew after every move. Gradients pass the quantiser as in training (van den Oord et al. 2017). The codec and
the cost of decoding stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from menura.nn.quantize import ResidualVectorQuantizer

_BLOCK_S, _AHEAD_S = 4.0, 0.25
"""What is settled at once, and how much more is looked at for it."""
_STEP, _BETAS = 0.03, (0.5, 0.9)
"""Adam's: the first step as a share of the latents' size; later ones are smaller."""
_LEAST_STEP = 0.05

Distance = Callable[[Tensor, Tensor], Tensor]
"""Of two sounds ``[batch, sample]``, a scalar."""


class Decodes(Protocol):
    """What a search asks of a codec: see `menura.nn.coding.BaseCodec`."""

    hop_samples: int
    delay_samples: int
    quantizer: ResidualVectorQuantizer

    @property
    def frames_per_s(self) -> float: ...

    def parameters(self) -> Iterator[nn.Parameter]: ...

    def start(self, batch: int, /) -> tuple[Any, Any]: ...

    def decode_latents_step(self, frames: Tensor, memory: Any, /) -> tuple[Tensor, Any]: ...


class CodeSearch:
    """Finds the codes of latents as they come; but for rounding, the parts they come in do not matter.

    Args:
        codec: the codec, on the CPU or elsewhere; it is not changed.
        channels: of the sound.
        num_codebooks: codebooks to use.
        rounds: of moving; 40 bring most of what there is to be had.
        distance: what to make small.
        turn: called before each round; what it raises ends the search.
    """

    def __init__(
        self,
        codec: Decodes,
        channels: int,
        num_codebooks: int,
        rounds: int,
        distance: Distance,
        turn: Callable[[], None] | None = None,
    ) -> None:
        self._codec, self._num_codebooks, self._rounds, self._distance, self._turn = (
            codec,
            num_codebooks,
            rounds,
            distance,
            turn,
        )
        self._memories = [codec.start(1)[1] for _ in range(channels)]
        like = next(codec.parameters())
        self._latents = like.new_zeros(channels, 0, codec.quantizer.first.codebook.shape[1])
        self._sound = like.new_zeros(channels, codec.delay_samples)  # what a decoder gives is so much late
        self._begun = False
        self._block, self._ahead = (max(1, round(seconds * codec.frames_per_s)) for seconds in (_BLOCK_S, _AHEAD_S))

    @torch.inference_mode(False)
    @torch.no_grad()
    def push(
        self, latents: Float[Tensor, "channel frame latent"], sound: Float[Tensor, "channel sample"]
    ) -> Int[Tensor, "channel settled stage"]:
        """Take in frames, and the hop of sound that each of them is of; gives the codes that are now settled."""
        self._latents = torch.cat((self._latents, latents.clone()), 1)
        self._sound = torch.cat((self._sound, sound.clone()), 1)
        settled = [self._latents.new_zeros(len(self._latents), 0, self._num_codebooks, dtype=torch.long)]
        while self._latents.shape[1] >= self._block + self._ahead:
            settled.append(self._settled(self._block + self._ahead, self._block))
        return torch.cat(settled, 1)

    @torch.inference_mode(False)
    @torch.no_grad()
    def finish(self) -> Int[Tensor, "channel settled stage"]:
        """The codes of all that is left."""
        count = self._latents.shape[1]
        return self._settled(count, count)

    def _settled(self, seen: int, kept: int) -> Tensor:
        hop = self._codec.hop_samples
        codes = torch.stack(
            [
                self._search(self._latents[one, :seen], self._sound[one, : seen * hop], memory)[:kept]
                for one, memory in enumerate(self._memories)
            ]
        )
        vectors = self._codec.quantizer.decode(codes)
        self._memories = [
            self._codec.decode_latents_step(vectors[one : one + 1], memory)[1]
            for one, memory in enumerate(self._memories)
        ]
        self._latents, self._sound, self._begun = self._latents[:, kept:], self._sound[:, kept * hop :], True
        return codes

    def _search(self, latents: Tensor, sound: Tensor, memory: object) -> Int[Tensor, "frame stage"]:
        """The codes of one block of one channel that were nearest in all rounds."""
        codec, unheard = self._codec, 0 if self._begun else self._codec.delay_samples
        with torch.enable_grad():
            moved = latents.clone().unsqueeze(0).requires_grad_()
            wanted = sound.unsqueeze(0)[:, unheard:]
            step = _STEP * max(float(latents.std(correction=0)), 1e-6)
            adam = torch.optim.Adam([moved], betas=_BETAS)
            best, nearest = float("inf"), None
            for turn in range(self._rounds + 1):
                if self._turn is not None:
                    self._turn()
                codes = codec.quantizer.encode(moved.detach(), self._num_codebooks)
                vectors = moved + (codec.quantizer.decode(codes) - moved).detach()
                distance = self._distance(codec.decode_latents_step(vectors, memory)[0][:, unheard:], wanted)
                if float(distance.detach()) < best:
                    best, nearest = float(distance.detach()), codes[0]
                (moved.grad,) = torch.autograd.grad(distance, [moved])
                adam.param_groups[0]["lr"] = step * max(1 - turn / self._rounds, _LEAST_STEP)
                adam.step()
        assert nearest is not None
        return nearest
