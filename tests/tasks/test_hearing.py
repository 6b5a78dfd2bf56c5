"""Everything that is said is written once, at its time, however long the sound, and whichever way its windows go."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch
from tests.tasks.beeps import NAMES, Beeps, sound, spoken

from menura.models.whisper.model import Whisper, tiny
from menura.models.whisper.tokenizer import Tokenizer, plain_bytes
from menura.progress import Progress
from menura.tasks.hearing import HearingOptions, transcribe


def talk(seed: int, count: int) -> tuple[list[str], np.ndarray]:
    rng = np.random.default_rng(seed)
    names = [NAMES[place] for place in rng.integers(len(NAMES), size=count)]
    told: list[str] = []
    for name in names:
        told += [name] if rng.random() < 0.85 else [name, str(round(float(rng.uniform(0.5, 1.4)), 2))]
        told += ["9"] * (rng.random() < 0.02)
    return names, spoken(told)


def heard(model, audio, **how):
    return list(transcribe(model, audio, HearingOptions(beam_size=None, **how), Progress()))


def said(segments):
    return " ".join(segment.text.strip() for segment in segments).split()


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("word_timestamps", [False, True])
def test_all_is_written_once(batch_size, word_timestamps):
    names, samples = talk(0, 400)
    segments = heard(Beeps(), sound(samples), batch_size=batch_size, word_timestamps=word_timestamps)
    assert said(segments) == names
    assert [segment.id for segment in segments] == list(range(len(segments)))
    starts = [segment.start_s for segment in segments]
    assert starts == sorted(starts)
    if word_timestamps:
        assert [word.text for segment in segments for word in segment.words] == names


def test_words_stand_where_they_sound_though_silences_are_left_out():
    samples = spoken(["one", "20", "two", "three", "7", "four"])
    words = [word for segment in heard(Beeps(), sound(samples), word_timestamps=True) for word in segment.words]
    assert [word.text for word in words] == ["one", "two", "three", "four"]
    starts = [0.1, 20.5, 20.9, 28.3]
    assert [word.start_s for word in words] == pytest.approx(starts, abs=0.03)
    assert [word.end_s - word.start_s for word in words] == pytest.approx([0.3] * 4, abs=0.04)


def test_blocks_of_any_length_are_the_whole():
    _, samples = talk(1, 120)
    whole = heard(Beeps(), sound(samples), word_timestamps=True)
    cuts = np.sort(np.random.default_rng(2).integers(len(samples), size=40))
    assert heard(Beeps(), iter(np.split(samples, cuts)), word_timestamps=True) == whole


def test_nothing_is_decoded_where_nothing_sounds():
    model = Beeps()
    assert heard(model, sound(np.zeros(16_000 * 100, np.float32))) == []
    assert model.windows == 0


def test_a_window_is_told_what_was_said_before():
    model = Beeps()
    segments = heard(model, sound(talk(3, 200)[1]), initial_prompt="Beeps:", hotwords="nine")
    first, second = (cast(list[int], asked.prompt) for asked in model.asked[:2])
    assert model.tokenizer.decode(first) == " Beeps:"
    assert "".join(segment.text for segment in segments).startswith(model.tokenizer.decode(second)[len(" Beeps:") :])
    assert all(asked.hotwords == "nine" for asked in model.asked)


def test_little_is_held_of_a_long_sound():
    """Five minutes come, a second at a time; each segment is told when little more has come than it needs."""
    taken = 0

    def blocks():
        nonlocal taken
        for _ in range(200):
            taken += 1
            yield spoken(["one", "two", "0.6"])

    seconds = len(spoken(["one", "two", "0.6"])) / 16_000
    for segment in transcribe(Beeps(), blocks(), HearingOptions(beam_size=None), Progress()):
        assert taken * seconds - segment.end_s < 100


@pytest.mark.parametrize("how", [{"temperatures": ()}, {"batch_size": 0}])
def test_what_cannot_be_is_refused(how):
    with pytest.raises(ValueError, match=next(iter(how))):
        HearingOptions(**how)


@pytest.mark.parametrize("task", ["transcribe", "translate"])
@pytest.mark.parametrize("language", [None, "de"])
def test_a_model_of_many_languages_is_told_which_it_hears_and_whether_to_translate(task, language, monkeypatch):
    """The language is heard once, in the first window, if nobody says it."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Whisper.of(tiny(), Tokenizer(plain_bytes(), is_multilingual=True)).eval()
    told, heard_languages = [], []
    steps, detect = model._steps, model.detect_language

    def recorded(features):
        found = steps(features)
        step = found.step
        monkeypatch.setattr(found, "step", lambda tokens, at: told.append(tokens) or step(tokens, at))
        return found

    def detected(features):
        heard_languages.append(next(iter(detect(features)[0])))
        return [{heard_languages[0]: 1.0}]

    samples = 0.1 * np.random.default_rng(0).standard_normal(16_000 * 40).astype(np.float32)
    monkeypatch.setattr(model, "detect_language", detected)
    monkeypatch.setattr(model, "_steps", recorded)
    how = {"temperatures": (0.0,), "condition_on_previous_text": False}
    found = heard(model, sound(samples), task=task, language=language, **how)
    words = model.tokenizer
    starts = [row[0].tolist() for row in told if row.shape[1] == 3]
    assert len(starts) >= 2
    assert len(heard_languages) == (language is None)
    known = language or heard_languages[0]
    assert {tuple(row) for row in starts} == {(words.sot, words.language_token(known), getattr(words, task))}
    assert {segment.language for segment in found} <= {known}
