"""Many sounds become one file, and crops of it depend on seed, step and item alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from menura.audio import Audio
from menura.data.augment import Chain, Gain, Mix
from menura.data.sounds import SoundCorpus, SoundCrops
from menura.progress import Progress

RATE = 8000
SHARES = {"speech": 0.7, "music": 0.3}
CHANGE = Chain(((0.15, Mix()), (1.0, Gain())))


@dataclass
class Made:
    """A sound of one value, or one that cannot be read."""

    name: str
    value: float
    seconds: float = 1.0
    said: str = "train"
    broken: bool = False

    def read(self) -> Audio:
        if self.broken:
            raise ValueError("it is cut short")
        return Audio(np.full((2, int(self.seconds * RATE * 2)), self.value, np.float32), 2 * RATE)

    def split(self) -> str:
        return self.said


class Listening(Progress):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def corpus(tmp_path):
    sources = [
        ("speech", Made("a/1", 0.5, 3.0)),
        ("speech", Made("a/2", 0.25, 0.01)),
        ("speech", Made("a/3", 0.1, broken=True)),
        ("music", Made("b/1", -0.5, 2.0)),
        ("music", Made("b/2", 0.9, 1.0, "valid")),
    ]
    return SoundCorpus.build(sources, RATE, tmp_path, Listening())


def test_what_is_kept_is_mono_at_one_rate_with_its_kind_and_split(corpus, tmp_path):
    assert corpus.names == ("a/1", "a/2", "b/1", "b/2")
    assert corpus.kinds == ("speech", "speech", "music", "music")
    assert np.diff(corpus.starts).tolist() == [3 * RATE, RATE // 100, 2 * RATE, RATE]
    assert corpus.minutes("train") == {"music": 0.03, "speech": 0.05}
    middle = corpus.samples[RATE : 2 * RATE]
    assert np.abs(middle / 32767 - 0.5).max() < 1e-3
    again = SoundCorpus.load(tmp_path)
    assert again.names == corpus.names
    assert np.array_equal(again.samples, corpus.samples)


def test_what_cannot_be_read_is_named_and_left_out(tmp_path):
    progress = Listening()
    sources = [("speech", Made("a/3", 0.1, broken=True)), ("speech", Made("a/1", 0.5))]
    corpus = SoundCorpus.build(sources, RATE, tmp_path, progress)
    assert corpus.skipped == ("a/3: it is cut short",)
    assert progress.said == ["left out a/3: it is cut short"]
    with pytest.raises(ValueError, match=r"no sound to learn from; a/3: it is cut short"):
        SoundCorpus.build(sources[:1], RATE, tmp_path / "none", Listening())


@pytest.mark.usefixtures("corpus")
def test_a_corpus_that_is_not_whole_is_refused(tmp_path):
    (tmp_path / "sounds.i16").write_bytes(b"\0" * 100)
    with pytest.raises(ValueError, match=r"not the file that sounds\.json speaks of"):
        SoundCorpus.load(tmp_path)
    (tmp_path / "sounds.json").write_text("{}")
    with pytest.raises(ValueError, match="does not hold a corpus"):
        SoundCorpus.load(tmp_path)


def test_crops_follow_the_seed_and_do_not_depend_on_the_batch(corpus):
    crops = SoundCrops(corpus, "train", 800, SHARES, 0, CHANGE)
    batch = crops.batch(7, 6)
    assert batch.shape == (6, 800)
    assert np.array_equal(batch[4], crops.item(7, 4))
    assert np.array_equal(crops.batch(7, 2), batch[:2])
    assert not np.array_equal(SoundCrops(corpus, "train", 800, SHARES, 1, CHANGE).batch(7, 6), batch)
    assert np.abs(batch).max() < 1


def test_kinds_are_drawn_in_their_shares_and_splits_are_kept_apart(corpus):
    crops = SoundCrops(corpus, "train", 400, SHARES, 0)
    middles = np.array([crops.item(0, index)[40] for index in range(400)])
    assert np.mean(middles > 0) == pytest.approx(0.7, abs=0.08)
    held_out = SoundCrops(corpus, "valid", 400, SHARES, 0)
    assert all(abs(held_out.item(0, index)[200] - 0.9) < 0.02 for index in range(20))
    with pytest.raises(ValueError, match="no sound falls into the split 'test'"):
        SoundCrops(corpus, "test", 400, SHARES, 0)


def test_short_sounds_end_in_silence_and_have_their_turn(corpus):
    crops = SoundCrops(corpus, "train", 4000, {"speech": 1.0}, 0)
    items = [crops.item(0, index) for index in range(200)]
    short = [item for item in items if not item[200:].any()]
    assert 0 < len(short) < 100
    assert all(item.shape == (4000,) for item in items)
