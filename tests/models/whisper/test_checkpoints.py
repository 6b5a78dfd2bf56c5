"""Public weights, in all three forms, are one model that says what transformers' says; damaged ones are refused."""

from __future__ import annotations

import io
import json
import pickle
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from menura.models.whisper.checkpoints import read_checkpoint
from menura.models.whisper.model import FRAMES, Whisper, WhisperConfig, log_mel_spectrogram
from menura.models.whisper.tokenizer import Tokenizer, byte_signs, usual_tokens

transformers = pytest.importorskip("transformers")

SIZES = {
    "multilingual": {"vocab_size": 51865},
    "english": {"vocab_size": 51864, "decoder_layers": 3},
    "large-v3": {"vocab_size": 51866, "num_mel_bins": 128, "encoder_layers": 3},
    "turbo": {"vocab_size": 51866, "num_mel_bins": 128, "encoder_layers": 4, "decoder_layers": 4},
}
DIMS = (
    *("n_mels", "n_audio_ctx", "n_audio_state", "n_audio_head", "n_audio_layer"),
    *("n_vocab", "n_text_ctx", "n_text_state", "n_text_head", "n_text_layer"),
)


def of_hugging_face(folder: Path, **sizes: int):
    """A tiny random model, saved; its logits of some sound and tokens."""
    usual = {"d_model": 16, "encoder_layers": 2, "decoder_layers": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    config = transformers.WhisperConfig(**{**usual, **heads, **sizes}, pad_token_id=0, bos_token_id=0, eos_token_id=0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = transformers.WhisperForConditionalGeneration(config).eval()
        for weight in model.parameters():
            if weight.ndim == 2 and weight.requires_grad:
                weight.data *= 8  # as different from each other as trained ones
    model.save_pretrained(folder)
    return model


def told(model: Whisper) -> tuple[Tensor, Tensor]:
    rng = np.random.default_rng(0)
    mel = torch.from_numpy(model.log_mel(0.1 * rng.standard_normal(50_000)))[None]
    return mel, torch.from_numpy(rng.integers(0, model.config.n_vocab, (1, 12)))


@pytest.mark.parametrize("size", SIZES)
@torch.inference_mode()
def test_logits_are_those_of_transformers(size, tmp_path):
    reference = of_hugging_face(tmp_path, **SIZES[size])
    model = read_checkpoint(tmp_path)
    mel, tokens = told(model)
    expected = reference(input_features=mel, decoder_input_ids=tokens).logits
    assert expected.std() > 0.1
    assert (model(mel, tokens) - expected).abs().max() < 1e-4
    assert model.config.n_text_layer == SIZES[size].get("decoder_layers", 2)
    assert model.is_multilingual == (size != "english")
    assert len(model.tokenizer.language_codes) == (100 if SIZES[size]["vocab_size"] == 51866 else 99)


@pytest.mark.parametrize("mels", [80, 128])
@pytest.mark.parametrize("seconds", [0.01, 4.2, 29.99, 30])
def test_log_mels_are_those_of_transformers(mels, seconds):
    sound = np.random.default_rng(0).standard_normal(round(16_000 * seconds)).astype(np.float32) * 0.1
    extractor = transformers.WhisperFeatureExtractor(feature_size=mels)
    expected = extractor(sound, sampling_rate=16_000, return_tensors="np").input_features[0]
    assert expected.shape == (mels, FRAMES)
    assert np.abs(log_mel_spectrogram(sound, mels) - expected).max() < 1e-4


def test_three_forms_are_one_model(tmp_path):
    of_hugging_face(tmp_path / "hf", **SIZES["multilingual"])
    model = read_checkpoint(tmp_path / "hf")
    save_openai(model, tmp_path / "tiny.pt")
    (tmp_path / "ct2").mkdir()
    save_ctranslate2(model, tmp_path / "ct2" / "model.bin")
    heads = {"alignment_heads": [[0, 1], [1, 0]]}
    (tmp_path / "ct2" / "config.json").write_text(json.dumps(heads))
    for path in (tmp_path / "tiny.pt", tmp_path / "ct2", tmp_path / "ct2" / "model.bin"):
        again = read_checkpoint(path)
        for name, weight in model.state_dict().items():
            assert torch.equal(again.state_dict()[name], weight), name
    assert read_checkpoint(tmp_path / "ct2").config.alignment_heads == ((0, 1), (1, 0))


def test_whole_numbers_of_ctranslate2_are_what_they_stand_for(tmp_path):
    of_hugging_face(tmp_path, **SIZES["english"])
    model = read_checkpoint(tmp_path)
    save_ctranslate2(model, tmp_path / "model.bin", whole=True)
    (tmp_path / "model.safetensors").unlink()
    again = read_checkpoint(tmp_path)
    for name, weight in model.named_parameters():
        assert torch.allclose(again.get_parameter(name), weight, atol=float(weight.detach().abs().max()) / 200), name


def test_openai_s_heads_are_known_by_size(tmp_path):
    config = WhisperConfig(n_audio_state=24, n_text_state=24, n_audio_layer=1)
    save_openai(Whisper.of(config, Tokenizer(usual_tokens(False))), tmp_path / "tiny.en.pt")
    assert read_checkpoint(tmp_path / "tiny.en.pt").config.alignment_heads[:3] == ((1, 0), (2, 0), (2, 5))


def test_words_beside_the_weights_come_first(tmp_path):
    tokens = list(usual_tokens(False))
    tokens[1000], tokens[1001] = tokens[1001], tokens[1000]
    model = Whisper.of(WhisperConfig(n_audio_state=12, n_text_state=12, n_audio_layer=1), Tokenizer(tokens))
    save_openai(model, tmp_path / "model.pt")
    assert read_checkpoint(tmp_path / "model.pt").tokenizer.tokens != tuple(tokens)
    signs = {value: sign for sign, value in byte_signs().items()}
    vocabulary = {"".join(signs[one] for one in token): rank for rank, token in enumerate(tokens)}
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary))
    assert read_checkpoint(tmp_path / "model.pt").tokenizer.tokens == tuple(tokens)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A sound file of each form."""
    folder = tmp_path_factory.mktemp("sound")
    model = Whisper.of(
        WhisperConfig(n_audio_state=12, n_text_state=12, n_audio_layer=1, n_text_layer=1),
        Tokenizer(usual_tokens(False)),
    )
    save_openai(model, folder / "x.pt")
    save_ctranslate2(model, folder / "model.bin")
    return folder


@pytest.mark.parametrize("name", ["x.pt", "model.bin"])
def test_damaged_files_are_refused_in_a_line(files, tmp_path, name):
    content = (files / name).read_bytes()
    rng = np.random.default_rng(0)
    for length in (0, 20, 60, len(content) // 2, len(content) - 90):
        (tmp_path / name).write_bytes(content[:length])
        with pytest.raises(ValueError, match=name):
            read_checkpoint(tmp_path / name)
    for place in rng.integers(0, 300, 12):
        changed = bytearray(content)
        changed[place] ^= 1 << rng.integers(8)
        (tmp_path / name).write_bytes(changed)
        with suppress(ValueError):
            read_checkpoint(tmp_path / name)


def test_sizes_that_a_file_only_claims_take_no_memory(tmp_path):
    header = struct.pack("<I", 6) + string("WhisperSpec") + struct.pack("<II", 3, 2**31)
    huge = string("encoder/conv1/weight") + struct.pack("<B3IBI", 3, 2**16, 2**16, 2**16, 0, 2**32 - 1)
    (tmp_path / "model.bin").write_bytes(header + huge)
    with pytest.raises(ValueError, match="bytes"):
        read_checkpoint(tmp_path)
    claimed = torch.zeros(1).expand(1 << 40)
    torch.save({"dims": {"n_audio_head": 1, "n_text_head": 1}, "model_state_dict": {"x": claimed}}, tmp_path / "x.pt")
    with pytest.raises(ValueError, match="larger than its numbers"):
        read_checkpoint(tmp_path / "x.pt")


def test_nothing_is_unpickled_that_could_run(tmp_path):
    class Bad:
        def __reduce__(self):
            return (print, ("ran",))

    torch.save({"dims": Bad(), "model_state_dict": {}}, tmp_path / "x.pt")
    with pytest.raises(ValueError, match="no sound file"):
        read_checkpoint(tmp_path / "x.pt")
    (tmp_path / "y.pt").write_bytes(pickle.dumps({"dims": 1}))
    with pytest.raises(ValueError, match="neither"):
        read_checkpoint(tmp_path / "y.pt")
    with pytest.raises(ValueError, match="holds no weights"):
        read_checkpoint(tmp_path.parent)


def save_openai(model: Whisper, path: Path) -> None:
    weights = {name: weight for name, weight in model.state_dict().items() if name != "vocabulary"}
    torch.save({"dims": {name: getattr(model.config, name) for name in DIMS}, "model_state_dict": weights}, path)


def string(text: str) -> bytes:
    return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"


def save_ctranslate2(model: Whisper, path: Path, whole: bool = False) -> None:
    """As CTranslate2's converter writes it."""
    state, tensors = model.state_dict(), {}
    for part, last, table in (("encoder", "ln_post", None), ("decoder", "ln", "token_embedding")):
        heads = model.config.n_audio_head if part == "encoder" else model.config.n_text_head
        tensors[f"{part}/num_heads"] = torch.tensor(heads, dtype=torch.int16)
        tensors[f"{part}/position_encodings/encodings"] = state[f"{part}.positional_embedding"]
        norm(tensors, f"{part}/layer_norm", state, f"{part}.{last}")
        if table:
            tensors[f"{part}/embeddings/weight"] = state[f"{part}.{table}.weight"]
        for layer in range(len(getattr(model, part).blocks)):
            block(tensors, f"{part}/layer_{layer}", state, f"{part}.blocks.{layer}")
    for name in ("conv1", "conv2"):
        for end in ("weight", "bias"):
            tensors[f"encoder/{name}/{end}"] = state[f"encoder.{name}.{end}"]
    if whole:
        for name in [name for name, tensor in tensors.items() if name.endswith("weight") and tensor.ndim == 2]:
            tensors[f"{name}_scale"] = 127 / tensors[name].abs().amax(1)
            tensors[name] = (tensors[name] * tensors[f"{name}_scale"][:, None]).round().to(torch.int8)
    kinds = {torch.float32: 0, torch.int8: 1, torch.int16: 2}
    out = io.BytesIO()
    out.write(struct.pack("<I", 6) + string("WhisperSpec") + struct.pack("<II", 3, len(tensors)))
    for name, tensor in tensors.items():
        content = tensor.contiguous().numpy().tobytes()
        out.write(string(name) + struct.pack(f"<B{tensor.ndim}I", tensor.ndim, *tensor.shape))
        out.write(struct.pack("<BI", kinds[tensor.dtype], len(content)) + content)
    out.write(struct.pack("<I", 1) + string("decoder/projection/weight") + string("decoder/embeddings/weight"))
    path.write_bytes(out.getvalue())


