"""`menura caption` puts captions beside the video, and takes the place of nothing."""

from __future__ import annotations

import pytest
from tests.tasks.beeps import sound, spoken
from tests.tasks.test_transcribing import Hearing

from menura.app.cli import FAILED, OK, main
from menura.audio import write


@pytest.fixture
def captioned(monkeypatch):
    monkeypatch.setattr("menura.app.command.Models", Hearing)
    return lambda *words: main(["caption", *map(str, words)])


def test_captions_stand_beside_the_recording(captioned, tmp_path, capsys):
    write(sound(spoken(["one", "two"])), tmp_path / "talk.wav")
    assert captioned(tmp_path / "talk.wav") == OK
    assert (tmp_path / "talk.srt").read_text().startswith("1\n00:00:00,1")
    assert (tmp_path / "talk.caption.json").exists()
    assert captioned(tmp_path / "talk.wav") == FAILED
    assert "talk.srt" in capsys.readouterr().err
    assert captioned(tmp_path / "talk.wav", "--format", "vtt", "--force") == OK
    assert (tmp_path / "talk.vtt").read_text().startswith("WEBVTT")


def test_a_video_is_heard(captioned, tmp_path):
    av = pytest.importorskip("av")
    samples = spoken(["one", "two"])
    with av.open(str(tmp_path / "talk.mp4"), "w") as video:
        stream = video.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], "fltp", "mono")
        frame.sample_rate = 16_000
        video.mux(stream.encode(frame))
        video.mux(stream.encode(None))
    assert captioned(tmp_path / "talk.mp4") == OK
    assert "one two" in (tmp_path / "talk.srt").read_text()


def test_a_video_without_sound_is_told(captioned, tmp_path, capsys):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "mute.mp4"), "w") as video:
        stream = video.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        for _ in range(5):
            video.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        video.mux(stream.encode(None))
    assert captioned(tmp_path / "mute.mp4") == FAILED
    assert "mute.mp4: holds no sound" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"mute.mp4"}
