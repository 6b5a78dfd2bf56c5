"""Speech at other pitches says by how much it was moved, and nobody learns intonation from it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from menura import audio
from menura.audio import Audio
from menura.audio.pitch import pitch
from menura.data.pitched_speech import write_pitched
from menura.data.speech import SpeechCorpus
from menura.models.synthesizer.objective import SynthesizerObjective
from menura.models.synthesizer.recipe import SynthesizerRecipe
from menura.progress import Progress

RATE_HZ, HZ = 24_000, 180.0


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """26 buzzes of a known pitch, and their durations."""
    folder, rows = tmp_path_factory.mktemp("speech"), []
    phase = 2 * np.pi * HZ * np.arange(14_400) / RATE_HZ
    harmonics = np.arange(1, 20)[:, None]
    sound = 0.05 * (np.cos(harmonics * phase) / harmonics).sum(0).astype(np.float32)
    for number in range(26):
        audio.write(Audio(sound[None], RATE_HZ), folder / f"{number}.flac")
        row = {"file": f"{number}.flac", "text": "ma la", "phonemes": "mɑlɑ", "durations_ms": [100] * 6}
        rows.append({**row, "speaker": "ann", "license": "CC0", "split": "valid" if number < 3 else "train"})
    (folder / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def pitched(speech, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "pitched"
    minutes = write_pitched(speech, 10.0, 0, out, Progress())
    rows = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    assert minutes == pytest.approx(len(rows) * 0.01)
    return out, rows


def test_what_is_judged_by_is_not_moved_and_rows_keep_what_they_say(pitched):
    _, rows = pitched
    assert 15 <= len(rows) <= 23
    assert len({row["semitones"] for row in rows}) > 5
    for row in rows:
        assert (row["split"], row["license"], row["durations_ms"]) == ("train", "CC0", [100] * 6)


def test_sounds_are_moved_by_what_their_rows_say(pitched):
    folder, rows = pitched
    for row in rows:
        samples = audio.read(folder / row["file"]).samples[0]
        f0 = pitch(samples, RATE_HZ, 300)[10:-10]
        assert np.abs(12 * np.log2(f0 / HZ) - row["semitones"]).max() < 0.2


def test_intonation_is_not_learnt_from_them(speech, pitched, tmp_path):
    folder, _ = pitched
    both = tmp_path / "both"
    both.mkdir()
    (both / "as-it-is").symlink_to(speech)
    (both / "pitched").symlink_to(folder)
    corpus = SpeechCorpus.of(both, tmp_path / "cache", Progress())
    assert {one.is_moved for one in corpus.utterances if one.name.startswith("pitched")} == {True}
    recipe = SynthesizerRecipe(both, tmp_path / "cache", "tiny", 0, Progress())
    batch = next(one for one in (recipe.batch(step, "cpu") for step in range(20)) if not one.has_intonation.all())
    objective = SynthesizerObjective(recipe.synthesizer)
    moved = batch._replace(has_intonation=torch.zeros_like(batch.has_intonation))
    found = objective.report(moved)
    assert found["f0"] == found["energy"] == 0 < found["mel"]
