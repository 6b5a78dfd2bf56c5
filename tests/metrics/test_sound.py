"""Every measure in the table reads a number or says why not, whatever sound it is given, and knows which way is up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.metrics.sound import METRICS

RATES = (8000, 24000, 44100)
AVAILABLE = {name: metric for name, metric in METRICS.items() if metric.is_available}


@st.composite
def sounds(draw: st.DrawFn) -> np.ndarray:
    """Noise, a tone, a click, a constant or silence, of any level and of one sample or more."""
    length = draw(st.sampled_from([1, 2, 3, 50, 2400, 12000]))
    kinds = {
        "noise": np.random.default_rng(length).standard_normal(length),
        "tone": np.sin(np.arange(length) * 0.7),
        "click": np.eye(1, length, length // 2)[0],
        "constant": np.ones(length),
        "silence": np.zeros(length),
    }
    level = draw(st.sampled_from([1e-30, 1e-7, 1e-3, 1.0, 1e5]))
    return (kinds[draw(st.sampled_from(sorted(kinds)))] * level).astype(np.float32)


@settings(max_examples=150)
@given(st.data(), st.sampled_from(sorted(AVAILABLE)), st.sampled_from(RATES))
def test_a_reading_is_finite_or_refused(data, name, rate_hz):
    reference, estimate = data.draw(sounds()), data.draw(sounds())
    length = min(len(reference), len(estimate))
    try:
        reading = METRICS[name].measure(reference[:length], estimate[:length], rate_hz)
    except ValueError:
        return
    assert isinstance(reading, float)
    assert np.isfinite(reading)


@pytest.mark.parametrize("name", AVAILABLE)
def test_a_copy_is_better_than_a_noisy_one(name, speech, spoilt):
    sound = speech(24000, 2.0)
    metric = METRICS[name]
    copy, noisy = (metric.measure(sound, estimate, 24000) for estimate in (sound, spoilt["noise"](sound, 24000)[2]))
    assert (copy > noisy) == metric.higher_is_better


def test_only_what_is_installed_is_available(monkeypatch):
    monkeypatch.setattr("menura.metrics.sound.is_there", lambda _: False)
    assert {name for name, metric in METRICS.items() if not metric.is_available} == {"pesq", "stoi"}
