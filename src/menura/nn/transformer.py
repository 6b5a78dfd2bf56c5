"""A decoder-only transformer: RMS normalisation, rotary positions, gated feed-forward, cached steps.

Su et al., RoFormer (2021); Shazeer, GLU Variants Improve Transformer (2020); Zhang & Sennrich, RMSNorm (2019).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, Int8
from torch import Tensor, nn

from menura.nn.int8 import ROWS
from menura.nn.kernels import FRAMES, MOST_CHANNELS, array, perceptron, rows, transformer_step

_FEWEST_A_THREAD = 4
"""Sequences: for fewer it does not pay that each thread reads all weights."""


@dataclass(slots=True)
class Cache:
    """Keys and values of every layer, and how many frames are filled.

    The tensors are written in place by whoever holds them: a cache belongs to one sampling loop.

    Attributes:
        keys, values: ``[layer, batch, head, frame, channel]``.
    """

    keys: Tensor
    values: Tensor
    length: int


@dataclass(slots=True)
class Memory:
    """What a `Decoder` keeps of earlier frames: a `Cache` in whole numbers of 8 bits, on the CPU, written in place.

    Keys and values are packed as matrices that a query, and what it makes of the keys, are multiplied with
    (`menura.nn.int8`): a key is a row of the first, a value a column of the second. T frames and C channels have some
    that were added, and count for nothing.

    Attributes:
        keys, values: int8 ``[layer, batch, head, T * C]``.
        scales: float32 ``[layer, batch, 2, head, T]``: what the whole numbers of each key and value are multiplied by.
    """

    keys: np.ndarray
    values: np.ndarray
    scales: np.ndarray
    length: int

    def of(self, items: slice) -> Memory:
        """A part of the batch, in the same memory."""
        return Memory(self.keys[:, items], self.values[:, items], self.scales[:, items], self.length)

    def fill(self, cache: Cache) -> None:
        """Take the frames of a cache in place of one's own."""
        length = self.length = cache.length
        stop, channels = -(-length // FRAMES) * FRAMES, self.keys.shape[-1] // self.scales.shape[-1]
        for part, vectors in enumerate((cache.keys, cache.values)):
            x = array(vectors[..., :length, :])
            scales = np.maximum(np.abs(x).max(-1), 1e-30) / 127
            whole = np.zeros((*x.shape[:3], stop, channels), np.int8)
            whole[..., :length, : x.shape[-1]] = np.rint(x / scales[..., None])
            if part == 0:
                of_pairs = whole.reshape(*x.shape[:3], -1, FRAMES, channels // 2, 2).swapaxes(-3, -2)
            else:
                of_pairs = whole.reshape(*x.shape[:3], -1, 2, channels).swapaxes(-2, -1)
            self.arrays[part][..., : stop * channels] = of_pairs.reshape(*x.shape[:3], -1)
            self.scales[:, :, part, :, :length] = scales

    def copy(self, other: Memory) -> None:
        """Take the frames of another memory."""
        self.length = other.length
        for own, others in zip(self.arrays, other.arrays, strict=True):
            own[:] = others

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As `Decoder.step_each` takes it."""
        return self.keys, self.values, self.scales


class Rotary(nn.Module):
    """Tables that turn channel pairs of queries and keys by angles in proportion to their place."""

    cos: Tensor
    sin: Tensor

    def __init__(self, channels: int, max_frames: int) -> None:
        super().__init__()
        rates = 10_000.0 ** (-torch.arange(0, channels, 2) / channels)
        angles = torch.outer(torch.arange(max_frames), rates)
        self.register_buffer("cos", torch.cat((angles.cos(), angles.cos()), -1), persistent=False)
        self.register_buffer("sin", torch.cat((-angles.sin(), angles.sin()), -1), persistent=False)

    def forward(self, x: Float[Tensor, "batch head frame channel"], start: int = 0) -> Tensor:
        """Turn `x`, whose first frame stands at place `start`."""
        cos, sin = (table[start : start + x.shape[-2]].to(x.dtype) for table in (self.cos, self.sin))
        return x * cos + x.roll(x.shape[-1] // 2, -1) * sin


class Block(nn.Module):
    """Causal self-attention, then a gated feed-forward layer, each on a normalised residual stream."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.RMSNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.attention_out = nn.Linear(width, width, bias=False)
        self.feed_norm = nn.RMSNorm(width)
        self.gate_up = nn.Linear(width, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Float[Tensor, "batch frame width"], rotary: Rotary) -> Float[Tensor, "batch frame width"]:
        q, k, v = self._heads(x)
        mixed = F.scaled_dot_product_attention(rotary(q), rotary(k), v, is_causal=True)
        return self._feed(x + self._joined(mixed))

    def step(self, x: Tensor, rotary: Rotary, keys: Tensor, values: Tensor, start: int) -> Tensor:
        """As `forward`, for frames that follow `start` frames of which keys and values are there (`Cache`)."""
        q, k, v = self._heads(x)
        stop = start + x.shape[1]
        keys[..., start:stop, :], values[..., start:stop, :] = rotary(k, start), v
        keys, values = keys[..., :stop, :], values[..., :stop, :]
        mask = None
        if x.shape[1] > 1:
            mask = torch.ones(x.shape[1], stop, dtype=torch.bool, device=x.device).tril(start)
        mixed = F.scaled_dot_product_attention(rotary(q, start), keys, values, attn_mask=mask)
        return self._feed(x + self._joined(mixed))

    def _heads(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        batch, frames, _ = x.shape
        qkv = self.qkv(self.attention_norm(x)).view(batch, frames, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return qkv[0], qkv[1], qkv[2]

    def _joined(self, mixed: Tensor) -> Tensor:
        return self.attention_out(mixed.transpose(1, 2).flatten(2))

    def _feed(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up(self.feed_norm(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Transformer(nn.Module):
    """`depth` causal blocks and a last normalisation.

    Args:
        width: channels of the residual stream.
        hidden: channels inside the feed-forward layer.
        max_frames: the longest sequence it will see.
    """

    def __init__(self, width: int, depth: int, heads: int, hidden: int, max_frames: int) -> None:
        super().__init__()
        self.heads = heads
        self.max_frames = max_frames
        self.rotary = Rotary(width // heads, max_frames)
        self.blocks = nn.ModuleList(Block(width, heads, hidden) for _ in range(depth))
        self.norm = nn.RMSNorm(width)
        for name, weight in self.named_parameters():
            if name.endswith(("attention_out.weight", "down.weight")):
                nn.init.normal_(weight, std=0.02 / (2 * depth) ** 0.5)
            elif weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)

    def forward(self, x: Float[Tensor, "batch frame width"]) -> Float[Tensor, "batch frame width"]:
        """Every frame sees itself and the frames before it."""
        for block in self.blocks:
            x = block(x, self.rotary)
        return self.norm(x)

    def start(self, batch: int) -> Cache:
        """An empty cache for `batch` sequences of up to `max_frames`."""
        like = self.norm.weight
        channels = like.shape[0] // self.heads
        layers = (len(self.blocks), batch, self.heads)
        keys, values = (like.new_zeros(*layers, self.max_frames, channels) for _ in range(2))
        return Cache(keys, values, 0)

    def decoder(self) -> Decoder:
        """A copy of the weights laid out for one frame at a time, on the CPU."""
        return Decoder(self)

    def step(self, x: Float[Tensor, "batch frame width"], cache: Cache) -> tuple[Tensor, Cache]:
        """The next frames' outputs, equal to `forward` over everything since `start`.

        Raises:
            ValueError: the cache is full.
        """
        if cache.length + x.shape[1] > self.max_frames:
            raise ValueError(f"the cache holds {self.max_frames} frames; {cache.length + x.shape[1]} were asked")
        for index, block in enumerate(self.blocks):
            x = cast(Block, block).step(x, self.rotary, cache.keys[index], cache.values[index], cache.length)
        return self.norm(x), Cache(cache.keys, cache.values, cache.length + x.shape[1])


class Decoder:
    """A transformer's step for one frame at a time, compiled, on the CPU: see `menura.nn.kernels`.

    The weights are rounded to 8 bits, each row with its own scale; norms are folded into the products after them.

    Raises:
        ValueError: its heads are too wide.
    """

    def __init__(self, transformer: Transformer) -> None:
        if transformer.rotary.cos.shape[1] > MOST_CHANNELS:
            raise ValueError(
                f"heads of {transformer.rotary.cos.shape[1]} channels; at most {MOST_CHANNELS} can be kept"
            )
        blocks = [cast(Block, block) for block in transformer.blocks]
        self.qkv = rows(*(folded(block.qkv, block.attention_norm) for block in blocks))
        self.joined = rows(*(block.attention_out.weight for block in blocks))
        self.gate_up = rows(*(folded(block.gate_up, block.feed_norm) for block in blocks))
        self.down = rows(*(block.down.weight for block in blocks))
        self.hidden, self.heads = blocks[0].down.in_features, blocks[0].heads
        self.last = array(transformer.norm.weight * transformer.norm.weight.shape[0] ** 0.5)
        self.cos, self.sin = array(transformer.rotary.cos), array(transformer.rotary.sin)

    def start(self, batch: int) -> Memory:
        """Room for so many sequences, of which nothing is kept yet."""
        frames, channels = (-(-size // step) * step for size, step in zip(self.cos.shape, (FRAMES, ROWS), strict=True))
        each = (len(self.qkv.weights), batch)
        keys, values = (np.zeros((*each, self.heads, frames * channels), np.int8) for _ in range(2))
        return Memory(keys, values, np.zeros((*each, 2, self.heads, frames), np.float32), 0)

    def step(self, x: Float[np.ndarray, "batch width"], memory: Memory) -> Float[np.ndarray, "batch width"]:
        """As `Transformer.step` for one frame, which is remembered.

        Raises:
            ValueError: the memory is full.
        """
        out = self.step_each(x, *memory.arrays, np.arange(len(x)), np.full(len(x), memory.length))
        memory.length += 1
        return out

    def step_each(
        self,
        x: Float[np.ndarray, "batch width"],
        keys: Int8[np.ndarray, "layer place head number"],
        values: Int8[np.ndarray, "layer place head number"],
        scales: Float[np.ndarray, "layer place 2 head frame"],
        places: Int[np.ndarray, "batch"],
        lengths: Int[np.ndarray, "batch"],
    ) -> Float[np.ndarray, "batch width"]:
        """As `step`, for sequences that are not equally long; each gives what it would alone, to the last bit.

        Args:
            keys, values, scales: of a `Memory`, written in place.
            places: where in it each sequence is.
            lengths: how many of its frames are filled.

        Raises:
            ValueError: there is no room for a frame.
        """
        if lengths.max() >= len(self.cos):
            raise ValueError(f"the memory holds {len(self.cos)} frames; {lengths.max() + 1} were asked")
        parts = min(torch.get_num_threads(), len(x) // _FEWEST_A_THREAD)
        if parts < 2:
            return self._step_some(x, keys, values, scales, places, lengths)
        split = zip(*(np.array_split(of, parts) for of in (x, places, lengths)), strict=True)
        steps = [_threads().submit(self._step_some, some, keys, values, scales, *where) for some, *where in split]
        return np.concatenate([step.result() for step in steps])

    def _step_some(self, x: np.ndarray, *where: np.ndarray) -> np.ndarray:
        weights = (self.qkv, self.joined, self.gate_up, self.down)
        return transformer_step(x, *weights, self.hidden, self.last, self.cos, self.sin, *where)


@cache
def _threads() -> ThreadPoolExecutor:
    """Those that steps of many sequences are shared among; kernels hold no lock of the interpreter."""
    return ThreadPoolExecutor(thread_name_prefix="decoder")


class PerceptronDecoder:
    """A norm, a layer, a GELU and a layer, for one frame at a time: see `Decoder`."""

    def __init__(self, norm: nn.RMSNorm, inner: nn.Linear, outer: nn.Linear) -> None:
        self.inner, self.outer = rows(folded(inner, norm)), rows(outer.weight)
        self.biases = [array(layer.bias) for layer in (inner, outer)]

    def __call__(self, x: Float[np.ndarray, "batch width"]) -> Float[np.ndarray, "batch out"]:
        return perceptron(x, self.inner, self.biases[0], self.outer, self.biases[1])


def folded(linear: nn.Linear, norm: nn.RMSNorm) -> Float[Tensor, "out in"]:
    """The weight that does to a vector's direction what `linear` does after `norm` to the vector."""
    return linear.weight.detach() * (norm.weight.detach() * linear.weight.shape[1] ** 0.5)
