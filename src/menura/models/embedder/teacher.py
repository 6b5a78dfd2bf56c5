"""The meanings of texts by a sentence model, to learn from: MiniLM (Wang et al. 2020; Reimers & Gurevych 2019), read
from its folder (``config.json``, ``vocab.txt``, ``model.safetensors``). Used in training alone.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from safetensors.torch import load_file
from torch import Tensor

from menura.files import read_json, writing
from menura.progress import Progress

_PIECES = re.compile(r"\w+|[^\w\s]")
_LONGEST_WORD = 100
_MOST_PIECES = 62
_AT_ONCE = 128
_EPSILON = 1e-12


class SentenceModel:
    """A BERT encoder whose mean answer is a text's meaning.

    Args:
        folder: of the model.

    Raises:
        ValueError: it is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        try:
            config = read_json(folder / "config.json")
            vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
            self.weights = load_file(folder / "model.safetensors")
            self.depth, self.heads = int(config["num_hidden_layers"]), int(config["num_attention_heads"])
            self.width = int(config["hidden_size"])
        except (OSError, KeyError, ValueError) as error:
            raise ValueError(f"teacher: {folder} holds no sentence model ({error})") from error
        self.numbers = {piece: number for number, piece in enumerate(vocabulary)}

    def meanings(self, texts: Sequence[str], cache: Path, progress: Progress) -> Float[np.ndarray, "text meaning"]:
        """Unit length; kept in the folder `cache`, so that they are made once."""
        key = hashlib.sha256(json.dumps([self.width, self.depth, *texts]).encode()).hexdigest()[:12]
        path = cache / f"meanings-{key}.npy"
        if not path.exists():
            order = sorted(range(len(texts)), key=lambda place: len(texts[place]))  # alike long ones together
            out = np.zeros((len(texts), self.width), np.float16)
            for start in range(0, len(order), _AT_ONCE):
                progress.update(start, len(order), "meanings")
                places = order[start : start + _AT_ONCE]
                out[places] = self._embed([texts[place] for place in places]).numpy()
            with writing(path) as fresh, fresh.open("wb") as file:
                np.save(file, out)
        return np.load(path)

    def _pieces(self, text: str) -> list[int]:
        """WordPiece: the longest known beginning of what is left of a word, again and again."""
        plain = "".join(one for one in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(one) != "Mn")
        found = []
        for word in _PIECES.findall(plain):
            found += self._parts(word)
        return [self.numbers["[CLS]"], *found[:_MOST_PIECES], self.numbers["[SEP]"]]

    def _parts(self, word: str) -> list[int]:
        parts, start = [], 0
        while start < len(word) <= _LONGEST_WORD:
            begun = "##" if start else ""
            known = (stop for stop in range(len(word), start, -1) if begun + word[start:stop] in self.numbers)
            if not (stop := next(known, 0)):
                break
            parts.append(self.numbers[begun + word[start:stop]])
            start = stop
        return parts if start == len(word) else [self.numbers["[UNK]"]]

    @torch.inference_mode()
    def _embed(self, texts: Sequence[str]) -> Float[Tensor, "text meaning"]:
        pieces = [self._pieces(text) for text in texts]
        longest = max(map(len, pieces))
        numbers = torch.tensor([[*row, *[0] * (longest - len(row))] for row in pieces])
        mask = torch.tensor([[1.0] * len(row) + [0.0] * (longest - len(row)) for row in pieces])
        with torch.autocast("cpu", torch.bfloat16):
            x = self._encode(numbers, mask)
        mean = (x.float() * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(mean, dim=-1)

    def _encode(self, numbers: Tensor, mask: Tensor) -> Tensor:
        weights = self.weights
        x = weights["embeddings.word_embeddings.weight"][numbers]
        x = x + weights["embeddings.position_embeddings.weight"][: numbers.shape[1]]
        x = self._norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        bias = (mask[:, None, None] - 1) * 1e4
        for layer in range(self.depth):
            name = f"encoder.layer.{layer}"
            q, k, v = (
                self._linear(x, f"{name}.attention.self.{one}").unflatten(-1, (self.heads, -1)).transpose(1, 2)
                for one in ("query", "key", "value")
            )
            seen = F.scaled_dot_product_attention(q, k, v, bias.to(q.dtype)).transpose(1, 2).flatten(2)
            x = self._norm(
                x + self._linear(seen, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm"
            )
            inner = F.gelu(self._linear(x, f"{name}.intermediate.dense"))
            x = self._norm(x + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return x

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return F.layer_norm(
            x.float(), (self.width,), self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], _EPSILON
        )
