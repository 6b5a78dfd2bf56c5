"""Outside of what was made and its cross-fades a recording is the same to the last bit, whatever its rate or width."""

from __future__ import annotations

import numpy as np
import pytest

from menura.audio import Audio
from menura.data.speech import HOP_SAMPLES
from menura.tasks.editing import Edited, Said
from menura.tasks.splicing import Frames, Recording, spliced, width_of

COUNT = 80


def recording(rate_hz: int, channels: int = 1, bits: int = 16) -> Recording:
    """A second of a hum in noise."""
    rng = np.random.default_rng(0)
    hum = np.sin(2 * np.pi * 200 * np.arange(rate_hz) / rate_hz)
    samples = 0.2 * hum + 0.02 * rng.standard_normal((channels, rate_hz))
    samples *= np.linspace(1, 0.5, channels)[:, None]
    steps = 1 << (min(bits, 24) - 1)
    whole = samples if bits == 32 else np.rint(samples * steps) / steps
    return Recording.of(Audio(whole.astype(np.float32), rate_hz))


def edit(source: list[int]) -> tuple[Edited, Frames]:
    made = Frames(np.zeros((len(source), 100), np.float32), np.zeros(len(source), np.float32))
    return Edited(Said((), np.array([len(source), 0]), ()), np.array(source)), made


def hum(frames: Frames) -> np.ndarray:
    return 0.08 * np.sin(np.arange(len(frames.mel) * HOP_SAMPLES) / 9).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 24_000, 44_100])
@pytest.mark.parametrize("new", [12, 0])
def test_what_is_around_is_kept_to_the_last_bit(rate_hz, new):
    given = recording(rate_hz, channels=2)
    plan, made = edit([*range(30), *[-1] * new, *range(40, COUNT)])
    audio, ((start_s, end_s),) = spliced(given, plan, made, hum)
    start, end = round(start_s * rate_hz), round(end_s * rate_hz)
    kept_after = audio.num_samples - end
    assert (audio.samples[:, :start] == given.audio.samples[:, :start]).all()
    assert (audio.samples[:, end:] == given.audio.samples[:, given.audio.num_samples - kept_after :]).all()
    assert start == given.place(27)
    assert audio.duration_s == pytest.approx(1 + (new - 10) / 80, abs=0.001)
    assert audio.sample_rate_hz == rate_hz


def test_nothing_clicks_where_it_is_cut():
    given = recording(24_000)
    plan, made = edit([*range(30), *[-1] * 20, *range(40, COUNT)])
    audio, ((start_s, end_s),) = spliced(given, plan, made, hum)
    jumps = np.abs(np.diff(audio.samples[0]))
    for place in (start_s, end_s):
        around = slice(round(place * 24_000) - 100, round(place * 24_000) + 100)
        assert jumps[around].max() < 1.5 * np.abs(np.diff(given.audio.samples[0])).max()


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_what_is_new_is_no_finer_than_the_recording(bits):
    given = recording(24_000, bits=bits)
    assert width_of(given.audio.samples) == bits
    plan, made = edit([*range(30), *[-1] * 20, *range(40, COUNT)])
    assert width_of(spliced(given, plan, made, hum)[0].samples) == bits


def test_several_edits_and_the_ends_are_new():
    given = recording(24_000)
    plan, made = edit([-1] * 10 + [*range(20), *[-1] * 5, *range(25, 60)] + [-1] * 7)
    audio, new_s = spliced(given, plan, made, hum)
    assert len(new_s) == 3
    assert audio.num_samples == len(plan.source) * HOP_SAMPLES
    here = slice(round(new_s[0][1] * 24_000), round(new_s[1][0] * 24_000))
    assert (audio.samples[0, here] == given.audio.samples[0, 3 * HOP_SAMPLES : 17 * HOP_SAMPLES]).all()


def test_channels_keep_their_levels():
    given = recording(24_000, channels=2)
    plan, made = edit([*range(30), *[-1] * 20, *range(40, COUNT)])
    audio, ((start_s, end_s),) = spliced(given, plan, made, hum)
    new = audio.samples[:, round(start_s * 24_000) + 900 : round(end_s * 24_000) - 900]
    assert np.linalg.norm(new[1]) / np.linalg.norm(new[0]) == pytest.approx(0.5, abs=0.02)


def test_silence_is_refused():
    with pytest.raises(ValueError, match="silent"):
        Recording.of(Audio(np.zeros((1, 24_000), np.float32), 24_000))
