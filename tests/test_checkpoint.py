"""A model folder gives back the same model, and refuses whatever is not one."""

from __future__ import annotations

import contextlib
import json
import struct
import time
from dataclasses import dataclass
from typing import cast

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from menura import checkpoint
from menura.models.codec import model as codec
from menura.models.score_lm import model as score_lm
from menura.models.soundstream import model as soundstream
from menura.models.vocoder import model as vocoder
from menura.models.wavenet import model as wavenet


@dataclass(frozen=True, kw_only=True)
class InnerConfig:
    width: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 4096:
            raise ValueError(f"width is 1 to 4096, not {self.width}")


class Inner(nn.Module):
    Config = InnerConfig

    def __init__(self, config: InnerConfig) -> None:
        super().__init__()
        self.config = config
        self.layer = nn.Linear(config.width, config.width)

    def probe_inputs(self) -> dict[str, Tensor]:
        return {"x": torch.linspace(-1, 1, self.config.width)[None]}

    def probe(self, x: Tensor) -> dict[str, Tensor]:
        return {"y": self.layer(x), "largest": self.layer(x).argmax(-1)}


@dataclass(frozen=True, kw_only=True)
class OuterConfig:
    words: tuple[str, ...]
    width: int = 4
    rate: float = 0.5


class Outer(nn.Module):
    """Handed an inner model, with tied weights and a buffer that is not saved."""

    Config = OuterConfig
    parts = ("inner",)

    def __init__(self, config: OuterConfig, inner: Inner) -> None:
        super().__init__()
        self.config = config
        self.inner = inner
        self.embedding = nn.Embedding(len(config.words), config.width)
        self.head = nn.Linear(config.width, len(config.words), bias=False)
        self.head.weight = self.embedding.weight
        self.register_buffer("steps", torch.tensor(3))
        self.register_buffer("scale", torch.full((config.width,), config.rate), persistent=False)

    def probe_inputs(self) -> dict[str, Tensor]:
        return {"word": torch.arange(len(self.config.words))}

    def probe(self, word: Tensor) -> dict[str, Tensor]:
        return {"logits": self.head(self.inner.layer(self.embedding(word) * self.scale))}


FAMILIES = {"inner": f"{__name__}:Inner", "outer": f"{__name__}:Outer"}


def outer(seed: int = 0) -> Outer:
    torch.manual_seed(seed)
    return Outer(OuterConfig(words=("a", "b", "c")), Inner(InnerConfig()))


@pytest.fixture
def folder(tmp_path):
    return checkpoint.save(outer(), tmp_path / "outer", {"recipe": "none"}, card="# Outer\n", families=FAMILIES)


def edit_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_saved_then_loaded_is_bit_equal(folder):
    model, again = outer(), checkpoint.load(folder, families=FAMILIES)
    assert again.config == model.config
    assert again.head.weight is again.embedding.weight
    assert not again.training
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name
    assert torch.equal(again.scale, cast(torch.Tensor, model.scale))


def test_a_folder_says_what_it_is_and_each_part_is_complete_in_itself(folder):
    described = json.loads((folder / "config.json").read_text())
    assert described == {
        "format": 3,
        "family": "outer",
        "config": {"words": ["a", "b", "c"], "width": 4, "rate": 0.5},
        "provenance": {"recipe": "none"},
    }
    assert (folder / "README.md").read_text() == "# Outer\n"
    assert torch.equal(
        checkpoint.load(folder / "inner", families=FAMILIES).layer.weight,
        checkpoint.load(folder, families=FAMILIES).inner.layer.weight,
    )
    assert checkpoint.check(folder / "inner", families=FAMILIES).ok


def test_half_precision_is_stored_small_and_loaded_as_float32(tmp_path):
    folder = checkpoint.save(outer(), tmp_path / "half", {}, half=True, families=FAMILIES)
    assert load_file(folder / "model.safetensors")["embedding.weight"].dtype == torch.float16
    again = checkpoint.load(folder, families=FAMILIES)
    assert again.embedding.weight.dtype == torch.float32
    assert torch.equal(again.embedding.weight, outer().embedding.weight.half().float())
    assert checkpoint.check(folder, families=FAMILIES).ok


def test_the_check_reports_what_it_found(folder):
    report = checkpoint.check(folder, families=FAMILIES)
    assert report.ok
    assert report.difference == 0
    assert report.family == "outer"
    assert report.num_parameters == 3 * 4 + 4 * 4 + 4
    assert [part.family for part in report.parts] == ["inner"]
    assert report.weights == checkpoint.weights_hash(folder) == checkpoint.check(folder, families=FAMILIES).weights


