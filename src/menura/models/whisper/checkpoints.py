"""Public weights of Whisper as a `Whisper`: OpenAI's, those of Hugging Face's transformers, CTranslate2's.

Nothing in them is trusted: no pickle but PyTorch's list of tensors, no code; sizes follow from the shapes of tensors
that are there, and a model is made once all its weights are known to be.

    x.pt                                OpenAI: {"dims": {…}, "model_state_dict": {…}}, a zip that PyTorch reads
    model.safetensors, config.json      Hugging Face; several files with model.safetensors.index.json
    model.bin, config.json              CTranslate2: see `menura.models.whisper.ctranslate2`

Beside them may stand ``tokenizer.json``, ``vocab.json`` or one ``.tiktoken``; else the words are OpenAI's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from menura.files import read_json
from menura.models.whisper.ctranslate2 import MAGIC, read_ctranslate2
from menura.models.whisper.languages import LANGUAGES
from menura.models.whisper.model import Whisper, WhisperConfig
from menura.models.whisper.tokenizer import Tokenizer, read_tokens, usual_tokens

Weights = Mapping[str, Tensor]

_HEAD_CHANNELS = 64
"""Of every public model."""
_FIRST_MULTILINGUAL_VOCAB = 51865
_NUM_SPECIAL = 1509
"""Tokens that are no text and no languages: ends, tasks, times."""
_MAX_JSON_BYTES = 32 << 20

_ALIGNMENT_HEADS = {
    (4, 6, False): "1:0 2:0,5 3:0,1,2,3,4",
    (4, 6, True): "2:2 3:0,2,3,4,5",
    (6, 8, False): "3:3 4:7 5:1,5,7",
    (6, 8, True): "3:1 4:2,3,7 5:1,2,4,6",
    (12, 12, False): "6:6 7:0,3,8 8:2,5,7 9:0,4,8,10 10:0,1,2,3,6,11 11:2,4",
    (12, 12, True): "5:3,9 8:0,4,7,8 9:0,7,9 10:5",
    (24, 16, False): "11:4 14:1,12,14 15:4 16:0,4,9 17:12,14 18:7,10,15 20:0,3,9,14 21:12",
    (24, 16, True): "13:15 15:4,15 16:1 20:0 23:4",
    (32, 20, True): "10:12 13:17 16:11,12,13 17:15,16 18:4,11,19 19:11 21:2,3 22:3,9,12 23:5,7,13 25:5 26:1,12 27:15",
    (4, 20, True): "2:4,11 3:3,6,11,14",
}
"""Layers of the decoder, heads, whether multilingual -> layers and heads whose attention follows the words, as OpenAI
chose them; of (32, 20) those of large-v2."""
_OF_LARGE_V3 = "7:0 10:17 12:18 13:12 16:1 17:14 19:11 21:4 24:1 25:6"


def read_checkpoint(path: Path | str) -> Whisper:
    """A model of public weights.

    Args:
        path: a file of weights, or its folder.

    Raises:
        ValueError: there are none, or they are not sound; one line.
    """
    file = _weights_file(Path(path))
    with file.open("rb") as opened:
        start = opened.read(18)
    about = _json_beside(file, "config.json") | _json_beside(file, "generation_config.json")
    if file.name.endswith(".safetensors") or file.name.endswith(".index.json"):
        weights, heads = _read_hugging_face(file), None
    elif start[:4] == b"PK\x03\x04":
        weights, heads = _read_openai(file)
    elif start[6:] == MAGIC:
        weights, heads = read_ctranslate2(file)
    else:
        raise ValueError(f"{file}: is neither OpenAI's, Hugging Face's nor CTranslate2's Whisper")
    try:
        return _filled(weights, _tokenizer(weights, about, file.parent), heads, about)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def _weights_file(path: Path) -> Path:
    if not path.is_dir():
        return path
    usual = ("model.safetensors", "model.safetensors.index.json", "model.bin")
    found = [path / name for name in usual if (path / name).is_file()] or sorted(path.glob("*.pt"))
    if not found:
        raise ValueError(f"{path} holds no weights: no {', '.join(usual)}, and no x.pt")
    return found[0]


def _json_beside(file: Path, name: str) -> dict[str, Any]:
    return read_json(file.parent / name, _MAX_JSON_BYTES) if (file.parent / name).is_file() else {}


def _tokenizer(weights: Weights, about: Mapping[str, Any], folder: Path) -> Tokenizer:
    size = len(_weight(weights, "decoder.token_embedding.weight"))
    is_multilingual = bool(about.get("is_multilingual", size >= _FIRST_MULTILINGUAL_VOCAB))
    tokens = read_tokens(folder) or usual_tokens(is_multilingual)
    num_languages = size - _NUM_SPECIAL - len(tokens)
    if not 1 <= num_languages <= len(LANGUAGES):
        raise ValueError(f"a vocabulary of {size} is not that of {len(tokens)} tokens of text")
    return Tokenizer(tokens, num_languages, is_multilingual)


def _filled(weights: Weights, tokenizer: Tokenizer, heads: tuple[int, int] | None, about: Mapping[str, Any]) -> Whisper:
    """A model with these weights, whose shapes say how large it is."""
    mels, places, positions = (
        _weight(weights, name).shape
        for name in ("encoder.conv1.weight", "encoder.positional_embedding", "decoder.positional_embedding")
    )
    if len(mels) != 3 or len(places) != 2 or len(positions) != 2:
        raise ValueError("its convolutions or positions have another shape than Whisper's")
    width = positions[1]
    usual = max(width // _HEAD_CHANNELS, 1)
    names = ("encoder_attention_heads", "decoder_attention_heads")
    audio_heads, text_heads = heads or tuple(about.get(name, usual) for name in names)
    if not all(isinstance(count, int) and 1 <= count <= width for count in (audio_heads, text_heads)):
        raise ValueError("it has no number of heads")
    config = WhisperConfig(
        n_mels=mels[1], n_audio_ctx=places[0], n_audio_state=mels[0], n_audio_head=audio_heads,
        n_audio_layer=_num_layers(weights, "encoder"), n_text_ctx=positions[0], n_text_state=width,
        n_text_head=text_heads, n_text_layer=_num_layers(weights, "decoder"), n_vocab=tokenizer.n_vocab,
    )  # fmt: skip
    config = replace(config, alignment_heads=_alignment_heads(config, tokenizer, about))
    with torch.device("meta"):
        expected = Whisper(config).state_dict()
    expected.pop("vocabulary")
    if wrong := sorted(expected.keys() ^ weights.keys()):
        raise ValueError(f"missing or unknown weights: {', '.join(wrong[:5])}")
    for name, tensor in expected.items():
        if weights[name].shape != tensor.shape:
            raise ValueError(f"{name} has shape {tuple(weights[name].shape)}, not {tuple(tensor.shape)}")
    model = Whisper.of(config, tokenizer)
    model.load_state_dict({**weights, "vocabulary": model.vocabulary})
    return model.eval()


def _weight(weights: Weights, name: str) -> Tensor:
    if name not in weights or not weights[name].ndim:
        raise ValueError(f"there are no weights {name}")
    return weights[name]


def _num_layers(weights: Weights, part: str) -> int:
    """As many as are named; a number that is out of turn is found by what is then missing."""
    names = {name.split(".")[2] for name in weights if name.startswith(f"{part}.blocks.")}
    return len(names)


def _alignment_heads(
    config: WhisperConfig, tokenizer: Tokenizer, about: Mapping[str, Any]
) -> tuple[tuple[int, int], ...]:
    """What is said beside the weights, else OpenAI's choice for models of this size, else none."""
    layers, heads = config.n_text_layer, config.n_text_head
    said = about.get("alignment_heads")
    if said is None:
        size = (layers, heads, tokenizer.is_multilingual)
        line = _OF_LARGE_V3 if config.n_mels == 128 and layers == 32 else _ALIGNMENT_HEADS.get(size, "")
        rows = [(one.split(":")[0], head) for one in line.split() for head in one.split(":")[1].split(",")]
        return tuple((int(layer), int(head)) for layer, head in rows)
    found = []
    for pair in said if isinstance(said, list) else [said]:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(one, int) for one in pair):
            raise ValueError("alignment_heads are not pairs of a layer and a head")
        if not (0 <= pair[0] < layers and 0 <= pair[1] < heads):
            raise ValueError(f"alignment_heads name the head {pair}, which it has not")
        found.append((pair[0], pair[1]))
    return tuple(sorted(found))


