"""An aligner that is taught a few sounds finds them, gives every frame to a symbol and tells a wrong text."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.models.aligner.model import Aligner, AlignerObjective, Batch, tiny
from menura.models.aligner.sounds import CLASSES

KNOWN = ["silence", "m", "ɑ", "s", "i"]


def spoken(order: list[str], durations: list[int], rng: np.random.Generator) -> np.ndarray:
    """Frames of sounds, each with bands of its own."""
    frames = []
    for name, count in zip(order, durations, strict=True):
        bands = np.full(100, -8.0)
        place = KNOWN.index(name)
        if place:
            bands[20 * place - 15 : 20 * place + 10] = -3
        frames.append(bands + rng.normal(0, 0.3, (count, 100)))
    return np.concatenate(frames).astype(np.float32)


@pytest.fixture(scope="module")
def aligner() -> Aligner:
    rng = np.random.default_rng(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Aligner(tiny())
        objective = AlignerObjective(model)
        optimiser = torch.optim.AdamW(model.parameters(), 4e-3)
        for _ in range(60):
            mels, targets = [], []
            for _ in range(4):
                order = [KNOWN[place] for place in rng.integers(0, 5, 30)]
                durations = rng.integers(4, 10, 30)
                mels.append(spoken(order, durations.tolist(), rng)[:120])
                targets.append(np.repeat([CLASSES.index(name) for name in order], durations)[:120])
            may = torch.from_numpy(np.stack(targets))[..., None]
            may = torch.cat((may, torch.full((*may.shape[:2], 2), -1)), -1)
            (loss,) = objective.losses(Batch(torch.from_numpy(np.stack(mels)), may), 0.0)
            loss.value.backward()
            optimiser.step()
            optimiser.zero_grad()
    return model.eval()


ORDER = ["silence", "s", "ɑ", "silence", "m", "i", "silence"]
DURATIONS = [10, 8, 12, 15, 9, 20, 11]
TEXT = ("s", "ˈ", "ɑ", ",", " ", "m", "i", ".")


def test_every_frame_goes_to_the_symbol_that_is_heard(aligner):
    found = aligner.align(spoken(ORDER, DURATIONS, np.random.default_rng(1)), TEXT)
    wanted = np.array([10, 8, 0, 12, 15, 0, 9, 20, 0, 11])
    assert found.durations.sum() == sum(DURATIONS)
    assert np.abs(np.cumsum(found.durations) - np.cumsum(wanted)).max() <= 1
    assert len(found.confidences) == sum(DURATIONS)


def test_ends_are_told_between_frames(aligner):
    found = aligner.align(spoken(ORDER, DURATIONS, np.random.default_rng(1)), TEXT)
    assert np.abs(found.ends - np.cumsum(found.durations)).max() <= 0.5
    assert (np.diff(found.ends) >= 0).all()
    assert found.ends[-1] == sum(DURATIONS)
    assert len(set(found.ends % 1)) > 2
    assert found.shortfalls.max() <= 0
    assert found.score == pytest.approx(found.shortfalls.mean())


def test_silence_may_be_missing_anywhere(aligner):
    order, durations = zip(*[pair for pair in zip(ORDER, DURATIONS, strict=True) if pair[0] != "silence"], strict=True)
    found = aligner.align(spoken(list(order), list(durations), np.random.default_rng(2)), TEXT).durations
    assert np.abs(found - [0, 8, 0, 12, 0, 0, 9, 20, 0, 0]).max() <= 1


def test_a_wrong_text_fits_worse(aligner):
    mel = spoken(ORDER, DURATIONS, np.random.default_rng(3))
    right = aligner.align(mel, TEXT).score
    assert aligner.align(mel, ("m", "i", " ", "s", "ɑ")).score < right - 1
    assert right > -0.5


def test_the_level_does_not_matter(aligner):
    mel = spoken(ORDER, DURATIONS, np.random.default_rng(4))
    one, other = aligner.align(mel, TEXT), aligner.align(mel + 3, TEXT)
    assert (one.durations == other.durations).all()


def test_a_sound_it_never_heard_is_taken_for_the_nearest(aligner):
    found = aligner.align(spoken(ORDER, DURATIONS, np.random.default_rng(5)), ("s", "ɑː", ",", " ", "m", "iː"))
    assert abs(found.durations[2] - 12) <= 1
    assert abs(found.durations[6] - 20) <= 1


def test_too_few_frames_are_told(aligner):
    with pytest.raises(ValueError, match="4 sounds, but the sound only 3 frames"):
        aligner.align(np.zeros((3, 100), np.float32), TEXT)


def test_frames_that_may_be_several_sounds_cost_what_the_likelier_costs():
    objective = AlignerObjective(Aligner(tiny()))
    mels = torch.randn(1, 50, 100)
    logs = objective.model(mels)

    def cost(*classes: int) -> torch.Tensor:
        may = torch.tensor([*classes, -1, -1, -1][:3]).expand(1, 50, 3)
        return next(objective.losses(Batch(mels, may), 0.0)).value

    torch.testing.assert_close(cost(3, 7), -logs[..., [3, 7]].logsumexp(-1).mean())
    assert cost(3, 7) < min(cost(3), cost(7))


def test_it_is_kept_and_read_whole(aligner, tmp_path):
    folder = checkpoint.save(aligner, tmp_path / "aligner", {}, half=True)
    assert checkpoint.check(folder).ok
    mel = spoken(ORDER, DURATIONS, np.random.default_rng(6))
    assert (checkpoint.load(folder).align(mel, TEXT).durations == aligner.align(mel, TEXT).durations).all()


def test_what_is_heard_without_a_text_fills_all_frames():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Aligner(tiny())
    mel = np.random.default_rng(0).normal(-4, 2, (90, 100)).astype(np.float32)
    heard = model.listen(mel)
    assert len(heard.durations) == len(heard.symbols) + 2
    assert heard.durations.sum() == 90
    assert set(heard.symbols) <= {*CLASSES[1:], " "}
    with torch.no_grad():
        model.last.bias[0] = 100
    with pytest.raises(ValueError, match="no sound of speech"):
        model.listen(mel)
