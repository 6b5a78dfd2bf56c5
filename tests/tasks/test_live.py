"""Live, the same is final as is heard of the whole; what is final never changes, and no more is held than is needed."""

from __future__ import annotations

import io

import numpy as np
import pytest
from tests.tasks.beeps import NAMES, LiveBeeps, spoken

from menura.tasks.hearing import HearingOptions
from menura.tasks.live import LiveTranscriber, pcm_blocks, transcribe_live


def talk(count=80):
    rng = np.random.default_rng(0)
    names = [NAMES[place] for place in rng.integers(len(NAMES), size=count)]
    told = []
    for name in names:
        told += [name] if rng.random() < 0.9 else [name, str(round(float(rng.uniform(0.3, 3)), 2))]
    return names, spoken(told)


def heard(samples, cuts):
    transcriber = LiveTranscriber(LiveBeeps(), HearingOptions())
    return transcriber, list(transcribe_live(transcriber, np.split(samples, cuts)))


@pytest.mark.parametrize("block", [700, 3200, 40_000])
def test_all_is_final_once_and_in_time(block):
    names, samples = talk()
    _, events = heard(samples, np.arange(block, len(samples), block))
    final = [event for event in events if event.type == "final"]
    assert " ".join(event.text for event in final).split() == names
    words = [word for event in final for word in event.words]
    starts = [word.start_s for word in words]
    assert starts == sorted(starts)
    for word in words:
        place = round((word.start_s + word.end_s) / 2 * 16_000)
        assert np.abs(samples[place - 80 : place + 80]).max() > 0.2
    assert [event.number for event in final] == list(range(1, len(final) + 1))


def test_words_are_told_soon_and_before_they_are_final():
    _, samples = talk(30)
    transcriber, told = LiveTranscriber(LiveBeeps(), HearingOptions()), {}
    for place in range(0, len(samples), 1600):
        for event in transcriber.feed(samples[place : place + 1600]):
            for word in event.words:
                told.setdefault((event.type, round(word.start_s, 1)), (place + 1600) / 16_000 - word.end_s)
    delays = [delay_s for (type, _), delay_s in told.items() if type == "final"]
    assert np.median(delays) < 1.3
    assert max(delays) < 2.5
    assert any(type == "partial" for type, _ in told)


def test_little_is_held_however_long_somebody_speaks():
    _, samples = talk(400)
    transcriber = LiveTranscriber(LiveBeeps(), HearingOptions())
    for part in np.split(samples, np.arange(8000, len(samples), 8000)):
        transcriber.feed(part)
        assert len(transcriber._held) < 28 * 16_000


def test_silence_says_nothing():
    _, events = heard(np.zeros(160_000, np.float32), [16_000, 80_000])
    assert events == []


def test_pcm_comes_in_odd_pieces():
    samples = (8000 * np.sin(np.arange(24_000) / 9)).astype("<i2")
    found = np.concatenate(list(pcm_blocks(io.BytesIO(samples.tobytes() + b"\x00"))))
    assert found == pytest.approx(samples / 32768, abs=1e-6)
    assert len(np.concatenate(list(pcm_blocks(io.BytesIO(samples.tobytes()), 48_000)))) == 8000
