"""A band that a person recognises: in every style and any metre the parts fit the chords, their ranges and the form."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from menura.score.arranger.arrange import arrange
from menura.score.arranger.patterns import beats_of
from menura.score.arranger.plan import Plan
from menura.score.arranger.style import ROLES, Style
from menura.score.arranger.styles import STYLES
from menura.score.arranger.voicings import tones_of
from menura.score.form import Section
from menura.score.harmony import first_half, parse_plan
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import DURATION, ONSET, PITCH, Track

CHORDS = parse_plan("C | Am | Dm7 G7 | C | F | Bdim E7 | Am | G | C | Am | Dm7 G7 | C | F | Bb | F G7 | C")
FORM = (Section("A", 0, 4), Section("B", 4, 4), Section("A", 8, 8, 0))
METRES = ((4, 4), (3, 4), (2, 4), (5, 4), (6, 8), (7, 8), (12, 8), (9, 8), (5, 8), (2, 2), (3, 8))
RISING = tuple(np.linspace(0.1, 1.0, len(CHORDS)).tolist())
BACKBEAT = (
    *("rock", "hard rock", "punk", "pop", "ballad", "country", "funk", "soul", "disco", "ska", "lo-fi", "hip hop"),
    *("drum and bass", "synthwave", "chiptune"),
)
SNARES, HATS = (37, 38, 39, 40), (42, 44, 46, 51, 53, 59)


def plan(style: Style, metre: tuple[int, int] | None = None, energy: tuple[float, ...] | float = RISING) -> Plan:
    row = energy if isinstance(energy, tuple) else (energy,) * len(CHORDS)
    programs = {"pad": 48, "drums": 0} | dict(style.programs)
    return Plan(CHORDS, (metre or style.metres[0],) * len(CHORDS), FORM, row, sum(style.bpm) / 2, programs)


def drum_bars(style: Style, energy: float, metre: tuple[int, int] | None = None) -> list[set[tuple[int, int]]]:
    """Place and pitch of the hits of every bar but the last, which is the ending."""
    told = plan(style, metre, energy)
    notes = arrange(told, style, 1)[0].notes
    starts = told.starts
    bar = np.searchsorted(starts, notes[:, ONSET], side="right") - 1
    return [
        {(int(onset - starts[index]), int(pitch)) for onset, pitch in notes[bar == index][:, [ONSET, PITCH]]}
        for index in range(len(CHORDS) - 1)
    ]


def likeness(one: set[tuple[int, int]], other: set[tuple[int, int]]) -> float:
    return 2 * len(one & other) / max(len(one) + len(other), 1)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
class TestEveryStyle:
    def test_gives_music_in_its_metre_and_others(self, style):
        """Three others, in turn, so that every metre is played in a quarter of the styles."""
        first = 3 * list(STYLES.values()).index(style)
        for metre in (None, *(METRES[(first + place) % len(METRES)] for place in range(3))):
            told = plan(style, metre)
            for track in arrange(told, style, 3):
                assert len(track.notes) or (track.is_drum and not style.drums)
                assert track.end_tick <= told.starts[-1]
                check_notes(track, told)
                if not track.is_drum:
                    check_chords(track, told, style)

    def test_gives_music_at_any_energy(self, style):
        for energy in (0.0, 0.3, 0.6, 1.0):
            told = plan(style, energy=energy)
            for track in arrange(told, style, 0):
                assert len(track.notes) or track.name == "drums" or energy < style.comp2_from
                check_notes(track, told)

    def test_is_the_same_by_seed_and_another_by_another(self, style):
        told = plan(style)
        one, same, other = (arrange(told, style, seed) for seed in (5, 5, 6))
        assert all(np.array_equal(a.notes, b.notes) for a, b in zip(one, same, strict=True))
        assert any(not np.array_equal(a.notes[:, :3], b.notes[:, :3]) for a, b in zip(one, other, strict=True))

    def test_ends_with_the_last_bar(self, style):
        """Something begins on its first beat, and nothing runs on as if there were another bar."""
        told = plan(style)
        last = told.starts[-2]
        pitched = [track for track in arrange(told, style, 0) if not track.is_drum]
        assert all((track.notes[:, ONSET] == last).any() for track in pitched)
        assert all(len(np.unique(track.notes[track.notes[:, ONSET] >= last, ONSET])) <= 3 for track in pitched)


def check_notes(track: Track, told: Plan) -> None:
    instrument = INSTRUMENTS[128 if track.is_drum else track.program]
    notes = track.notes
    assert (notes[:, PITCH] >= instrument.low - 2).all()
    assert (notes[:, PITCH] <= max(instrument.high, told.ceiling) + 1).all()
    assert (notes[:, DURATION] > 0).all()
    for pitch in np.unique(notes[:, PITCH]):
        own = notes[notes[:, PITCH] == pitch]
        assert (own[:-1, ONSET] + own[:-1, DURATION] <= own[1:, ONSET]).all(), "one pitch overlaps"


def check_chords(track: Track, told: Plan, style: Style) -> None:
    """What begins where a chord begins belongs to it, and the bass has its root or fifth there."""
    starts = told.starts
    middles = first_half(np.array(told.metres), np.diff(starts))
    for index, halves in enumerate(CHORDS):
        for at, chord in zip((starts[index], starts[index] + middles[index]), halves, strict=True):
            assert chord is not None
            if at == starts[index + 1]:
                continue
            begun = track.notes[track.notes[:, ONSET] == at, PITCH] % 12
            allowed = set(tones_of(chord, told.scale, 2)) | set(chord.pitch_classes)
            if at == starts[index] and not any(symbol in "".join(style.comp) for symbol in "qr"):
                assert set(begun.tolist()) <= allowed, (track.name, index, chord)


@pytest.mark.parametrize("name", [name for name, style in STYLES.items() if style.drums])
def test_drummers_repeat_bars_and_own_few_drums(name):
    for energy in (0.3, 0.6, 0.9):
        bars = drum_bars(STYLES[name], energy)
        assert np.median([likeness(one, other) for one, other in pairwise(bars)]) >= 0.6
        assert len({pitch for bar in bars for _, pitch in bar}) <= 14


@pytest.mark.parametrize("name", BACKBEAT)
def test_songs_have_a_backbeat(name):
    for energy in (0.4, 0.6, 0.9):
        bars = drum_bars(STYLES[name], energy)
        backbeats = [all(any((beat, snare) in bar for snare in SNARES) for beat in (480, 1440)) for bar in bars]
        assert np.mean(backbeats) >= 0.75


def test_hats_are_even():
    """Half of the bars of all styles, as among people."""
    even = []
    for style in STYLES.values():
        for bar in drum_bars(style, 0.6) if style.drums else ():
            onsets = sorted({onset for onset, pitch in bar if pitch in HATS})
            even.append(len(onsets) >= 4 and len({b - a for a, b in pairwise(onsets)}) == 1)
    assert np.mean(even) >= 0.4


def test_a_section_that_returns_is_played_as_before():
    told = plan(STYLES["rock"], energy=0.6)
    bars = drum_bars(STYLES["rock"], 0.6)
    assert likeness(bars[1], bars[9]) > 0.9
    bass = arrange(told, STYLES["rock"], 1)[1].notes
    first, again = (bass[(bass[:, ONSET] >= 1920 * k) & (bass[:, ONSET] < 1920 * (k + 1))] for k in (0, 8))
    assert np.array_equal(first[:, PITCH], again[:, PITCH])


def test_drums_fill_into_a_section_and_crash_on_its_first_beat():
    bars = drum_bars(STYLES["rock"], 0.7)
    assert (0, 49) in bars[4]
    assert (0, 49) not in bars[5]
    toms = {41, 43, 45, 47, 48, 50}
    assert likeness(bars[3], bars[2]) < 1
    assert len([hit for hit in bars[3] if hit[0] >= 960 and (hit[1] in toms or hit[1] == 38)]) >= 4


def test_machines_build_up_before_a_drop():
    energy = (0.4,) * 8 + (0.9,) * 8
    style = STYLES["house"]
    told = Plan(CHORDS, ((4, 4),) * 16, (Section("A", 0, 8), Section("B", 8, 8)), energy, 124, style.programs)
    drums = arrange(told, style, 0)[0].notes
    before = drums[(drums[:, ONSET] >= 7 * 1920) & (drums[:, ONSET] < 8 * 1920)]
    assert (before[:, PITCH] == 38).sum() >= 12
    assert not (before[:, PITCH] == 36).any()
    assert (drums[drums[:, ONSET] == 8 * 1920, PITCH] == 36).any()


def test_chords_move_little():
    """Voices of a comping part move by a third at most, but for a leap now and then."""
    told = plan(STYLES["pop"], energy=0.6)
    pad = next(track for track in arrange(told, STYLES["pop"], 0) if track.program == STYLES["pop"].programs["pad"])
    chords = [np.sort(pad.notes[pad.notes[:, ONSET] == onset, PITCH]) for onset in np.unique(pad.notes[:, ONSET])]
    moves = [np.abs(a - b).mean() for a, b in pairwise(chords) if len(a) == len(b)]
    assert np.mean(moves) <= 3


def test_a_silent_chord_silences_everyone_but_the_drums():
    style = STYLES["pop"]
    chords = [*CHORDS[:4], (None, None), *CHORDS[5:]]
    told = Plan(chords, ((4, 4),) * 16, FORM, (0.6,) * 16, 110, style.programs)
    for track in arrange(told, style, 0):
        within = (track.notes[:, ONSET] >= 4 * 1920) & (track.notes[:, ONSET] < 5 * 1920)
        assert within.any() == track.is_drum


def test_metres_may_change_and_roles_be_few():
    metres = ((4, 4), (3, 4), (7, 8), (6, 8)) * 4
    style = STYLES["funk"]
    told = Plan(CHORDS, metres, FORM, RISING, 100, {"bass": 33})
    (bass,) = arrange(told, style, 0)
    assert told.starts[-1] == 4 * sum(sum(beats_of(*metre)) for metre in metres[:4])
    assert set(np.searchsorted(told.starts, bass.notes[:, ONSET], side="right") - 1) >= set(range(1, 16))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"energy": (0.5,) * 3}, "bars"),
        ({"energy": (2.0,) * 16}, "energy is from 0 to 1"),
        ({"roles": {"kazoo": 0}}, "'kazoo' is not a role"),
    ],
)
def test_a_plan_that_cannot_be_played_is_refused(change, complaint):
    fields = {"chords": CHORDS, "metres": ((4, 4),) * 16, "sections": FORM, "energy": RISING, "bpm": 100, "roles": {}}
    with pytest.raises(ValueError, match=complaint):
        Plan(**(fields | change))


def test_styles_name_known_roles_and_programs():
    for style in STYLES.values():
        assert set(style.programs) <= set(ROLES)
        assert all(0 <= program < 128 for program in style.programs.values())
        assert style.bpm[0] < style.bpm[1]