def test_weights_that_are_no_numbers_are_refused(folder):
    path = folder / "inner" / "model.safetensors"
    weights = load_file(path)
    name = next(name for name in weights if name.endswith("weight"))
    save_file(weights | {name: weights[name] + float("nan")}, path)
    with pytest.raises(ValueError, match=f"{name} has numbers that are not finite"):
        checkpoint.load(folder, families=FAMILIES)


@pytest.mark.parametrize("part", ["", "inner"])
def test_the_check_finds_weights_that_are_not_those_saved(folder, part):
    path = folder / part / "model.safetensors"
    weights = load_file(path)
    name = next(name for name in weights if name.endswith("weight"))
    before = checkpoint.weights_hash(folder)
    save_file(weights | {name: weights[name] + 1e-2}, path)
    assert not checkpoint.check(folder, families=FAMILIES).ok
    assert checkpoint.weights_hash(folder) != before


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
@pytest.mark.parametrize("part", ["", "inner"])
def test_the_hash_of_a_model_covers_all_that_decides_its_answers(folder, part, name):
    before = checkpoint.model_hash(folder)
    path = folder / part / name
    path.write_bytes(path.read_bytes() + b" ")
    assert checkpoint.model_hash(folder) != before


def test_the_hash_of_a_model_is_not_that_of_its_card_or_of_files_beside_it(folder):
    before = checkpoint.model_hash(folder)
    (folder / "README.md").write_text("another card")
    (folder / "training").mkdir()
    (folder / "training" / "state.json").write_text("{}")
    assert checkpoint.model_hash(folder) == before


def test_a_probe_of_another_model_is_refused(folder):
    save_file({"in.word": torch.arange(2), "out.logits": torch.zeros(2, 3)}, folder / "probe.safetensors")
    with pytest.raises(ValueError, match="not those of its family"):
        checkpoint.check(folder, families=FAMILIES)


def test_nothing_is_overwritten_unless_asked_and_other_files_stay(folder):
    (folder / "training").mkdir()
    (folder / "training" / "state").write_text("kept")
    before = checkpoint.weights_hash(folder)
    with pytest.raises(FileExistsError):
        checkpoint.save(outer(1), folder, {}, families=FAMILIES)
    assert checkpoint.weights_hash(folder) == before
    checkpoint.save(outer(1), folder, {}, overwrite=True, families=FAMILIES)
    assert checkpoint.weights_hash(folder) != before
    assert (folder / "training" / "state").read_text() == "kept"


def test_a_model_that_is_not_sound_leaves_no_folder(tmp_path):
    broken = outer()
    with torch.no_grad():
        broken.embedding.weight[0, 0] = torch.inf
    with pytest.raises(ValueError, match=r"embedding\.weight are not finite"):
        checkpoint.save(broken, tmp_path / "broken", {}, families=FAMILIES)
    with pytest.raises(ValueError, match="Linear is in no family"):
        checkpoint.save(nn.Linear(2, 2), tmp_path / "broken", {}, families=FAMILIES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 4}, "format 4 is not known"),
        ({"format": True}, "format True is not known"),
        ({"format": None}, "format None is not known"),
        ({"family": "nobody"}, "family nobody is not one of inner, outer"),
        ({"family": ["inner"]}, "is not one of inner, outer"),
        ({"family": "os:system"}, "is not one of inner, outer"),
        ({"parts": {"../../etc": 1}}, "missing or unknown keys: parts"),
        ({"config": {"words": ["a"], "colour": 1}}, "config has unknown keys: colour"),
        ({"config": []}, "not an object in braces"),
        ({"config": {"words": ["a", "b", "c"], "width": "4"}}, "config width"),
        ({"config": {"words": ["a", "b", "c"], "width": 4.5}}, "config width"),
        ({"config": {}}, "config words"),
        ({"config": {"words": ["a", "b"]}}, r"embedding.weight has shape \(3, 4\), not \(2, 4\)"),
        ({"config": {"words": ["a", "b", "c"], "width": 1 << 40}}, "embedding.weight has shape"),
        ({"config": {"words": ["a", "b", "c"], "width": -1}}, "builds no model"),
    ],
)
def test_a_hostile_config_is_refused_in_one_line(folder, changes, words):
    edit_config(folder, **changes)
    with pytest.raises(ValueError, match=words) as refusal:
        checkpoint.load(folder, families=FAMILIES)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 600


