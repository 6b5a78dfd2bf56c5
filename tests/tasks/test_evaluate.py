"""`menura evaluate` compares like with like, says what it did for that, and what it could not measure."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from menura.app.cli import MISUSED, OK, main
from menura.audio import Audio, write
from menura.extras import how_to_install
from menura.metrics.sound import METRICS
from menura.progress import Cancelled, Progress
from menura.tasks.evaluate import Evaluate
from menura.tasks.models import Models

RATE = 16000
SOUND = Audio(0.1 * np.random.default_rng(0).standard_normal(RATE), RATE)


def noisy(sound: Audio, level: float) -> Audio:
    noise = np.random.default_rng(1).standard_normal(sound.samples.shape)
    return Audio(sound.samples + 0.1 * level * noise, sound.sample_rate_hz)


def evaluated(reference, estimate, **options):
    (result,) = Evaluate.build({"reference": reference, "estimate": estimate, **options}).run(Models(), Progress())
    return result


@pytest.fixture
def folders(tmp_path):
    """Two references with noisier and noisier estimates, in other formats and subfolders."""
    for name, level in (("a", 0.1), ("deep/b", 0.3)):
        for folder, sound, suffix in (("ref", SOUND, ".wav"), ("est", noisy(SOUND, level), ".flac")):
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            write(sound, (tmp_path / folder / name).with_suffix(suffix))
    return tmp_path / "ref", tmp_path / "est"


def test_a_file_against_itself_is_perfect_in_every_metric_there_is(folders):
    result = evaluated(folders[0] / "a.wav", folders[0] / "a.wav")
    assert list(result.mean) == [name for name, metric in METRICS.items() if metric.is_available]
    assert result.mean["mel"] == result.mean["lsd"] == 0
    assert result.mean["snr"] == 100
    assert result.pairs[0].notes == ()


def test_measuring_ends_between_two_metrics(monkeypatch):
    """Also where there is one pair, which may be long."""
    progress, measured = Progress(), []
    monkeypatch.setitem(METRICS, "snr", replace(METRICS["snr"], measure=lambda *_: progress.cancel() or 1.0))
    monkeypatch.setitem(METRICS, "mel", replace(METRICS["mel"], measure=lambda *_: measured.append(1) or 1.0))
    with pytest.raises(Cancelled), progress.active():
        list(Evaluate.build({"reference": SOUND, "estimate": SOUND, "metrics": "snr,mel"}).run(Models(), progress))
    assert not measured


def test_folders_are_matched_by_name_and_have_a_mean(folders):
    result = evaluated(*folders, metrics="snr,nsim")
    rows = result.summary()["readings"]
    assert [row["pair"] for row in rows] == ["a.flac", "deep/b.flac", "mean"]
    assert list(rows[0]) == ["pair", "snr", "nsim"]
    assert rows[0]["snr"] == pytest.approx(20, abs=0.2)
    assert rows[2]["snr"] == pytest.approx((rows[0]["snr"] + rows[1]["snr"]) / 2, abs=1e-3)


def test_other_rates_lengths_and_channels_are_brought_together_and_told(tmp_path):
    sound = SOUND.resampled(8000).resampled(RATE)  # what lies close to half the rate would be lost on the way
    write(sound, tmp_path / "ref.wav")
    write(sound.padded(after_s=0.5).stereo().resampled(48000), tmp_path / "est.wav")
    (pair,) = evaluated(tmp_path / "ref.wav", tmp_path / "est.wav", metrics=["snr"]).pairs
    assert pair.values["snr"] > 30
    assert pair.notes == (
        "the estimate was resampled from 48000 to 16000 Hz",
        "the estimate is longer: its last 0.500 s of 1.500 s were cut",
    )
    (pair,) = evaluated(tmp_path / "ref.wav", tmp_path / "ref.wav", metrics=["snr"], rate=8000).pairs
    assert "the reference was resampled from 16000 to 8000 Hz" in pair.notes


def test_what_is_not_defined_for_a_pair_is_left_out_of_the_mean_and_told(folders):
    ref, est = folders
    for folder, sound in ((ref, Audio.silence(1, RATE)), (est, SOUND)):
        write(sound, folder / "c.wav")
    result = evaluated(ref, est, metrics=["snr", "mel"])
    assert result.pairs[1].values["snr"] is None
    assert result.mean["snr"] == pytest.approx(np.mean([result.pairs[0].values["snr"], result.pairs[2].values["snr"]]))
    notes = [note["note"] for note in result.summary()["notes"]]
    assert notes[0].startswith("snr: the reference is silent")
    assert notes[1] == "snr: the mean of 2 of 3 pairs"
    with pytest.raises(ValueError, match=r"nothing could be measured; c\.wav: snr: the reference is silent"):
        evaluated(ref / "c.wav", est / "c.wav", metrics=["snr"])


def test_files_without_a_match_are_told(folders):
    ref, est = folders
    for number in range(5):
        write(SOUND, ref / f"lost-{number}.wav")
    (ref / "notes.txt").write_text("not sound")
    result = evaluated(ref, est, metrics=["mel"])
    assert len(result.pairs) == 2
    assert result.notes == (f"5 without a match in {ref}: lost-0, lost-1, lost-2 and 2 more",)


def test_linked_folders_are_compared_too_and_hidden_files_are_not(folders, tmp_path):
    ref, est = folders
    for folder in folders:
        (tmp_path / "more" / folder.name).mkdir(parents=True)
        write(SOUND, tmp_path / "more" / folder.name / "x.wav")
        (folder / "linked").symlink_to(tmp_path / "more" / folder.name)
        (folder / "._a.wav").write_text("macOS")
    result = evaluated(ref, est, metrics="snr")
    assert "linked/x.wav" in [pair.name for pair in result.pairs]
    notes = [row["note"] for row in result.summary()["notes"]]
    assert notes.count("1 hidden files or folders are passed over, as ._a.wav") == 2


def test_what_cannot_be_compared_is_one_line(folders, tmp_path):
    ref, est = folders
    with pytest.raises(ValueError, match="give two files or two folders"):
        evaluated(ref, est / "a.flac")
    with pytest.raises(ValueError, match="there is no such file"):
        evaluated(ref / "a.wav", tmp_path / "none.wav")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="has the name of one in"):
        evaluated(ref, tmp_path / "empty")
    with pytest.raises(ValueError, match=r"no metric 'visqol'; there are mel, stft"):
        evaluated(ref, est, metrics=["visqol"])
    write(SOUND, est / "a.wav")
    with pytest.raises(ValueError, match=r"a\.flac and a\.wav have one name"):
        evaluated(ref, est)


def test_without_the_extra_its_metrics_are_left_out_unless_asked(folders, monkeypatch):
    monkeypatch.setattr("menura.metrics.sound.is_there", lambda _: False)
    result = evaluated(*folders)
    assert not {"pesq", "stoi"} & result.mean.keys()
    assert result.notes == (f"without pesq and stoi: {how_to_install('eval')} brings them",)


def test_the_command_line_prints_a_table_or_json(folders, capsys):
    ref, est = map(str, folders)
    assert main(["evaluate", ref, est, "--metrics", "mel,snr"]) == OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["pair", "mel", "snr"]
    assert lines[3].split()[0] == "mean"
    assert main(["evaluate", ref, est, "--metrics", "mel,snr", "--json"]) == OK
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert {row["metric"]: row["better"] for row in result["metrics"]} == {"mel": "lower", "snr": "higher"}
    assert main(["evaluate", ref]) == MISUSED
    assert capsys.readouterr().err.endswith("estimate: is needed\n")


def test_texts_are_measured_by_their_words(tmp_path):
    for folder, said in (("ref", "One bird sang, Mr. Smith."), ("est", "1 bird rang mister smith")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(said)
    (tmp_path / "ref" / "b.txt").write_text("alone")
    result = evaluated(tmp_path / "ref", tmp_path / "est")
    assert result.mean["wer"] == pytest.approx(0.2)
    assert 0 < result.mean["cer"] < 0.1
    assert "b" in result.notes[0]
    one = evaluated(tmp_path / "ref" / "a.txt", tmp_path / "est" / "a.txt", metrics="wer")
    assert one.mean == {"wer": pytest.approx(0.2)}
    with pytest.raises(ValueError, match="mel is of sounds"):
        evaluated(tmp_path / "ref" / "a.txt", tmp_path / "est" / "a.txt", metrics="mel")
    with pytest.raises(ValueError, match="are of texts"):
        evaluated(SOUND, SOUND, metrics="wer")
    (tmp_path / "est" / "a.txt").write_text("(music)")
    with pytest.raises(ValueError, match="has no word"):
        evaluated(tmp_path / "est" / "a.txt", tmp_path / "ref" / "a.txt")
