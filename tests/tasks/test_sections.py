"""Sections are the sound without its long silences, and know where they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.audio import Audio
from menura.tasks.sections import PAD_S, RATE_HZ, SHORTEST_SILENCE_S, Loud, SoundBuffer, mono_blocks, sections


def noisy(spans_s, duration_s):
    samples = np.zeros(round(duration_s * RATE_HZ), np.float32)
    for start_s, end_s in spans_s:
        part = samples[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
        part[:] = 0.1 * np.random.default_rng(0).standard_normal(len(part))
    return samples


def found(samples):
    """Start and end of sections, those that follow each other joined."""
    spans: list[list[float]] = []
    for start, part in sections(mono_blocks(Audio(samples, RATE_HZ)), Loud()):
        assert np.array_equal(samples[start : start + len(part)], part)
        if spans and round(spans[-1][1] * RATE_HZ) == start:
            spans[-1][1] = (start + len(part)) / RATE_HZ
        else:
            spans.append([start / RATE_HZ, (start + len(part)) / RATE_HZ])
    return spans


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0.4, 1.6) | st.floats(2.2, 40), st.floats(0.1, 20)), max_size=8))
def test_sections_are_speech_with_its_pads_whatever_the_blocks(gaps_and_lengths):
    spans, time_s = [], 0.0
    for gap_s, length_s in gaps_and_lengths:
        start_s = round(time_s + gap_s, 2)
        time_s = round(start_s + length_s, 2)
        spans.append((start_s, time_s))
    wanted: list[list[float]] = []
    for start_s, end_s in spans:
        if wanted and start_s + PAD_S - wanted[-1][1] < SHORTEST_SILENCE_S:
            wanted[-1][1] = end_s + PAD_S
        else:
            wanted.append([max(start_s - PAD_S, 0), end_s + PAD_S])
    close = np.array(found(noisy(spans, time_s + 3))).reshape(-1, 2)
    assert close == pytest.approx(np.array(wanted).reshape(-1, 2), abs=0.03)


def test_sound_of_any_rate_and_channels_is_mono_at_16_khz():
    stereo = np.random.default_rng(1).standard_normal((2, 48_000)).astype(np.float32) / 10
    blocks = list(mono_blocks(iter(np.split(stereo, [100, 7000], axis=1)), 48_000))
    assert blocks[0].shape == (1, 16_000)


def test_a_buffer_tells_times_in_the_whole_sound():
    samples = noisy([(1, 3), (10, 12)], 14)
    buffer = SoundBuffer(sections(mono_blocks(Audio(samples, RATE_HZ)), Loud()))
    window = buffer.window(0, 30 * RATE_HZ)
    assert len(window) == pytest.approx((2 * 2 + 4 * PAD_S) * RATE_HZ, abs=400)
    joint = 2 * RATE_HZ + 2 * PAD_S * RATE_HZ
    assert buffer.time_s(0) == pytest.approx(1 - PAD_S, abs=0.02)
    assert buffer.span_s(joint - 900, joint + 3200) == pytest.approx((10 - PAD_S, 10 - PAD_S + 0.2), abs=0.02)
    assert buffer.spans_s(0, joint + RATE_HZ) == pytest.approx((1 - PAD_S, 11 - PAD_S), abs=0.02)


def test_windows_end_at_silences_or_soft_places():
    buffer = SoundBuffer(sections(mono_blocks(Audio(noisy([(0, 20), (25, 40)], 42), RATE_HZ)), Loud()))
    assert buffer.boundary(0, 30 * RATE_HZ) == pytest.approx((20 + PAD_S) * RATE_HZ, abs=400)
    buffer = SoundBuffer(sections(mono_blocks(Audio(noisy([(0, 21), (21.3, 50)], 51), RATE_HZ)), Loud()))
    assert 21 * RATE_HZ <= buffer.boundary(0, 30 * RATE_HZ) <= 21.3 * RATE_HZ
