"""CTranslate2's ``model.bin``, version 6, as weights by OpenAI's names.

Little-endian: u32 version; name "WhisperSpec"; u32 revision; u32 count; of each tensor its name, u8 rank, u32 sizes, u8
type (float32, int8, int16, int32, float16, bfloat16), u32 bytes, and these; u32 count; of each alias its name and whose
it is. A name is u16 length with the NUL, bytes, NUL. What was rounded to int8 is a row's whole numbers divided by the
row's ``…_scale``. Queries, keys and values are rows of one matrix.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

MAGIC = b"WhisperSpec\0"

_VERSION = 6
_TYPES = (torch.float32, torch.int8, torch.int16, torch.int32, torch.float16, torch.bfloat16)
_MAX_NAME_BYTES, _MAX_RANK, _MAX_LAYERS = 512, 4, 512

_OUTER = {
    "encoder": {
        "conv1": ("conv1",),
        "conv2": ("conv2",),
        "position_encodings/encodings": ("positional_embedding",),
        "layer_norm": ("ln_post",),
    },
    "decoder": {
        "embeddings": ("token_embedding",),
        "position_encodings/encodings": ("positional_embedding",),
        "layer_norm": ("ln",),
    },
}
_SELF = {
    "self_attention/layer_norm": ("attn_ln",),
    "self_attention/linear_0": ("attn.query", "attn.key", "attn.value"),
    "self_attention/linear_1": ("attn.out",),
    "ffn/layer_norm": ("mlp_ln",),
    "ffn/linear_0": ("mlp.0",),
    "ffn/linear_1": ("mlp.2",),
}
_CROSS = {
    "attention/layer_norm": ("cross_attn_ln",),
    "attention/linear_0": ("cross_attn.query",),
    "attention/linear_1": ("cross_attn.key", "cross_attn.value"),
    "attention/linear_2": ("cross_attn.out",),
}
_BLOCKS = {"encoder": _SELF, "decoder": {**_SELF, **_CROSS}}
_ENDS = {"": "", "/weight": ".weight", "/bias": ".bias", "/gamma": ".weight", "/beta": ".bias"}


def read_ctranslate2(path: Path) -> tuple[dict[str, Tensor], tuple[int, int]]:
    """The weights of a file, and the heads of encoder and decoder.

    Raises:
        ValueError: the file breaks off, or is not what its beginning says.
    """
    try:
        found = dict(_File(path).tensors())
        weights = dict(_renamed(found))
        return weights, (int(found["encoder/num_heads"]), int(found["decoder/num_heads"]))
    except (KeyError, UnicodeDecodeError, RuntimeError) as error:
        raise ValueError(f"{path}: is no sound file of CTranslate2's Whisper: {str(error)[:80]}") from None


class _File:
    """A file as it is read; what it says of sizes is compared with what is there."""

    def __init__(self, path: Path) -> None:
        self.path, self.content, self.place = path, np.memmap(path, np.uint8, "c"), 0

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        version, _, _ = self._number("I"), self._name(), self._number("I")
        if version != _VERSION:
            raise ValueError(f"{self.path}: version {version} of CTranslate2's files is not read; {_VERSION} is")
        for _ in range(self._number("I")):
            yield self._name(), self._tensor()

    def _tensor(self) -> Tensor:
        if (rank := self._number("B")) > _MAX_RANK:
            raise ValueError(f"{self.path}: a tensor has {rank} axes")
        shape = [self._number("I") for _ in range(rank)]
        kind, num_bytes = self._number("B"), self._number("I")
        if kind >= len(_TYPES):
            raise ValueError(f"{self.path}: a tensor has numbers of an unknown type {kind}")
        size = _TYPES[kind].itemsize
        for one in shape:
            size *= one
        if size != num_bytes:
            raise ValueError(f"{self.path}: a tensor has {num_bytes} bytes, and a shape for {size}")
        return torch.from_numpy(self._taken(num_bytes)).view(_TYPES[kind]).reshape(shape)

    def _name(self) -> str:
        length = self._number("H")
        if not 1 <= length <= _MAX_NAME_BYTES:
            raise ValueError(f"{self.path}: has a name of {length} bytes")
        return self._taken(length).tobytes()[:-1].decode()

    def _number(self, kind: str) -> int:
        return struct.unpack(f"<{kind}", self._taken(struct.calcsize(kind)).tobytes())[0]

    def _taken(self, count: int) -> np.ndarray:
        start, self.place = self.place, self.place + count
        if self.place > len(self.content):
            raise ValueError(f"{self.path}: breaks off at byte {len(self.content)}")
        return self.content[start : self.place]


def _renamed(found: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    for part, blocks in _BLOCKS.items():
        yield from _under(found, part, _OUTER[part], part)
        for layer in range(_MAX_LAYERS):
            own = dict(_under(found, f"{part}/layer_{layer}", blocks, f"{part}.blocks.{layer}"))
            if not own:
                break
            yield from own.items()


def _under(
    found: Mapping[str, Tensor], theirs: str, names: Mapping[str, tuple[str, ...]], ours: str
) -> Iterator[tuple[str, Tensor]]:
    for name, parts in names.items():
        for end, own_end in _ENDS.items():
            whole = f"{theirs}/{name}{end}"
            if whole not in found:
                continue
            for part, rows in zip(parts, _exact(found, whole).chunk(len(parts)), strict=True):
                if not (part.endswith("key") and own_end == ".bias"):  # zeros: keys have none
                    yield f"{ours}.{part}{own_end}", rows


def _exact(found: Mapping[str, Tensor], name: str) -> Tensor:
    """Weights as numbers, whatever they were rounded to."""
    weights = found[name]
    if (scales := found.get(f"{name}_scale")) is None:
        return weights
    return weights.float() / scales.float().reshape(-1, *[1] * (weights.ndim - 1))
