"""The model of letters with their sounds is a distribution, and tells regular spelling by what stands before."""

from __future__ import annotations

import itertools

import numpy as np

from menura.text.speech.graphones import Graphones

SOUNDS = {"a": {"": 1, "A": 2}, "b": {"b": 3, "p": 4}}
"""A language where b is p at the end of a word, and a second a is silent."""


def said(word: str) -> list[int]:
    graphones = []
    for place, letter in enumerate(word):
        if letter == "a":
            graphones.append(SOUNDS["a"]["" if word[place - 1 : place] == "a" else "A"])
        else:
            graphones.append(SOUNDS["b"]["p" if place == len(word) - 1 else "b"])
    return graphones


ALL = ["".join(letters) for length in range(1, 7) for letters in itertools.product("ab", repeat=length)]
LETTERS = {letter: np.array(sorted(sounds.values())) for letter, sounds in SOUNDS.items()}


def model(words: list[str], order: int = 4) -> Graphones:
    return Graphones([np.array(said(word)) for word in words], LETTERS, order)


def test_probabilities_of_all_that_may_follow_add_up_to_one():
    graphones = model(ALL[::3])
    contexts = np.zeros((1, 4), np.uint64)
    everything = np.arange(5)
    for place in (0, 3, 2, 1, 4, 4):
        contexts = graphones._moved(contexts, np.array([place]))
        assert np.isclose(graphones._probabilities(contexts, everything).sum(), 1.0, atol=1e-5)


def test_spelling_is_learnt_and_carried_over_to_new_words():
    graphones = model([word for word in ALL if word not in ALL[::3]])
    new = ALL[3::3]
    right = [word for word in new if graphones.best(word) == said(word)]
    assert len(right) > 0.95 * len(new)


def test_a_letter_that_was_never_met_is_not_guessed():
    assert model(ALL).best("abc") is None
    assert model(ALL).best("") is None
