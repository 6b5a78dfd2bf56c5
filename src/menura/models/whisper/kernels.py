"""The decoder's step, compiled, for a CPU: weights in whole numbers, all else in float32.

A step of Whisper's decoder is some hundred small operations whose time goes into calling them, and into reading
weights: here a layer is one call (`menura.nn.int8`). Layers have 16 bits, for with 8 some texts would be others than
by the weights as they are. The vocabulary, most of what is read, has 8, and the logits of the likeliest tokens are
computed anew from the weights themselves. Keys and values of the sound, as much again, have 16 bits; keys are kept
channel by channel, so that a query meets all places at once.

Tokens of a batch are at places of their own: tokens of one prompt are several items, in order. What comes of each is
the same whatever else is in the batch.

Shapes: I item, D state, H head, C channel of a head, T audio place, N token, L layer.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int, Int16

from menura.compiled import INSIDE, QUICK, compiled
from menura.models.whisper.bfloat16 import narrowed, wide
from menura.models.whisper.tokenizer import NUM_TIMES
from menura.nn.int8 import Packed, multiply, packed, rounded
from menura.nn.kernels import add, array
from menura.nn.maxima import highest
from menura.nn.series import exp, gelu
from menura.progress import check

_EPS = np.float32(1e-5)
_NEAR = np.float32(2)
"""To the highest logit, twenty times what 8 bits may be off."""
_MOST_ITEMS = 256
"""In one call, if a row has no more: in between the work can be stopped."""
_BLOCK = 64
"""Rows that are multiplied with every item before the next ones: they stay in the nearest cache."""


class Layer(NamedTuple):
    """A layer's weights.

    Attributes:
        norms: gains and biases before self-attention, cross-attention and the feed-forward layer, ``[3, 2, D]``.
        qkv, out, cross_query, cross_out, up, down: matrices; queries are scaled for their products with keys.
    """

    norms: Float[np.ndarray, "3 2 state"]
    qkv: Packed
    out: Packed
    cross_query: Packed
    cross_out: Packed
    up: Packed
    down: Packed


class Audio(NamedTuple):
    """What a layer's cross-attention sees of windows.

    Attributes:
        keys: bfloat16 (`menura.models.whisper.bfloat16`) ``[window, H, C, T]``.
        values: the same, ``[window, H, T, C]``.
    """

    keys: Int16[np.ndarray, "window head channel place"]
    values: Int16[np.ndarray, "window head place channel"]


def layer_of(block: Any, n_head: int) -> Layer:
    """What the kernels take of a `ResidualAttentionBlock`."""
    attn, cross = block.attn, block.cross_attn
    scale = np.float32((attn.query.weight.shape[0] // n_head) ** -0.5)
    norms = np.stack(
        [np.stack([array(n.weight), array(n.bias)]) for n in (block.attn_ln, block.cross_attn_ln, block.mlp_ln)]
    )
    weights = [array(part.weight) for part in (attn.query, attn.key, attn.value)]
    biases = [array(attn.query.bias) * scale, np.zeros(len(weights[0]), np.float32), array(attn.value.bias)]
    qkv = _packed(np.concatenate([weights[0] * scale, *weights[1:]]), np.concatenate(biases))
    query = _packed(array(cross.query.weight) * scale, array(cross.query.bias) * scale)
    others = (attn.out, cross.out, block.mlp[0], block.mlp[2])
    out, cross_out, up, down = (_packed(array(one.weight), array(one.bias)) for one in others)
    return Layer(norms, qkv, out, query, cross_out, up, down)


def _packed(weight: Float[np.ndarray, "out in"], bias: Float[np.ndarray, " out"] | None = None) -> Packed:
    return packed(weight, bias, bits=16)


def heard(keys: Any, values: Any) -> Audio:
    """What the kernels take of a layer's `KeysValues`."""
    return Audio(narrowed(keys.transpose(-1, -2)), narrowed(values))


