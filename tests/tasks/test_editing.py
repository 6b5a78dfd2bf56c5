"""Words that are kept keep their frames and their pauses; what is new has its own, and where it is cut is made anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.tasks.editing import MARGIN_FRAMES, Edited, Said, changes, cut, edited, paced, runs, words_of
from menura.tasks.utterances import utterances

OLD_FRAMES, NEW_FRAMES = 7, 5
SENTENCES = st.lists(st.sampled_from(["so", "he", "sings,", "bird", "loud."]), min_size=1, max_size=8)


def said(text: str, frames: int) -> Said:
    """A text whose symbols last so many frames each, its spaces none and its pads ten."""
    symbols, words = words_of([one for one in utterances(text, "en-us", "") if one.tokens])
    lasting = [0 if symbol in "ˈˌ " else frames for symbol in symbols]
    return Said(symbols, np.array([10, *lasting, 10]), words)


def frames_of(edit: Edited, word: int) -> np.ndarray:
    first, last = edit.said.words[word]
    return edit.source[edit.said.edges[first] : edit.said.edges[last]]


def edit_of(old: str, new: str) -> Edited:
    return edited(said(old, OLD_FRAMES), said(new, NEW_FRAMES))


@given(SENTENCES, SENTENCES)
def test_kept_words_have_their_frames_and_others_new_ones(old_words, new_words):
    old, new = (said(" ".join(words), frames) for words, frames in ((old_words, OLD_FRAMES), (new_words, NEW_FRAMES)))
    edit, kept = edited(old, new), changes(old.sounds, new.sounds)
    assert edit.said.durations.sum() == len(edit.source)
    for word in range(len(new.words)):
        if word in kept:
            first, last = old.words[kept[word]]
            assert frames_of(edit, word).tolist() == list(range(old.edges[first], old.edges[last]))
        else:
            assert (frames_of(edit, word) == -1).all()
    there = edit.source[edit.source >= 0]
    assert (np.diff(there) > 0).all()
    assert edit.source[0] == 0
    assert edit.source[-1] == old.durations.sum() - 1


@given(SENTENCES, SENTENCES)
def test_frames_that_are_not_hidden_follow_each_other(old_words, new_words):
    edit = edit_of(" ".join(old_words), " ".join(new_words))
    assert (edit.hidden | (edit.source >= 0)).all()
    for start, stop in runs(~edit.hidden):
        assert (np.diff(edit.source[start:stop]) == 1).all()


def test_the_same_text_hides_nothing():
    assert not edit_of("So he sings.", "So he sings.").hidden.any()


def test_a_word_left_out_hides_where_it_was_alone():
    edit = edit_of("So he often sings.", "So he sings.")
    ((start, stop),) = runs(edit.hidden)
    assert stop - start == 2 * MARGIN_FRAMES
    assert edit.source[stop] - edit.source[start - 1] > OLD_FRAMES


def test_pauses_stay_where_they_are():
    edit = edit_of("So, he sings.", "So, she sings.")
    comma = edit.said.edges[edit.said.words[0][1]]
    assert (edit.source[comma : comma + OLD_FRAMES] >= 0).all()


def test_what_is_said_after_the_end_stands_before_its_silence():
    edit = edit_of("So he sings", "So he sings loud")
    assert (edit.source[-10:] >= 0).all()
    assert (frames_of(edit, 3) == -1).all()


def test_what_is_said_first_stands_after_the_silence():
    edit = edit_of("he sings", "so he sings")
    assert (edit.source[:10] == np.arange(10)).all()
    assert (frames_of(edit, 0) == -1).all()


def test_new_words_have_the_pace_of_those_that_are_kept():
    old, new = said("so he sings", OLD_FRAMES), said("so he never sings", NEW_FRAMES)
    assert paced(new, old).durations[1:-1].sum() == pytest.approx(
        OLD_FRAMES / NEW_FRAMES * new.durations[1:-1].sum(), abs=1
    )
    other = said("loud", NEW_FRAMES)
    assert (paced(other, old).durations == other.durations).all()


@given(st.integers(0, 90), st.integers(1, 90))
def test_what_is_cut_out_lasts_as_long_as_asked(start, count):
    whole = said("so he sings", OLD_FRAMES)
    stop = min(start + count, int(whole.durations.sum()))
    start = min(start, stop - 1)
    symbols, durations = cut(whole, start, stop)
    assert durations.sum() == stop - start
    assert len(durations) == len(symbols) + 2
