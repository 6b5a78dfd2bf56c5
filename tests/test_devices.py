"""A model works where it was loaded to: the same answers from a device that is not the CPU.

That device is a pretence, for machines without another: its tensors lie in the CPU's memory, but are refused beside the
CPU's own and as NumPy's, as those of a GPU are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

from menura import audio, checkpoint, sidecar
from menura.audio import Audio, mnr
from menura.models.codec import model as codec
from menura.models.score_lm import sampling
from menura.models.soundstream import model as soundstream
from menura.models.wavenet import model as wavenet
from menura.models.wavenet.sampling import sample
from menura.progress import Progress
from menura.score.notes import Key
from menura.score.steps.conditions import Controls
from menura.score.steps.tokens import Slot
from menura.tasks.encode import Encode
from menura.tasks.models import Models
from menura.tasks.perform import perform
from menura.tasks.replay import Replay
from menura.tasks.task import Task

COPIES = (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default)
"""What may have tensors of two devices."""


class Elsewhere(torch.Tensor):
    """A tensor on the other device."""

    here: torch.Tensor

    @staticmethod
    def __new__(cls, here: torch.Tensor) -> Elsewhere:
        with torch.inference_mode(False):  # or views of it cannot be made outside
            made = torch.Tensor._make_wrapper_subclass(  # pyright: ignore[reportAttributeAccessIssue]
                cls, here.shape, strides=here.stride(), dtype=here.dtype, device=torch.device("elsewhere:0")
            )
        made.here = here
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _called(func, args, kwargs or {})


class Device(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _called(func, args, kwargs or {})


def _called(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    with Device():
        if (out := func.decompose(*args, **kwargs)) is not NotImplemented:
            return out
    given = [value for value in pytree.tree_leaves((args, kwargs)) if isinstance(value, torch.Tensor)]
    is_elsewhere = any(isinstance(value, Elsewhere) for value in given)
    if is_elsewhere and func not in COPIES and any(not isinstance(value, Elsewhere) and value.ndim for value in given):
        raise RuntimeError(f"{func}: tensors are on two devices")
    if (asked := kwargs.get("device")) is not None:
        is_elsewhere = torch.device(asked).type == "elsewhere"
        kwargs = kwargs | {"device": "cpu"}
    here_args, here_kwargs = pytree.tree_map_only(Elsewhere, lambda value: value.here, (args, kwargs))
    out = func(*here_args, **here_kwargs)
    if func._schema.is_mutable:
        return args[0]
    return pytree.tree_map_only(torch.Tensor, Elsewhere, out) if is_elsewhere else out


class _Driver:
    """As if there were no such device, for whoever looks for one."""

    is_available = is_initialized = _is_in_bad_fork = staticmethod(lambda: False)
    current_device = device_count = staticmethod(lambda: 0)
    manual_seed_all = staticmethod(lambda _: None)


class _Hooks(torch._C._acc.PrivateUse1Hooks):  # pyright: ignore[reportAttributeAccessIssue]
    def is_available(self) -> bool:
        return False

    def is_built(self) -> bool:
        return True


@pytest.fixture(scope="module", autouse=True)
def device() -> None:
    _setup_privateuseone_for_python_backend("elsewhere", _Driver(), _Hooks())


def both(folder: Any, answer: Callable[[Any], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """What a model answers on the CPU, and on the other device."""
    with Device():
        there = answer(checkpoint.load(folder, device="elsewhere"))
    return answer(checkpoint.load(folder)), there


def test_the_pretence_holds():
    with Device():
        x = torch.ones(2, device="elsewhere")
        with pytest.raises(RuntimeError, match="two devices"):
            x.add(torch.ones(2))
        with pytest.raises(RuntimeError, match="numpy"):
            x.numpy()
        assert (x + 1).cpu().numpy().tolist() == [2, 2]


def codec_folder(family: Any, place: Path) -> Path:
    with torch.no_grad():
        torch.manual_seed(0)
        model = next(kind for name, kind in vars(family).items() if name in ("Codec", "SoundStream"))(family.tiny())
        for stage in model.quantizer.stages:
            stage.codebook.normal_()
        return checkpoint.save(model.eval(), place / "codec", {})


@pytest.mark.parametrize("family", [codec, soundstream])
def test_codecs_encode_and_decode_whole_and_as_sound_comes(family, tmp_path):
    folder = codec_folder(family, tmp_path)
    sound = 0.1 * np.random.default_rng(0).standard_normal((2, 4000)).astype(np.float32)

    def coded(codec: Any) -> np.ndarray:
        stream = codec.encoder(2)
        whole = codec.encode(Audio(sound, 8000)).codes
        parts = np.concatenate((stream.push(sound[:, :1500]), stream.push(sound[:, 1500:]), stream.finish()), 1)
        np.testing.assert_array_equal(parts, whole)
        return whole

    here, there = both(folder, coded)
    assert (here == there).mean() > 0.99

    def decoded(codec: Any) -> np.ndarray:
        stream = codec.decoder(2)
        return np.concatenate((stream.push(here[:, :7]), stream.push(here[:, 7:])), 1)

    np.testing.assert_allclose(*both(folder, decoded), atol=1e-5)


@pytest.mark.parametrize("guidance", [1.0, 1.5])
def test_pieces_are_composed(model_folder, guidance):
    metres = np.tile([4, 4], (3, 1))
    wish = Controls(slots=(Slot(0), Slot(73)), key=Key.parse("D minor"), bpm=90.0, metres=metres, styles={})
    settings = sampling.Sampling(seed=3, guidance=guidance)
    here, there = both(model_folder, lambda model: sampling.sample(model, wish, [None] * 3, settings).steps)
    np.testing.assert_array_equal(here, there)


@pytest.mark.parametrize("mixtures", [0, 3])
def test_wavenets_are_drawn_from(mixtures, tmp_path):
    with torch.no_grad():
        torch.manual_seed(0)
        config = wavenet.tiny(
            categories={"speaker": ("any", "ada")}, features=20, hop_samples=100, lpc_order=8, mixtures=mixtures
        )
        folder = checkpoint.save(wavenet.WaveNet(config).eval(), tmp_path / "wavenet", {})
    frames = np.random.default_rng(0).uniform(-1, 1, (1, 8, 20)).astype(np.float32)

    def drawn(model: Any) -> np.ndarray:
        return np.concatenate(list(sample(model, 0.1, frames=frames, categories={"speaker": "ada"})), 1)

    np.testing.assert_array_equal(*both(folder, drawn))


def test_a_result_says_where_it_was_made_unless_on_the_cpu(tmp_path, monkeypatch):
    """What is made on the CPU has the sidecar it always had; what is not can be replayed, there and elsewhere."""
    folder, told = codec_folder(codec, tmp_path), []
    sound = 0.1 * np.random.default_rng(0).standard_normal((1, 4000)).astype(np.float32)
    audio.write(Audio(sound, 8000), tmp_path / "in.wav")
    progress = Progress()
    monkeypatch.setattr(progress, "warn", told.append)

    def made(task: Task) -> tuple[np.ndarray, dict[str, Any]]:
        (performed,) = perform(task, Models(), progress)
        return mnr.read(performed.files[0])[1].codes, sidecar.read(performed.files[-1]).parameters

    def encoded(name: str, **asked: Any) -> tuple[np.ndarray, dict[str, Any]]:
        given = {"file": tmp_path / "in.wav", "model": str(folder), "output": tmp_path / name}
        return made(Encode.build(given | asked))

    def replayed(name: str) -> tuple[np.ndarray, dict[str, Any]]:
        return made(Replay.build({"file": tmp_path / "there.mnr.json", "output": tmp_path / name}))

    here, said_here = encoded("here")
    with monkeypatch.context() as patch, Device():
        patch.setattr(checkpoint, "devices", lambda: ["cpu", "elsewhere"])
        there, said_there = encoded("there", device="elsewhere")
        again, said_again = replayed("again")
    assert not told
    back, said_back = replayed("back")
    assert told == ["it was made on 'elsewhere', which this machine has not, so the result may differ"]
    assert "device" not in said_here
    assert said_back == said_here
    assert said_there == said_again == said_here | {"device": "elsewhere"}
    np.testing.assert_array_equal(again, there)
    np.testing.assert_array_equal(back, here)
    assert (here == there).mean() > 0.99