def _read_openai(path: Path) -> tuple[Weights, tuple[int, int]]:
    """``torch.save``'s zip of tensors, mapped from the file; nothing else is unpickled."""
    try:
        held = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        dims, weights = held["dims"], dict(held["model_state_dict"])
        heads = int(dims["n_audio_head"]), int(dims["n_text_head"])
        tensors = {name: weight.detach() for name, weight in weights.items()}
    except Exception as error:
        raise ValueError(
            f"{path}: is no sound file of OpenAI's Whisper: {' '.join(str(error).split())[:160]}"
        ) from None
    for name, tensor in tensors.items():
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise ValueError(f"{path}: {name} is larger than its numbers")
    tensors.pop("alignment_heads", None)
    return tensors, heads


_HUGGING_FACE_NAMES = (
    (r"^model\.", ""),
    (r"\.layers\.", ".blocks."),
    (r"\.self_attn_layer_norm\.", ".attn_ln."),
    (r"\.encoder_attn_layer_norm\.", ".cross_attn_ln."),
    (r"\.final_layer_norm\.", ".mlp_ln."),
    (r"\.self_attn\.", ".attn."),
    (r"\.encoder_attn\.", ".cross_attn."),
    (r"\.q_proj\.", ".query."),
    (r"\.k_proj\.", ".key."),
    (r"\.v_proj\.", ".value."),
    (r"\.out_proj\.", ".out."),
    (r"\.fc1\.", ".mlp.0."),
    (r"\.fc2\.", ".mlp.2."),
    (r"\.embed_tokens\.weight", ".token_embedding.weight"),
    (r"\.embed_positions\.weight", ".positional_embedding"),
    (r"^encoder\.layer_norm\.", "encoder.ln_post."),
    (r"^decoder\.layer_norm\.", "decoder.ln."),
)


def _read_hugging_face(path: Path) -> Weights:
    files = [path]
    if path.name.endswith(".index.json"):
        parts = read_json(path, _MAX_JSON_BYTES).get("weight_map")
        if not isinstance(parts, dict) or not all(isinstance(name, str) for name in parts.values()):
            raise ValueError(f"{path}: has no weight_map")
        files = [path.parent / Path(name).name for name in sorted(set(parts.values()))]
    weights = {}
    for file in files:
        try:
            with safe_open(file, framework="pt") as opened:
                weights |= {_renamed(name): opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        except SafetensorError as error:
            raise ValueError(f"{file} is not a sound safetensors file: {' '.join(str(error).split())[:160]}") from None
    weights.pop("proj_out.weight", None)  # the embedding's own
    return weights


def _renamed(name: str) -> str:
    for pattern, ours in _HUGGING_FACE_NAMES:
        name = re.sub(pattern, ours, name)
    return name
