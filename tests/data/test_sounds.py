"""Many sounds become one file, and crops of it depend on seed, step and item alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.audio import Audio
from menura.data import sounds
from menura.data.augment import Chain, Gain, Mix
from menura.data.sounds import SoundCorpus, SoundCrops
from menura.progress import Cancelled, Progress

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

    def read(self, sample_rate_hz: int, mono: bool) -> Audio:
        if self.broken:
            raise ValueError("it is cut short")
        audio = Audio(np.full((2, int(self.seconds * RATE * 2)), self.value, np.float32), 2 * RATE)
        return (audio.mono() if mono else audio).resampled(sample_rate_hz)

    def split(self) -> str:
        return self.said

    def fingerprint(self) -> str:
        return repr(self)


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
    return SoundCorpus.build(sources, RATE, tmp_path / "corpus", Listening())


def test_what_is_kept_is_mono_at_one_rate_with_its_kind_and_split(corpus, tmp_path):
    assert corpus.names == ("a/1", "a/2", "b/1", "b/2")
    assert corpus.kinds == ("speech", "speech", "music", "music")
    assert np.diff(corpus.starts).tolist() == [3 * RATE, RATE // 100, 2 * RATE, RATE]
    assert corpus.minutes("train") == {"music": 0.03, "speech": 0.05}
    middle = corpus.samples[RATE : 2 * RATE]
    assert np.abs(middle / 32767 - 0.5).max() < 1e-3
    again = SoundCorpus.load(tmp_path / "corpus")
    assert again.names == corpus.names
    assert np.array_equal(again.samples, corpus.samples)


def test_what_cannot_be_read_is_named_and_left_out(tmp_path):
    progress = Listening()
    sources = [("speech", Made("a/3", 0.1, broken=True)), ("speech", Made("a/1", 0.5))]
    corpus = SoundCorpus.build(sources, RATE, tmp_path / "some", progress)
    assert corpus.skipped == ("a/3: it is cut short",)
    assert progress.said == ["left out a/3: it is cut short"]
    made = [("tones", Made("tones/1", 0.5))]
    with pytest.raises(ValueError, match=r"no sound to learn from; a/3: it is cut short"):
        SoundCorpus.build(sources[:1], RATE, tmp_path / "none", Listening(), made)
    assert [path.name for path in tmp_path.iterdir()] == ["some"]


@pytest.mark.usefixtures("corpus")
def test_a_corpus_that_is_not_whole_is_refused(tmp_path):
    folder = tmp_path / "corpus"
    (folder / "sounds.i16").write_bytes(b"\0" * 100)
    with pytest.raises(ValueError, match=r"not the file that sounds\.json speaks of"):
        SoundCorpus.load(folder)
    (folder / "sounds.json").write_text("{}")
    with pytest.raises(ValueError, match="does not hold a corpus"):
        SoundCorpus.load(folder)


def test_very_many_sounds_are_listed_and_read_again(tmp_path):
    """The list of 14 000 files is larger than a megabyte; so is that of fewer with long names."""
    sources = [("speech", Made(f"a/{'long name ' * 60}{number}", 0.1, 0.001)) for number in range(2000)]
    corpus = SoundCorpus.of(sources, RATE, tmp_path, Progress())
    assert next(tmp_path.glob("*/sounds.json")).stat().st_size > 1 << 20
    assert len(SoundCorpus.of(sources, RATE, tmp_path, Progress()).names) == len(corpus.names) == 2000


def test_a_cache_serves_the_same_sounds_alone(tmp_path):
    """Another rate, other sounds, other options or another file under the same name are another corpus."""
    sources = [("speech", Made("a/1", 0.5)), ("music", Made("a/2", 0.25))]
    first = SoundCorpus.of(sources, RATE, tmp_path, Progress())
    progress = Listening()
    again = SoundCorpus.of(sources, RATE, tmp_path, progress)
    assert progress.said[0].startswith("taking the sound from")
    assert (again.sha256, again.names) == (first.sha256, first.names)
    others = {
        "rate": (sources, 2 * RATE, ()),
        "sound": ([*sources[:1], ("music", Made("a/2", 0.3))], RATE, ()),
        "kind": ([*sources[:1], ("speech", sources[1][1])], RATE, ()),
        "split": ([*sources[:1], ("music", Made("a/2", 0.25, said="test"))], RATE, ()),
        "fewer": (sources[:1], RATE, ()),
        "made": (sources, RATE, [("tones", Made("tones/1", 0.5))]),
    }
    for found, rate, made in others.values():
        other = SoundCorpus.of(found, rate, tmp_path, progress, made)
        assert other.rate_hz == rate
        assert other.sha256 != first.sha256
    assert len(progress.said) == 1
    assert len(list(tmp_path.iterdir())) == 1 + len(others)


def test_a_corpus_appears_whole_or_not_at_all(tmp_path):
    class Impatient(Progress):
        def show(self, done: int, total: int, what: str) -> None:  # noqa: ARG002
            if done:
                self.cancel()

    with pytest.raises(Cancelled):
        SoundCorpus.of([("speech", Made(f"a/{n}", 0.5)) for n in range(5)], RATE, tmp_path, Impatient())
    assert list(tmp_path.iterdir()) == []


@given(
    st.lists(st.tuples(st.floats(0.0005, 0.02), st.sampled_from(["train", "valid", "test"])), min_size=1, max_size=30)
)
def test_there_is_always_some_to_learn_from_and_some_to_judge_by(tmp_path_factory, sounds):
    """However few sounds there are and whatever is said of them: of few the ends are held out, and nothing is lost."""
    sources = [("speech", Made(f"a/{number}", 0.1, *sound)) for number, sound in enumerate(sounds)]
    corpus = SoundCorpus.build(sources, RATE, tmp_path_factory.mktemp("any") / "corpus", Progress())
    assert {"train", "valid"} <= set(corpus.splits)
    assert (np.diff(corpus.starts) > 0).all()
    assert corpus.starts[-1] == sum(source.read(RATE, mono=True).num_samples for _, source in sources)
    said = {split for _, split in sounds}
    if {"train", "valid"} <= said:
        assert corpus.splits == tuple(split for _, split in sounds)
    elif len(sounds) < 20:
        assert "the last tenth of each" in corpus.held_out
    for split in ("train", "valid"):
        assert SoundCrops(corpus, split, 10, {"speech": 1.0}, 0).item(0, 0).shape == (10,)


def test_long_sounds_are_written_in_blocks(tmp_path, monkeypatch):
    """And are the same: in one piece their copies would take several times their memory."""
    sources = [("music", Made("a/1", 0.5, 2.0)), ("music", Made("a/2", 0.25, 0.1))]
    whole = SoundCorpus.build(sources, RATE, tmp_path / "whole", Progress())
    monkeypatch.setattr(sounds, "_BLOCK_SAMPLES", 999)
    blocks = SoundCorpus.build(sources, RATE, tmp_path / "blocks", Progress())
    assert np.array_equal(whole.samples, blocks.samples)
    assert whole.sha256 == blocks.sha256


def test_one_long_file_alone_is_learnt_from_and_its_end_is_judged_by(tmp_path):
    for said in ("train", "valid", "test"):
        corpus = SoundCorpus.of([("music", Made("a/1", 0.5, 3.0, said))], RATE, tmp_path, Progress())
        assert corpus.splits == ("train", "valid")
        assert np.diff(corpus.starts).tolist() == [2.7 * RATE, 0.3 * RATE]


def test_made_sounds_keep_their_splits_and_do_not_count_as_found(tmp_path):
    made = [("tones", Made(f"tones/{number}", 0.5, 1, split)) for number, split in enumerate(["valid", "train"])]
    corpus = SoundCorpus.of([("music", Made("a/1", 0.5))], RATE, tmp_path, Progress(), made)
    assert corpus.splits == ("train", "valid", "valid", "train")
    assert corpus.collections == ["a", "tones"]


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
