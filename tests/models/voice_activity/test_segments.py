"""Stretches of speech do not depend on how sound is cut, lie apart, and keep to what was asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.models.voice_activity.segments import Segmenter, SegmentOptions

FRAME_S = 0.02
PLAIN = SegmentOptions(pad_s=0.0)


def found(probabilities: list[float], options: SegmentOptions, cuts: list[int] | None = None) -> list:
    segmenter, spans = Segmenter(options, FRAME_S), []
    for piece in np.split(np.array(probabilities), sorted(cuts or [])):
        spans += segmenter.push(piece)
    return spans + segmenter.flush(len(probabilities) * FRAME_S)


options = st.builds(
    SegmentOptions,
    min_speech_s=st.sampled_from([0.0, 0.06, 0.25]),
    min_silence_s=st.sampled_from([0.02, 0.1, 0.3]),
    pad_s=st.sampled_from([0.0, 0.03, 0.2]),
)
runs = st.lists(st.tuples(st.sampled_from([0.0, 0.4, 0.6, 1.0]), st.integers(1, 30)), max_size=20)


@given(runs, options, st.data())
def test_how_the_frames_are_cut_does_not_matter(parts, asked, data):
    probabilities = [value for value, count in parts for _ in range(count)]
    cuts = data.draw(st.lists(st.integers(0, len(probabilities)), max_size=6))
    assert found(probabilities, asked, cuts) == found(probabilities, asked)


@given(runs, options)
def test_stretches_are_in_order_within_the_sound_and_as_long_as_asked(parts, asked):
    probabilities = [value for value, count in parts for _ in range(count)]
    end = 0.0
    for start, stop in found(probabilities, asked):
        assert end <= start < stop <= len(probabilities) * FRAME_S + 1e-9
        assert stop - start >= asked.min_speech_s - 1e-9
        end = stop


def test_short_pauses_are_bridged_and_clicks_left_out():
    said, quiet = [0.9] * 20, [0.1] * 4
    assert found([*said, *quiet, *said, *[0.0] * 20], PLAIN) == [(0.0, pytest.approx(0.88))]
    assert found([*quiet, *[0.9] * 5, *[0.0] * 20], PLAIN) == []
    assert found([*said, *[0.4] * 50, *said], PLAIN) == [(0.0, pytest.approx(1.8))]


def test_pads_are_as_wide_as_there_is_room():
    rows = [0.0] * 2 + [0.9] * 20 + [0.0] * 10 + [0.9] * 20 + [0.0] * 2
    first, second = found(rows, SegmentOptions(pad_s=0.15))
    assert first == (0.0, pytest.approx(0.54))
    assert second == (pytest.approx(0.54), pytest.approx(1.06))


def test_numbers_out_of_range_are_refused():
    for wrong in ({"threshold": 1.0}, {"threshold": 0.2}, {"pad_s": -1.0}):
        with pytest.raises(ValueError, match=r"thresholds|0 or more"):
            SegmentOptions(**wrong)
