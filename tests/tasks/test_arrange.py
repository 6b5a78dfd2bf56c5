"""Arranging: what is said becomes numbers, options win, lengths are exact, what cannot be is refused in one line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from menura.score.instruments import INSTRUMENTS
from menura.score.notes import Key
from menura.score.steps.tokens import DRUMS, GRID_PER_QUARTER, MAX_SLOTS, NUM_POSITIONS, Slot, bar_length, slot_names
from menura.tasks.arrange import Arrangement, Options, arrange, read_metre
from menura.text.prompts import MOODS, STYLES

NOTHING = Options(
    key=None,
    bpm=None,
    metre=None,
    bars=None,
    duration_s=None,
    instruments=(),
    style={},
    mood=(),
    density=None,
    form=None,
)


def arranged(prompt: str = "", seed: int = 0, **options: Any) -> Arrangement:
    return arrange(prompt, replace(NOTHING, **options), np.random.default_rng(seed))


def bars(arrangement: Arrangement) -> int:
    return len(arrangement.controls.metres)


def music_s(arrangement: Arrangement) -> float:
    """How long the bars last."""
    numerator, denominator = arrangement.metre
    return bars(arrangement) * 4 * numerator / denominator * 60 / arrangement.controls.bpm


def is_sound(arrangement: Arrangement) -> None:
    controls = arrangement.controls
    assert 1 <= len(controls.slots) <= MAX_SLOTS
    assert 20 <= controls.bpm <= 300
    assert 1 <= bars(arrangement) <= 512
    assert 3 <= bar_length(*arrangement.metre) <= NUM_POSITIONS
    assert (controls.metres == arrangement.metre).all()
    assert set(controls.styles) <= set(STYLES)
    assert not controls.styles or sum(controls.styles.values()) == pytest.approx(1)
    for share in (controls.density, controls.loudness, controls.register, controls.chromaticism):
        assert share is None or 0 <= share <= 1


def test_a_sentence_becomes_a_wish() -> None:
    found = arranged("a slow waltz for flute and piano in D minor, 90 bpm, 32 bars")
    assert slot_names(found.controls.slots) == ("piano", "flute")
    assert (found.controls.key, found.controls.bpm, found.metre, bars(found)) == (Key(2, "minor"), 90, (3, 4), 32)
    assert found.duration_s is None
    assert found.understanding.unused == ()


def test_options_win_over_the_sentence() -> None:
    prompt = "sad sparse bach waltz for flute in D minor, 90 bpm, 32 bars, rondo"
    assert arranged(prompt, key="F# major").controls.key == Key(6, "major")
    assert arranged(prompt, bpm=144).controls.bpm == 144
    assert arranged(prompt, metre="6/8").metre == (6, 8)
    assert bars(arranged(prompt, bars=12)) == 12
    assert arranged(prompt, instruments=("tuba",)).controls.slots == (Slot(58),)
    assert arranged(prompt, style={"game": 1.0}).controls.styles == {"game": 1.0}
    assert arranged(prompt, mood=("happy",)).controls.loudness == MOODS["happy"].loudness
    assert (arranged(prompt, density=1.0).controls.density or 0) > (arranged(prompt).controls.density or 0)
    assert arranged(prompt, form="AABA").form == "AABA"
    assert arranged(prompt).form == "rondo"


def test_a_length_asked_by_option_replaces_the_sentence_s_whichever_it_was() -> None:
    assert arranged("32 bars", duration_s=20.0).duration_s == 20.0
    assert bars(arranged("32 bars", duration_s=20.0)) < 32
    assert arranged("20 seconds", bars=7).duration_s is None
    assert bars(arranged("20 seconds", bars=7)) == 7
    assert arranged("20 seconds").duration_s == 20.0


@pytest.mark.parametrize(
    ("prompt", "options", "overruled"),
    [
        ("a fast waltz, 16 bars, 60 seconds", {}, {"tempo": "50 bpm, at which 16 bars last 60 s"}),
        ("a waltz, 16 bars, 60 seconds", {}, {"tempo": "50 bpm, at which 16 bars last 60 s"}),
        ("slow, 2 seconds", {}, {"tempo": "134 bpm, at which 1 bar lasts 2 s"}),
        ("slow, 30 seconds", {}, {}),
        ("16 bars, 60 seconds", {}, {}),
        ("in D minor", {"key": "F major"}, {"key": "key=F major"}),
        ("in D minor", {"key": "d minor"}, {}),
        ("90 bpm", {"bpm": 100}, {"bpm": "bpm=100", "tempo": "bpm=100"}),
        ("3/4", {"metre": "6/8"}, {"metre": "metre=6/8"}),
        ("32 bars", {"duration_s": 20.0}, {"bars": "duration=20", "duration_s": "duration=20"}),
        ("32 bars", {"bars": 32}, {}),
        (
            "sad flute",
            {"mood": ("happy",), "instruments": ("piano",)},
            {"mood": "mood=happy", "instruments": "instruments=piano"},
        ),
        ("rondo, busy", {"form": "AABA", "density": 0.2}, {"form": "form=AABA", "density": "density=0.2"}),
    ],
)
def test_what_gives_way_is_said(prompt: str, options: dict[str, Any], overruled: dict[str, str]) -> None:
    """Words for a tempo give way to bars and seconds, the sentence to options; and nothing else is said to."""
    found = arranged(prompt, **options)
    said = {control for heard in found.understanding.heard for control, _ in heard.meanings}
    assert {control: by for control, by in found.overruled.items() if control in said} == {
        control: by for control, by in overruled.items() if control in said
    }
    assert overruled.keys() & said or not overruled
    is_sound(found)


def test_who_is_left_out_is_not_among_the_usual_players() -> None:
    band = arranged("jazz without drums").band
    assert band is not None
    assert band.roles.keys() == {"bass", "comp", "comp2"}
    assert slot_names(arranged("jazz without drums", band="model").controls.slots) == ("double bass", "piano")
    assert slot_names(arranged("hugo wolf, no piano").controls.slots) == ("voice",)
    assert slot_names(arranged("no piano").controls.slots) == ("nylon guitar",)


_METRES = [(n, d) for d in (1, 2, 4, 8, 16) for n in range(1, 17)]
_maybe = st.none


@settings(max_examples=400, deadline=None)
@given(
    metre=st.sampled_from(_METRES),
    bpm=_maybe() | st.floats(20, 300),
    num_bars=_maybe() | st.integers(1, 512),
    duration_s=_maybe() | st.floats(1, 1200),
    moods=st.lists(st.sampled_from(list(MOODS)), max_size=12),
)
@example(metre=(16, 8), bpm=None, num_bars=None, duration_s=1.0, moods=[])
@example(metre=(1, 16), bpm=300.0, num_bars=None, duration_s=None, moods=[])
@example(metre=(4, 4), bpm=120.0, num_bars=4, duration_s=600.0, moods=[])
@example(metre=(4, 4), bpm=None, num_bars=None, duration_s=None, moods=["sad"] * 12)
def test_every_length_is_met_exactly_or_refused(
    metre: tuple[int, int], bpm: float | None, num_bars: int | None, duration_s: float | None, moods: list[str]
) -> None:
    asked = {"metre": "{}/{}".format(*metre), "bpm": bpm, "bars": num_bars, "duration_s": duration_s, "mood": moods}
    try:
        found = arranged(**asked)
    except ValueError as error:
        is_possible = bar_length(*metre) <= NUM_POSITIONS and duration_s is None
        assert not is_possible, error  # noqa: PT017
        return
    is_sound(found)
    assert found.metre == metre
    assert bpm is None or found.controls.bpm == bpm
    assert num_bars is None or bars(found) == num_bars
    assert found.duration_s == duration_s
    assert bpm is not None or found.controls.bpm == int(found.controls.bpm), "a tempo that nobody typed is whole"
    if duration_s is not None:
        assert music_s(found) <= duration_s
        if not (bpm and not num_bars):
            assert music_s(found) >= 0.6 * duration_s, "the rest is the last note's tail, not silence"
        else:
            assert music_s(found) + 60 / bpm * bar_length(*metre) / GRID_PER_QUARTER > duration_s - 2.1


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200) | st.text("0123456789 ./:=,-bpmsarinutek", max_size=60), st.integers(0, 9))
@example("a 1/1 of 9999999999999999999999 bars", 0)
@example("½ bars at ² bpm for ٣ flutes", 0)
def test_any_sentence_is_arranged_or_refused_in_one_line(prompt: str, seed: int) -> None:
    try:
        found = arranged(prompt, seed)
    except ValueError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017
        assert len(str(error)) < 500  # noqa: PT017
        return
    is_sound(found)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_has_someone_to_play_it(style: str) -> None:
    is_sound(arranged(style={style: 1.0}))
    is_sound(arranged(f"something like {style}"))


def test_the_heaviest_style_says_who_plays_and_named_players_stay() -> None:
    assert len(arranged(style={"quartet": 0.6, "bach": 0.4}).controls.slots) == 4
    assert arranged(style={"jazz": 1.0}, instruments=("harp",)).controls.slots == (Slot(46),)
    assert any(slot.program == DRUMS for slot in arranged(style={"game": 0.9, "quartet": 0.1}).controls.slots)
    assert arranged().controls.slots == (Slot(0),)


@pytest.mark.parametrize("mood", MOODS)
def test_every_mood_is_heard(mood: str) -> None:
    found, known = arranged(mood=(mood,)), MOODS[mood]
    is_sound(found)
    assert found.controls.bpm == pytest.approx(100 * known.bpm_factor, abs=0.6)
    for name in ("density", "loudness", "register", "chromaticism"):
        said, usual = getattr(known, name), getattr(arranged().controls, name)
        assert getattr(found.controls, name) == (usual if said is None else said)
    assert known.mode in (None, found.controls.key.mode)


def test_counterpoint_in_voices_has_a_player_of_one_voice_for_each() -> None:
    assert [slot.copy for slot in arranged("a canon in 3 voices for recorders").controls.slots] == [2, 1, 0]
    assert len(arranged("fugue in 3 voices for organ").controls.slots) == 1  # whose hands have them all
    assert len(arranged("a trio in 3 voices for two flutes and cello").controls.slots) == 3


def test_words_of_a_style_bring_its_rules_and_the_model_alone_none() -> None:
    for prompt, name in (
        ("ragtime for piano", "stride"),
        ("a waltz for flute and piano", "oom-pah-pah"),
        ("a chorale", "four parts"),
        ("a tango for violin, accordion and piano", "habanera"),
    ):
        idiom = arranged(prompt).idiom
        assert idiom
        assert idiom.name == name
        assert arranged(prompt, band="model").idiom is None
    assert arranged("an invention for harpsichord").imitates == "invention"
    assert arranged("a fugue for organ").imitates == "fugue"
    assert arranged("a fugue for organ", band="model").imitates is None
    assert arranged("a fugue for organ", chords="C | G").imitates is None


def test_a_blues_goes_through_twelve_bars_over_and_over() -> None:
    assert [section.bars for section in arranged("a 12 bar blues, 24 bars").sections] == [12, 12]
    assert bars(arranged("a blues for harmonica, guitar, bass and drums")) % 12 == 0
    assert len(arranged("a blues, 24 bars", form="AABA").sections) == 4


def test_with_one_seed_other_words_have_other_keys() -> None:
    prompts = ["a waltz", "a march", "rain", "a slow song", "two flutes", "a rag", "music for a game", "a hymn"]
    keys = [arranged(prompt, seed=3).controls.key for prompt in prompts]
    assert len(set(keys)) > 3
    assert arranged("  A WALTZ ", seed=3).controls.key == keys[0]


def test_the_key_is_drawn_by_the_seed_among_those_that_are_usual() -> None:
    keys = {str(arranged(seed=seed).controls.key) for seed in range(60)}
    assert len(keys) > 8
    assert all(abs(Key.parse(key).fifths) <= 3 for key in keys)
    assert arranged(seed=5).controls.key == arranged(seed=5).controls.key
    assert all(arranged("in minor", seed).controls.key.mode == "minor" for seed in range(20))


@pytest.mark.parametrize("text", ["3/4", " 6 / 8 ", "16/16", "1/1", "2/2"])
def test_metres_are_read(text: str) -> None:
    numerator, denominator = (int(part) for part in text.split("/"))
    assert read_metre(text) == (numerator, denominator)


@pytest.mark.parametrize(
    "text", ["0/4", "17/4", "4/3", "4/0", "-3/4", "3", "3/4/5", "", "3/4\n3/4", "x" * 1000, "4/32"]
)
def test_what_is_no_metre_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^metre: .*is not one; write 3/4 or 6/8") as refusal:
        read_metre(text)
    assert len(str(refusal.value)) < 150


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("2 violins", "cello"), ("cello", "violin 2", "violin 1")),
        (("3x flute",), ("flute 3", "flute 2", "flute 1")),
        (("string quartet",), ("cello", "viola", "violin 2", "violin 1")),
        (("drums", "piano"), ("drums", "piano")),
        (("Klavier",), ("piano",)),
    ],
)
def test_players_are_counted(asked: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert slot_names(arranged(instruments=asked).controls.slots) == names


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"key": "H minor"}, "'H minor' is not a key"),
        ({"metre": "9/4"}, "metre: 9/4 is longer than the 8 quarter notes"),
        ({"mood": ("purple",)}, "mood: 'purple' is not one of happy, sad"),
        ({"mood": ("x" * 1000,)}, "mood: "),
        ({"instruments": ("theremin",)}, "no instrument is called 'theremin'"),
        ({"instruments": ("5 flutes",)}, "at most 4 of one instrument; flute was asked 5 times"),
        ({"instruments": ("flute",) * 5}, "at most 4 of one instrument"),
        ({"instruments": ("orchestra", "orchestra")}, "1 to 16 instruments"),
        ({"instruments": ("0 flutes",)}, "1 to 16 players, not 0"),
        ({"instruments": ("99 flutes",)}, "1 to 16 players, not 99"),
        ({"bars": 4, "duration_s": 2.0, "bpm": 120}, "4 bars of 4/4 at 120 bpm last 8.0 s, not 2; leave out"),
        ({"bars": 4, "duration_s": 600.0, "bpm": 120}, "4 bars of 4/4 at 120 bpm last 8.0 s, not 600; leave out"),
        ({"bars": 100, "duration_s": 5.0}, "100 bars in 5 s would need 5333 bpm; 20 to 300 are possible"),
        ({"bars": 1, "duration_s": 1200.0}, "1 bar in 1200 s would need 0 bpm"),
        ({"duration_s": 1.0, "bpm": 40}, "one bar of 4/4 at 40 bpm is longer than 1 s"),
        ({"duration_s": 1200.0, "metre": "1/16"}, "more than 512"),
        ({"duration_s": 1.0, "metre": "16/8"}, "1 bar in 1 s would need 533 bpm"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words) as refusal:
        arranged("", **options)
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 500


@pytest.mark.parametrize(
    ("prompt", "options", "leads", "roles"),
    [
        ("a reggae tune", {}, ("harmonica",), {"drums", "bass", "comp", "comp2"}),
        ("rock band", {}, ("overdriven guitar",), {"drums", "bass", "comp"}),
        ("jazz trio", {}, ("piano",), {"drums", "bass"}),
        ("lo-fi beat with a flute", {}, ("flute",), {"drums", "bass", "comp"}),
        ("house, no bass", {}, ("square lead",), {"drums", "comp", "comp2", "pad"}),
        ("techno without drums", {}, ("saw lead",), {"bass", "comp", "comp2", "pad"}),
        ("a song", {"groove": "bossa nova"}, ("alto sax",), {"drums", "bass", "comp", "comp2", "pad"}),
        ("for violin", {"groove": "tango"}, ("violin",), {"bass", "comp"}),
    ],
)
def test_over_a_groove_a_band_plays(
    prompt: str, options: dict[str, Any], leads: tuple[str, ...], roles: set[str]
) -> None:
    """Who is named plays; a beat is under what is nothing without; the model composes for the first that can lead."""
    band = arranged(prompt, **options).band
    assert band is not None
    assert tuple(INSTRUMENTS[program].name for program in band.leads) == leads
    assert band.roles.keys() == roles


@pytest.mark.parametrize(
    ("prompt", "options"),
    [
        *[("a waltz", {}), ("blues for piano", {}), ("jazz for string quartet", {}), ("reggae", {"band": "model"})],
        ("a fugue", {"band": "auto"}),
    ],
)
def test_without_a_groove_or_a_rhythm_section_the_model_composes_every_part(
    prompt: str, options: dict[str, Any]
) -> None:
    assert arranged(prompt, **options).band is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"groove": "regae"}, "reggae"),
        ({"band": "arranger"}, "band: the arranger needs a style"),
        ({"chords": "C | H7"}, "chords: 'H7' is not a chord"),
        ({"chords": "C | | F"}, "chords: bar 2"),
    ],
)
def test_a_groove_or_a_chord_that_is_none_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        arranged("a song", **options)


def test_chords_return_and_say_key_and_length() -> None:
    found = arranged("a song", chords="Dm7 | G7 | C | %")
    assert found.controls.key == Key(0, "major")
    assert len(found.controls.metres) % 4 == 0
    assert found.chords is not None
    assert found.chords[:4] == found.chords[4:8]
    assert arranged("a song", chords="Am | F | C | G").controls.key == Key(9, "minor")
    assert arranged("a song", chords="Am | F", key="C major", bars=5).controls.key == Key(0, "major")
