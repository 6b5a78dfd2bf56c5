"""Stretches of one voice are one speaker's, and words are given to those who are heard while they are said."""

from __future__ import annotations

import numpy as np
import pytest
from tests.tasks.beeps import beep, silence, sound

from menura.tasks.diarization import Turn, Voices, clustered, labelled
from menura.tasks.sections import Loud, mono_blocks
from menura.text.captions import Word
from menura.text.transcript import Segment


class Pitches:
    """Embeds a beep by its pitch, with some noise."""

    def embed(self, samples):
        rng = np.random.default_rng(0)
        hz = np.abs(np.fft.rfft(samples)).argmax(1) * 16_000 / samples.shape[1]
        points = np.eye(16)[np.rint(hz / 100).astype(int)] + 0.05 * rng.standard_normal((len(hz), 16))
        return points / np.linalg.norm(points, axis=1, keepdims=True)


DIALOGUE = ("one", "four", "one", "seven", "four", "one")


@pytest.fixture(scope="module")
def voices():
    parts = [part for name in DIALOGUE for part in (beep(name, 12), silence(1.0))]
    found = Voices(Pitches(), Loud())
    blocks = list(found.listening(mono_blocks(sound(np.concatenate(parts)))))
    assert sum(block.shape[1] for block in blocks) == 6 * 13 * 16_000
    return found


def test_a_turn_for_each_who_speaks(voices):
    turns = voices.turns()
    starts: dict[float, int] = {}
    for turn in turns:
        starts[round(turn.start_s / 13) * 13] = turn.speaker
        assert turn.end_s > turn.start_s
    assert [starts[13 * place] for place in range(6)] == [0, 1, 0, 2, 1, 0]


def test_so_many_as_are_told(voices):
    assert {turn.speaker for turn in voices.turns(2)} == {0, 1}
    assert {turn.speaker for turn in voices.turns(1)} == {0}


def test_few_words_of_a_stranger_are_the_nearest_speaker_s():
    rng = np.random.default_rng(0)
    points = np.repeat(np.eye(8)[[0, 1, 2]], [20, 20, 1], axis=0) + 0.05 * rng.standard_normal((41, 8))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = clustered(points, None, np.full(41, 1.6))
    assert len(set(labels.tolist())) == 2


def test_a_segment_is_cut_where_another_begins():
    words = tuple(Word(text, start, start + 0.4) for text, start in (("so", 0.0), ("it", 0.5), ("is", 2.1), ("yes", 3)))
    segments = [Segment(4, 0, 3.4, " so it is yes", words=words), Segment(5, 6, 7, " well")]
    found = list(labelled(segments, [Turn(0, 2, 0), Turn(2, 4, 1)]))
    assert [(one.id, one.speaker, one.text) for one in found] == [
        (0, "Speaker 1", " so it"),
        (1, "Speaker 2", " is yes"),
        (2, "Speaker 2", " well"),
    ]
    assert (found[0].end_s, found[1].start_s) == (0.9, 2.1)


def test_nobody_speaks_in_silence():
    found = Voices(Pitches(), Loud())
    list(found.listening(mono_blocks(sound(silence(40)))))
    assert found.turns() == []
    assert next(labelled([Segment(0, 0, 1, " x")], [])).speaker == ""
