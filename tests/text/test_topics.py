"""Chapters begin where what is spoken about changes, or after a long pause, and cover all of the sound."""

from __future__ import annotations

import itertools
import random

from menura.text.topics import chapters
from menura.text.transcript import Segment, Transcript

BIRDS = ["feather", "nest", "sparrow", "migration", "beak", "plumage", "eggs", "songbird", "wings", "forest"]
BREAD = ["flour", "oven", "yeast", "crust", "dough", "kneading", "bakery", "salt", "butter", "recipe"]


def spoken(topics: list[list[str]], each: int = 30, pause_s: float = 0.0) -> Transcript:
    """Sentences of 5 s, so many about each topic, with a pause between topics."""
    draw, segments, at_s = random.Random(5), [], 0.0
    for words in topics:
        for _ in range(each):
            text = f" The {' and the '.join(draw.sample(words, 4))}."
            segments.append(Segment(len(segments), at_s, at_s + 5, text))
            at_s += 5
        at_s += pause_s
    return Transcript.of(segments, "en", at_s)


def test_a_chapter_begins_where_the_words_change():
    found = chapters(spoken([BIRDS, BREAD, BIRDS]))
    assert [one.start_s for one in found] == [0.0, 150.0, 300.0]
    assert all(before.end_s == after.start_s for before, after in itertools.pairwise(found))
    assert found[-1].end_s == 450.0
    assert found[1].title.startswith("The ")
    assert all(len(one.title) <= 61 for one in found)


def test_a_long_pause_parts_what_is_alike():
    assert [one.start_s for one in chapters(spoken([BIRDS, BIRDS], pause_s=4.0))] == [0.0, 154.0]


def test_one_topic_is_one_chapter_and_silence_none():
    assert len(chapters(spoken([BIRDS]))) <= 2
    assert len(chapters(spoken([BIRDS], each=10))) == 1
    assert chapters(Transcript.of([], "en", 60.0)) == []
