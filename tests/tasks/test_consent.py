"""No voice is cloned unless somebody says whose it is and that they agree; what is missing is told with an example."""

from __future__ import annotations

import re

import pytest

from menura.tasks.consent import given


@pytest.mark.parametrize(
    ("statement", "speaker"),
    [
        ("I am Anna Weber and I agree that my voice is cloned", "Anna Weber"),
        ("I am Anna Weber, and I consent.", "Anna Weber"),
        ("My name is J. R. O'Neill; I allow it.", "J. R. O'Neill"),
        ("I, Jean-Luc, agree to it", "Jean-Luc"),
        ("I'm Ada. I give my permission.", "Ada"),
        ("Ich bin Kerstin Müller und stimme zu.", "Kerstin Müller"),
        ("Ik ben Nathalie en ik ga akkoord", "Nathalie"),
    ],
)
def test_who_speaks_is_read_from_the_statement_and_its_words_are_kept(statement, speaker):
    consent = given(f"  {statement} \n")
    assert (consent.speaker, consent.statement) == (speaker, statement)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", consent.date)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("", "there is none"),
        ("yes", "does not say whose voice it is"),
        ("I agree.", "does not say whose voice it is"),
        ("I am Anna Weber.", "does not say that they agree"),
        ("I am Anna Weber and I do not agree.", "does not say that they agree"),
        ("I am Anna Weber and I don't consent", "does not say that they agree"),
        ("Ich bin Anna und stimme nicht zu", "does not say that they agree"),
    ],
)
def test_what_gives_none_is_refused_with_what_to_write(statement, told):
    with pytest.raises(ValueError, match=rf'{told}; say who speaks .* "I am Anna Weber and I agree') as raised:
        given(statement)
    assert "\n" not in str(raised.value)
