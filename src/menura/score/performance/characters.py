"""Characters: how freely music of a style is played, as one row of numbers for each style."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Character:
    """How a piece is played.

    Args:
        rubato: how far the tempo bends with phrases; 1 as pianists do in romantic music, 0 not at all.
        ritard: how much it slows into the end; 1 to half the tempo.
        dynamics: how far loudness swells with phrases and sections; 1 is usual.
        accents: how much metre is heard in loudness.
        detached: how far notes stand apart, 0 (bound) to 1.
        pedal: how readily a pianist takes the sustaining pedal, 0 (never) to 1.
        loose: how far players and hands are apart in time; 1 is usual, 0 a machine.
        swing: ratio of a long note to the short one after it; 1 is even.
        swings_sixteenths: rather than eighths.
    """

    rubato: float = 0.4
    ritard: float = 0.8
    dynamics: float = 1.0
    accents: float = 1.0
    detached: float = 0.2
    pedal: float = 0.6
    loose: float = 1.0
    swing: float = 1.0
    swings_sixteenths: float = 0.0


PLAIN = Character()
"""Where no style is named."""
_ROMANTIC = Character(rubato=0.8, ritard=1.0, dynamics=1.2, accents=0.6, detached=0.0, pedal=0.9)
_FREE = replace(_ROMANTIC, rubato=1.0, pedal=1.0)
_SONG = replace(_ROMANTIC, rubato=0.5, accents=0.8, pedal=0.8)
_CLASSICAL = Character(rubato=0.25, ritard=0.6, detached=0.3, pedal=0.3)
_BAROQUE = Character(rubato=0.12, ritard=0.7, dynamics=0.7, accents=0.8, detached=0.6, pedal=0.0)
_VOCAL = Character(rubato=0.25, ritard=0.9, dynamics=0.9, accents=0.5, detached=0.0, pedal=0.3)
_DANCE = Character(rubato=0.12, ritard=0.5, accents=1.4, detached=0.5, pedal=0.3)
_MARCH = Character(rubato=0.0, ritard=0.3, dynamics=0.9, accents=1.5, detached=0.8, pedal=0.0, loose=0.7)
_MACHINE = Character(rubato=0.0, ritard=0.0, dynamics=0.6, accents=1.0, detached=0.3, pedal=0.0, loose=0.0)

CHARACTERS: Mapping[str, Character] = {
    **dict.fromkeys(("bach", "handel", "vivaldi", "telemann", "buxtehude", "baroque", "fugue"), _BAROQUE),
    **dict.fromkeys(("haydn", "mozart", "classical", "quartet", "sonata", "variations", "diabelli"), _CLASSICAL),
    **dict.fromkeys(("giuliani", "sor", "carcassi"), _CLASSICAL),
    "beethoven": replace(_CLASSICAL, rubato=0.35, ritard=0.7, dynamics=1.3, pedal=0.5),
    **dict.fromkeys(("symphony", "concerto"), replace(_CLASSICAL, dynamics=1.2)),
    **dict.fromkeys(("schubert", "mendelssohn"), replace(_ROMANTIC, rubato=0.45, accents=0.8, pedal=0.7)),
    **dict.fromkeys(("schumann", "brahms", "grieg", "romantic", "prelude"), _ROMANTIC),
    **dict.fromkeys(("faure", "debussy", "chaminade", "hensel", "lang"), _ROMANTIC),
    **dict.fromkeys(("chopin", "nocturne"), _FREE),
    "dvorak": replace(_ROMANTIC, rubato=0.4, accents=0.9, pedal=0.6),
    "satie": replace(_ROMANTIC, rubato=0.4, dynamics=0.7),
    **dict.fromkeys(("wolf", "franz", "song"), _SONG),
    "modern": replace(PLAIN, rubato=0.3),
    "study": replace(_CLASSICAL, rubato=0.3, pedal=0.5),
    **dict.fromkeys(("hymn", "chorale", "renaissance"), _VOCAL),
    **dict.fromkeys(("dance", "polonaise"), _DANCE),
    "waltz": replace(_DANCE, rubato=0.35, ritard=0.7, detached=0.2, pedal=0.7),
    "mazurka": replace(_DANCE, rubato=0.6, ritard=0.8, detached=0.2, pedal=0.8),
    "folk": replace(_DANCE, rubato=0.0, accents=1.2, detached=0.2),
    **dict.fromkeys(("march", "sousa"), _MARCH),
    "joplin": replace(_MARCH, accents=1.2, detached=0.4, swing=1.2, swings_sixteenths=1.0),
    "jazz": Character(rubato=0.0, ritard=0.5, accents=0.6, detached=0.2, pedal=0.2, swing=1.3),
    "japanese": Character(rubato=0.5, accents=0.5, detached=0.0, pedal=0.4),
    "game": _MACHINE,
}
"""Style -> how its music is played; the names are those of `menura.text.vocabulary.STYLES`."""


def character_of(styles: Mapping[str, float], *, has_drums: bool = False) -> Character:
    """The character of a mixture: of each number the weighted mean. With a drum kit the tempo does not bend.

    Args:
        styles: weights that sum to 1; empty for any.
        has_drums: whether a kit plays.
    """
    if styles:
        rows = [(CHARACTERS.get(name, PLAIN), weight) for name, weight in styles.items()]
        mixed = {
            field.name: sum(weight * getattr(row, field.name) for row, weight in rows) for field in fields(Character)
        }
        character = Character(**mixed)
    else:
        character = PLAIN
    return replace(character, rubato=0.0, ritard=0.4 * character.ritard) if has_drums else character
