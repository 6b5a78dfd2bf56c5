"""Known durations are learnt from; recordings are once there are weights that find theirs."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from menura import audio
from menura.audio import Audio
from menura.data.speech import Utterance
from menura.models.aligner.augment import Augmentation
from menura.models.aligner.model import Aligner, tiny
from menura.models.aligner.recipe import AlignerRecipe, found_classes, known_classes
from menura.models.aligner.sounds import CLASSES
from menura.progress import Progress
from menura.train.loop import train
from menura.train.schedule import Schedule

RATE_HZ = 24_000
BANDS_HZ = {"m": (200, 500), "ɑ": (700, 1300), "s": (4000, 9000)}


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """Sounds that are bands of noise: of 24 the durations are told, of 4 they are not."""
    folder = tmp_path_factory.mktemp("speech")
    rng = np.random.default_rng(0)
    with (folder / "manifest.jsonl").open("w") as manifest:
        for number in range(28):
            phonemes = "".join(rng.choice(list(BANDS_HZ), 8))
            durations = [200, *rng.integers(3, 8, 8) * 25, 200]
            parts = []
            for name, milliseconds in zip(["", *phonemes, ""], durations, strict=True):
                spectrum = np.fft.rfft(rng.standard_normal(round(milliseconds * RATE_HZ / 1000)))
                low, high = BANDS_HZ.get(name, (0, 0))
                places = np.linspace(0, RATE_HZ / 2, len(spectrum))
                parts.append(np.fft.irfft(np.where((places >= low) & (places < high), spectrum, 1e-3 * spectrum)))
            sound = np.concatenate(parts)
            audio.write(Audio((0.05 * sound)[None].astype(np.float32), RATE_HZ), folder / f"{number}.flac")
            known = {"durations_ms": [int(one) for one in durations]} if number < 24 else {}
            split = "valid" if number < 4 else "train"
            row = {"file": f"{number}.flac", "phonemes": phonemes, "split": split, **known}
            manifest.write(json.dumps(row) + "\n")
    return folder


@pytest.fixture(scope="module")
def recipe(speech, tmp_path_factory):
    return AlignerRecipe(speech, tmp_path_factory.mktemp("cache"), "tiny", 0, Progress())


def test_a_batch_is_a_pure_function_of_its_step(recipe):
    one, other, again = (recipe.batch(step, "cpu") for step in (3, 4, 3))
    assert torch.equal(one.mels, again.mels)
    assert torch.equal(one.targets, again.targets)
    assert not torch.equal(one.mels, other.mels)
    assert one.mels.shape[:2] == one.targets.shape[:2]


def test_what_has_no_durations_is_learnt_from_only_by_weights_that_find_them(recipe, tmp_path):
    assert sum(map(len, recipe.members["train"].values())) == 20
    train(recipe, tmp_path / "run", Schedule(steps=60), progress=Progress())
    recipe.start_from(recipe.model)
    recordings = [index for index, one in enumerate(recipe.corpus.utterances) if one.durations is None]
    assert len(recordings) == 4
    assert set(recordings) <= set(recipe.targets)
    assert sum(map(len, recipe.members["train"].values())) == 24


def test_weights_of_another_size_are_refused(recipe):
    with pytest.raises(ValueError, match="config"):
        recipe.start_from(Aligner(tiny().__class__(width=8, hidden=8, depth=1)))


def utterance(symbols: str, durations: list[int]) -> Utterance:
    return Utterance("x/1", "train", "", tuple(symbols), {"a": 1.0}, "en-us", np.array(durations), "", "")


def said(rows: np.ndarray) -> list[set[str]]:
    return [{CLASSES[place] for place in row if place >= 0} for row in rows]


def test_frames_of_signs_may_be_of_their_neighbours_and_pauses_silent():
    rows = said(known_classes(utterance("mˈɑ, s", [1] * 8)))
    assert rows == [
        {"silence"},
        {"m"},
        {"m", "ɑ"},
        {"ɑ", "silence"},
        {"ɑ", "s", "silence"},
        {"ɑ", "s", "silence"},
        {"s"},
        {"silence"},
    ]


def test_frames_that_are_not_sure_are_not_learnt_from():
    one = utterance("mˈɑ", [])
    rows = said(found_classes(one, np.array([2, 1, 0, 2, 1]), np.log([0.9, 0.05, 0.9, 0.9, 0.02, 0.9])))
    assert rows == [{"silence"}, set(), {"m"}, {"ɑ"}, set(), {"silence"}]


def test_frames_and_what_is_said_of_them_are_changed_together():
    rng = np.random.default_rng(0)
    mel = np.full((60, 100), -8.0, np.float32)
    mel[30:] = -2
    targets = np.where(np.arange(60)[:, None] < 30, 1, 2).astype(np.int8)
    for _ in range(10):
        change = Augmentation.drawn(rng)
        changed, told = change(mel, targets, rng)
        assert len(changed) == len(told)
        assert abs(len(changed) - 60 / change.speed) < 2
        bands = slice(0, 55)
        rise = np.diff(changed[:, bands].mean(1)).argmax()
        assert abs(rise - np.diff(told[:, 0]).argmax()) <= 1
