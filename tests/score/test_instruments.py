"""Instruments: the table is General MIDI's, and every name anyone gives an instrument finds it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score.instruments import DRUM_NAMES, ENSEMBLES, FAMILIES, INSTRUMENTS, expand, find, fold, lookup


def test_table_is_general_midi() -> None:
    """The index is the program, eight programs make a family, and the drum kit comes last."""
    assert len(INSTRUMENTS) == 129
    for program, instrument in enumerate(INSTRUMENTS[:128]):
        assert instrument.program == program
        assert not instrument.is_drum
        assert instrument.family == FAMILIES[program // 8]
    assert INSTRUMENTS[128].is_drum
    assert INSTRUMENTS[128].name == "drums"
    assert len({instrument.name for instrument in INSTRUMENTS}) == 129


@pytest.mark.parametrize(
    ("name", "program"),
    [
        *[("piano", 0), ("harpsichord", 6), ("church organ", 19), ("nylon guitar", 24), ("violin", 40), ("cello", 42)],
        *[("double bass", 43), ("harp", 46), ("choir", 52), ("voice", 53), ("french horn", 60), ("alto sax", 65)],
        *[("flute", 73), ("saw lead", 81), ("koto", 107), ("gunshot", 127)],
    ],
)
def test_programs_are_those_of_the_standard(name: str, program: int) -> None:
    assert find(name).program == program


def test_ranges_are_playable() -> None:
    """Every pitched range spans an octave at least and stays within MIDI."""
    for instrument in INSTRUMENTS:
        assert instrument.low >= 0
        assert instrument.low + 12 <= instrument.high <= 127
    assert (find("violin").low, find("violin").high) == (55, 100)


def test_every_name_finds_its_instrument() -> None:
    """No synonym is claimed by two instruments, whatever its case."""
    for instrument in INSTRUMENTS:
        for name in (instrument.name, *instrument.synonyms):
            assert find(name) is instrument, name
            assert find(f"  {name.upper()} ") is instrument, name


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        *[("Flöten", "flute"), ("Geigen", "violin"), ("celli", "cello"), ("violini", "violin"), ("flauti", "flute")],
        *[
            ("double basses", "double bass"),
            ("corni", "french horn"),
            ("French-Horns", "french horn"),
            ("harpes", "harp"),
        ],
    ],
)
def test_plurals_find_the_singular(name: str, canonical: str) -> None:
    assert find(name).name == canonical


def test_ensembles_are_small_and_made_of_instruments() -> None:
    for name, members in ENSEMBLES.items():
        assert 1 < len(members) <= 10
        assert tuple(player.name for player in expand(name)) == members
    assert expand("string quartets") == expand("Streichquartett")
    assert expand("flute") == (find("flute"),)


def test_errors_say_what_would_be_right() -> None:
    with pytest.raises(ValueError, match="did you mean violin"):
        find("vioolin")
    with pytest.raises(ValueError, match="menura instruments"):
        expand("§" * 5000)
    with pytest.raises(ValueError, match="is an ensemble"):
        find("string quartet")


def test_drum_names_cover_the_general_midi_kit() -> None:
    assert list(DRUM_NAMES) == list(range(35, 82))
    assert DRUM_NAMES[36] == "bass drum"
    assert DRUM_NAMES[42] == "closed hi-hat"
    assert DRUM_NAMES[49] == "crash cymbal"
    assert DRUM_NAMES[81] == "open triangle"


@given(st.text(max_size=200))
def test_any_name_is_found_or_refused_in_one_line(name: str) -> None:
    assert fold(fold(name)) == fold(name)
    try:
        message = ""
        assert expand(name) == lookup(name)
    except ValueError as error:
        message = str(error)
    assert "\n" not in message