@compiled(**QUICK)
def product(matrix, x, out):
    """``out[i] = matrix @ x[i] + bias``, for every item."""
    count, columns = len(x), matrix.columns
    whole, scales = np.zeros((count, columns), np.int16), np.empty(count, np.float32)
    for item in range(count):
        scales[item] = rounded(x[item], whole[item])
    sums = np.empty(_BLOCK, np.int32)
    rows, wanted = len(matrix.scales), out.shape[1]
    for first in range(0, wanted, _BLOCK):
        size = min(_BLOCK, rows - first)
        for item in range(count):
            multiply(matrix.weights, first * columns, whole[item], columns, sums[:size])
            scale = scales[item]
            for row in range(min(size, wanted - first)):
                place = first + row
                out[item, place] = np.float32(sums[row]) * (scale * matrix.scales[place]) + matrix.bias[place]


@compiled(**QUICK)
def normed(x, norm, out):
    """Layer normalisation."""
    width = np.float32(x.shape[1])
    for item in range(len(x)):
        mean, square = np.float32(0), np.float32(0)
        for k in range(x.shape[1]):
            mean += x[item, k]
        mean /= width
        for k in range(x.shape[1]):
            off = x[item, k] - mean
            square += off * off
        unit = np.float32(1) / np.sqrt(square / width + _EPS)
        for k in range(x.shape[1]):
            out[item, k] = (x[item, k] - mean) * unit * norm[0, k] + norm[1, k]


@compiled(**INSIDE)
def _softmax(scores):
    top, total = highest(scores), np.float32(0)
    for k in range(len(scores)):
        scores[k] = exp(scores[k] - top)
        total += scores[k]
    share = np.float32(1) / total
    for k in range(len(scores)):
        scores[k] *= share


@compiled(**INSIDE)
def _mixed(weights, vectors, out):
    """``out = weights @ vectors[: len(weights)]``."""
    out[:] = 0
    whole = len(weights) // 4 * 4
    for k in range(0, whole, 4):
        a, b, c, d = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        for channel in range(len(out)):
            out[channel] += (a * wide(vectors[k, channel]) + b * wide(vectors[k + 1, channel])) + (
                c * wide(vectors[k + 2, channel]) + d * wide(vectors[k + 3, channel])
            )
    for k in range(whole, len(weights)):
        for channel in range(len(out)):
            out[channel] += weights[k] * wide(vectors[k, channel])


@compiled(**QUICK)
def self_attend(heads, memory, rows, at, mixed):
    """Remember the keys and values of every item, in order, and mix those of its row so far.

    Args:
        heads: ``[I, 3, H, C]`` queries, keys, values.
        memory: ``[2, row, H, N, C]`` of a layer.
        rows, at: of each item, its row and place.
        mixed: ``[I, H, C]``.
    """
    _, _, num_heads, channels = heads.shape
    scores = np.empty(memory.shape[3], np.float32)
    for item in range(len(heads)):
        row, place = rows[item], at[item]
        for head in range(num_heads):
            keys, values = memory[0, row, head], memory[1, row, head]
            for channel in range(channels):
                keys[place, channel] = heads[item, 1, head, channel]
                values[place, channel] = heads[item, 2, head, channel]
            query, own = heads[item, 0, head], scores[: place + 1]
            for k in range(place + 1):
                total = np.float32(0)
                for channel in range(channels):
                    total += query[channel] * keys[k, channel]
                own[k] = total
            _softmax(own)
            _mixed(own, values, mixed[item, head])


@compiled(**QUICK)
def cross_attend(queries, audio, windows, mixed):
    """Mix what is heard: queries ``[I, H, C]`` of items in their windows."""
    _, num_heads, channels = queries.shape
    scores = np.empty(audio.keys.shape[3], np.float32)
    for head in range(num_heads):
        for item in range(len(queries)):
            keys, query = audio.keys[windows[item], head], queries[item, head]
            for place in range(len(scores)):
                scores[place] = 0
            for k in range(0, channels, 4):
                a, b, c, d = query[k], query[k + 1], query[k + 2], query[k + 3]
                for place in range(len(scores)):
                    scores[place] += (a * wide(keys[k, place]) + b * wide(keys[k + 1, place])) + (
                        c * wide(keys[k + 2, place]) + d * wide(keys[k + 3, place])
                    )
            _softmax(scores)
            _mixed(scores, audio.values[windows[item], head], mixed[item, head])