def block(tensors: dict[str, Tensor], theirs: str, state: dict[str, Tensor], ours: str) -> None:
    for kind, own in (("self_attention", "attn"), ("attention", "cross_attn")):
        if f"{ours}.{own}.query.weight" not in state:
            continue
        names = [f"{ours}.{own}.{part}" for part in ("query", "key", "value")]
        weights = [state[f"{name}.weight"] for name in names]
        biases = [state.get(f"{name}.bias", torch.zeros(len(weights[0]))) for name in names]
        groups = [slice(0, 3)] if own == "attn" else [slice(0, 1), slice(1, 3)]
        for number, group in enumerate(groups):
            tensors[f"{theirs}/{kind}/linear_{number}/weight"] = torch.cat(weights[group])
            tensors[f"{theirs}/{kind}/linear_{number}/bias"] = torch.cat(biases[group])
        linear(tensors, f"{theirs}/{kind}/linear_{len(groups)}", state, f"{ours}.{own}.out")
        norm(tensors, f"{theirs}/{kind}/layer_norm", state, f"{ours}.{own}_ln")
    norm(tensors, f"{theirs}/ffn/layer_norm", state, f"{ours}.mlp_ln")
    for number, own in enumerate(("mlp.0", "mlp.2")):
        linear(tensors, f"{theirs}/ffn/linear_{number}", state, f"{ours}.{own}")


def linear(tensors: dict[str, Tensor], theirs: str, state: dict[str, Tensor], ours: str) -> None:
    for end in ("weight", "bias"):
        tensors[f"{theirs}/{end}"] = state[f"{ours}.{end}"]


def norm(tensors: dict[str, Tensor], theirs: str, state: dict[str, Tensor], ours: str) -> None:
    for end, own in (("gamma", "weight"), ("beta", "bias")):
        tensors[f"{theirs}/{end}"] = state[f"{ours}.{own}"]
