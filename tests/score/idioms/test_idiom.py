"""Idioms: the words of a style choose the rules."""

from menura.score.idioms.idiom import idiom_of
from menura.score.steps.tokens import slots_for


def test_words_and_players_choose_the_rules():
    for style, programs, name in (("chorale", [52] * 4, "four parts"), ("waltz", [0, 73], "oom-pah-pah")):
        idiom = idiom_of([style], slots_for(programs))
        assert idiom
        assert idiom.name == name
        assert name in idiom.told()
    assert idiom_of(["bach"], slots_for([0])) is None