def test_a_value_that_the_config_itself_refuses_is_told(folder):
    edit_config(folder / "inner", config={"width": 100_000})
    with pytest.raises(ValueError, match="width is 1 to 4096, not 100000"):
        checkpoint.load(folder, families=FAMILIES)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"format": NaN}', b" " * (1 << 20) + b"{}"]
)
def test_a_config_that_is_not_json_is_refused(folder, content):
    (folder / "config.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"config\.json"):
        checkpoint.load(folder, families=FAMILIES)


@pytest.mark.parametrize(
    "change",
    [
        lambda weights: weights | {"more": torch.zeros(1)},
        lambda weights: {name: tensor for name, tensor in weights.items() if name != "steps"},
        lambda weights: weights | {"steps": torch.tensor(3.0)},
        lambda weights: weights | {"embedding.weight": torch.zeros(3, 4, dtype=torch.int64)},
    ],
)
def test_weights_are_strict(folder, change):
    path = folder / "model.safetensors"
    save_file(change(load_file(path)), path)
    with pytest.raises(ValueError, match=r"model\.safetensors"):
        checkpoint.load(folder, families=FAMILIES)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_corrupted_weights_file_is_an_error_or_found_by_the_check(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "inner"
    torch.manual_seed(0)
    checkpoint.save(Inner(InnerConfig()), folder, {}, families=FAMILIES)
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    try:
        checkpoint.check(folder, families=FAMILIES)
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017


_TINY = {
    "codec": lambda: codec.Codec(codec.tiny()),
    "soundstream": lambda: soundstream.SoundStream(soundstream.tiny()),
    "vocoder": lambda: vocoder.Vocoder(vocoder.tiny()),
    "wavenet": lambda: wavenet.WaveNet(wavenet.tiny(categories={"digit": ("one", "two")}, features=4, hop_samples=8)),
    "score_lm": lambda: score_lm.ScoreLM(score_lm.tiny(("bach", "jazz"))),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("family", _TINY)
def test_whatever_size_a_config_says_the_folder_is_read_or_refused_at_once(family, tmp_path):
    """None, too small, more layers or channels than any machine holds: one line, before time or memory is taken."""
    folder = checkpoint.save(_TINY[family](), tmp_path / family, {})
    described = json.loads((folder / "config.json").read_text())
    for name, value in described["config"].items():
        for size in (0, -1, 10**9, 10**30):
            changed = [size, *value[1:]] if isinstance(value, list) else size
            config = {**described["config"], name: changed}
            (folder / "config.json").write_text(json.dumps({**described, "config": config}))
            start = time.process_time()
            with contextlib.suppress(ValueError):
                checkpoint.load(folder)
            assert time.process_time() - start < 2, (name, size)


def test_a_damaged_header_of_weights_is_told_in_a_line_that_can_be_printed(folder):
    path = folder / "inner" / "model.safetensors"
    content = path.read_bytes()
    header = content[8:].partition(b"}}")[0].replace(b"F32", b"\\u0000\\u001b", 1) + b"}}"
    path.write_bytes(struct.pack("<Q", len(header)) + header + content[8 + len(header) :])
    with pytest.raises(ValueError, match="not a sound safetensors file") as refused:
        checkpoint.load(folder, families=FAMILIES)
    assert str(refused.value).isprintable()


def test_missing_folders_and_files_are_plain_errors(folder, tmp_path):
    with pytest.raises(FileNotFoundError):
        checkpoint.load(tmp_path / "nowhere", families=FAMILIES)
    (folder / "model.safetensors").unlink()
    with pytest.raises((FileNotFoundError, ValueError)):
        checkpoint.load(folder, families=FAMILIES)


def test_numbers_that_earlier_formats_called_something_else_are_read(tmp_path):
    torch.manual_seed(0)
    folder = checkpoint.save(codec.Codec(codec.tiny()), tmp_path / "codec", {})
    described = json.loads((folder / "config.json").read_text())
    names = {"num_codebooks": "stages", "codebook_size": "size", "latent_dim": "channels"}
    described["config"] = {names.get(name, name): value for name, value in described["config"].items()}
    described["format"] = 2
    (folder / "config.json").write_text(json.dumps(described))
    assert checkpoint.check(folder).ok


def test_a_sketch_has_the_shapes_of_the_model_and_no_numbers() -> None:
    def tables() -> list[Tensor]:
        rates = 10_000.0 ** (-torch.arange(0, 8, 2) / 8)
        angles = torch.outer(torch.arange(5), rates)
        return [torch.cat((angles.cos(), -angles.sin()), -1), torch.hann_window(6), torch.randn(2, 3) * 0.3]

    with torch.device("meta"), checkpoint._Sketch(1):
        sketched = tables()
    assert all(table.is_meta for table in sketched)
    assert [table.shape for table in sketched] == [table.shape for table in tables()]
