"""An audit finds what is wrong with a folder of sound, by name, and survives anything that lies in it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from menura.audio import Audio, write
from menura.data.audit import SoundAudit, described, hear
from menura.data.sound_folder import Sound, find_sounds
from menura.progress import Progress

RATE = 16_000


def noise(seconds: float = 1.0, seed: int = 0, level: float = 0.1) -> np.ndarray:
    return level * np.random.default_rng(seed).standard_normal((1, int(seconds * RATE))).astype(np.float32)


def keep(path, samples, rate=RATE, bits=16, **row):
    path.parent.mkdir(parents=True, exist_ok=True)
    write(Audio(samples, rate), path, bits=bits)
    if row:
        path.with_suffix(".json").write_text(json.dumps(row))
    return path


def audit_of(folder) -> SoundAudit:
    heard, unreadable = [], {}
    for sound in find_sounds(folder, Progress().say):
        try:
            heard.append(hear(sound))
        except (ValueError, OSError) as error:
            unreadable[sound.name] = str(error)
    return SoundAudit(heard, unreadable)


def test_a_file_is_measured(tmp_path):
    samples = noise()
    samples[:, : RATE // 2] = 0
    heard = hear(Sound("a", keep(tmp_path / "a.wav", samples + 0.02)))
    assert (heard.seconds, heard.rate_hz, heard.channels) == (1.0, RATE, 1)
    assert heard.dc == pytest.approx(0.02, abs=1e-3)
    assert heard.clipped == 0
    assert hear(Sound("b", keep(tmp_path / "b.wav", samples))).silent == pytest.approx(0.5, abs=0.03)
    assert hear(Sound("c", keep(tmp_path / "c.wav", np.clip(30 * samples, -1, 1)))).clipped > 0.2
    loud = hear(Sound("d", keep(tmp_path / "d.wav", noise(level=0.2))))
    soft = hear(Sound("e", keep(tmp_path / "e.wav", noise(level=0.02))))
    assert loud.lufs - soft.lufs == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("kind", ["zero", "nan", "one", "fast", "many", "text", "empty"])
def test_bad_files_are_named_with_their_reason_or_measured(tmp_path, kind):
    path = tmp_path / "bad.wav"
    if kind == "fast":
        keep(path, noise(0.1), rate=192_000)
    elif kind == "many":
        keep(path, np.repeat(noise(0.1), 8, axis=0))
    elif kind == "zero":
        soundfile.write(path, np.zeros(0), RATE)
    elif kind == "one":
        keep(path, noise()[:, :1])
    elif kind == "nan":
        keep(path, np.full((1, 100), 0.5, np.float32), bits=32)
        content = bytearray(path.read_bytes())
        content[-8:-4] = np.float32(np.nan).tobytes()
        path.write_bytes(content)
    else:
        path.write_bytes(b"no sound" if kind == "text" else b"")
    audit = audit_of(tmp_path)
    if kind in ("fast", "many"):
        assert not audit.unreadable
        assert audit.counts("channels") == {"8" if kind == "many" else "1": 1}
        return
    assert not audit.heard
    (reason,) = audit.unreadable.values()
    assert "\n" not in reason
    wanted = {
        "zero": "zero length", "one": "one sample alone", "nan": "is nan", "text": "not a sound file",
        "empty": "is empty",
    }[kind]  # fmt: skip
    assert wanted in reason
    (found, _) = next(iter(audit.findings()))
    assert "1 cannot be read" in found


def test_a_file_that_is_cut_short_is_learnt_from_and_named(tmp_path):
    for name in ("a.wav", "b.flac"):
        content = keep(tmp_path / name, noise(3)).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
    audit = audit_of(tmp_path)
    assert len(audit.heard) == 2
    (found,) = [found for found, _ in audit.findings() if "not as their headers say" in found]
    assert found.count("is cut short") == 2


def test_duplicates_are_found_by_content_and_leaks_told_first(tmp_path):
    for index, name in enumerate("abc"):
        keep(tmp_path / f"{name}.wav", noise(seed=index), split="train", license="CC0")
    keep(tmp_path / "d.flac", noise(seed=1), split="test", license="CC0")
    audit = audit_of(tmp_path)
    assert [sorted(name.rpartition("/")[2] for name in names) for names in audit.duplicates()] == [["b.wav", "d.flac"]]
    findings = [found for found, _ in audit.findings()]
    assert findings[0].startswith("1 duplicates lie across splits")


def test_slices_texts_licences_and_imbalance_are_seen(tmp_path):
    for index in range(8):
        speaker = "ann" if index else "bob"
        keep(tmp_path / "one" / f"{index}.wav", noise(seed=index), speaker=speaker, language="en", text="hello")
    keep(tmp_path / "two" / "x.wav", noise(seed=9), license="CC0", caption="a bell", category="bell")
    audit = audit_of(tmp_path)
    assert audit.minutes_by("speaker") == pytest.approx({"ann": 7 / 60, "bob": 1 / 60})
    assert list(audit.minutes_by("category")) == ["bell"]
    assert described(audit) == {"texts": 8, "captions": 1}
    findings = [found for found, _ in audit.findings()]
    assert "8 state no licence" in findings
    assert "87% of what names a speaker is ann" in findings
    assert audit.hours == pytest.approx(9 / 3600)