@compiled(**QUICK)
def decoder_layer(x, layer, audio, memory, rows, windows, at):
    """A layer on the stream ``[I, D]``, in place; see `self_attend` and `cross_attend`."""
    count, width = x.shape
    num_heads, channels = memory.shape[2], memory.shape[4]
    told, added = np.empty((count, width), np.float32), np.empty((count, width), np.float32)
    heads, mixed = np.empty((count, 3 * width), np.float32), np.empty((count, width), np.float32)
    normed(x, layer.norms[0], told)
    product(layer.qkv, told, heads)
    by_head = mixed.reshape(count, num_heads, channels)
    self_attend(heads.reshape(count, 3, num_heads, channels), memory, rows, at, by_head)
    product(layer.out, mixed, added)
    add(x, added)
    normed(x, layer.norms[1], told)
    product(layer.cross_query, told, added)
    cross_attend(added.reshape(count, num_heads, channels), audio, windows, by_head)
    product(layer.cross_out, mixed, added)
    add(x, added)
    normed(x, layer.norms[2], told)
    wide = np.empty((count, 4 * width), np.float32)
    product(layer.up, told, wide)
    for item in range(count):
        for k in range(wide.shape[1]):
            wide[item, k] = gelu(wide[item, k])
    product(layer.down, wide, added)
    add(x, added)


@compiled(**QUICK)
def refine(logits, x, table, first, stop):
    """Compute the logits from `first` to `stop` that are near the highest of them from the weights themselves."""
    for item in range(len(x)):
        top = highest(logits[item, first:stop])
        for token in range(first, stop):
            if logits[item, token] > top - _NEAR:
                total = np.float32(0)
                for k in range(x.shape[1]):
                    total += x[item, k] * table[token, k]
                logits[item, token] = total


class CompiledDecoder:
    """What `CompiledSteps` takes of a `TextDecoder`."""

    def __init__(self, decoder: Any, n_head: int) -> None:
        self.layers = [layer_of(block, n_head) for block in decoder.blocks]
        self.n_head = n_head
        self.norm = np.stack([array(decoder.ln.weight), array(decoder.ln.bias)])
        self.embedding = array(decoder.token_embedding.weight)
        self.table = packed(self.embedding)
        self.positions = array(decoder.positional_embedding)


class CompiledSteps:
    """`menura.models.whisper.decoding.Steps`, compiled.

    Args:
        decoder: the weights.
        audio: of each layer.
    """

    def __init__(self, decoder: CompiledDecoder, audio: list[Audio]) -> None:
        self.decoder, self.audio = decoder, audio
        self.windows = np.arange(len(audio[0].keys))
        self.length = 0
        self.memory = self._room(len(self.windows))

    def step(self, tokens: Int[np.ndarray, "row token"], at: Any) -> Float[np.ndarray, "row place vocab"]:
        rows, count = tokens.shape
        places = np.tile(np.arange(self.length, self.length + count), rows)
        x = self.decoder.embedding[tokens.reshape(-1)] + self.decoder.positions[places]
        items = np.arange(rows).repeat(count)
        windows = self.windows[items]
        at_once = max(_MOST_ITEMS // count, 1) * count
        for layer, audio, memory in zip(self.decoder.layers, self.audio, self.memory, strict=True):
            for first in range(0, len(x), at_once):
                check()
                own = slice(first, first + at_once)
                decoder_layer(x[own], layer, audio, memory, items[own], windows[own], places[own])
        self.length += count
        chosen = np.ascontiguousarray(x.reshape(rows, count, -1)[:, list(at)]).reshape(rows * len(at), -1)
        normed(chosen, self.decoder.norm, chosen)
        logits = np.empty((len(chosen), len(self.decoder.embedding)), np.float32)
        product(self.decoder.table, chosen, logits)
        times = logits.shape[1] - NUM_TIMES
        refine(logits, chosen, self.decoder.embedding, 0, times)
        refine(logits, chosen, self.decoder.embedding, times, logits.shape[1])
        return logits.reshape(rows, len(at), -1)

    def select(self, sources: Int[np.ndarray, " row"]) -> None:
        former, self.windows = self.memory, self.windows[sources]
        self.memory = self._room(len(sources))
        self.memory[:, :, :, :, : self.length] = former[:, :, sources, :, : self.length]

    def _room(self, rows: int) -> Float[np.ndarray, "layer 2 row head token channel"]:
        width = self.decoder.positions.shape[1]
        shape = (len(self.decoder.layers), 2, rows, self.decoder.n_head, len(self.decoder.positions))
        return np.empty((*shape, width // self.decoder.n_head), np.float32)
