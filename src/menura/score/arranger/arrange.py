"""A plan and a style, played by a band."""

from __future__ import annotations

from menura.score.arranger.bass import Bassist
from menura.score.arranger.comping import Comper
from menura.score.arranger.drums import Drummer
from menura.score.arranger.plan import Plan, bars_of, tidy
from menura.score.arranger.style import ROLES, Style
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import Track


def arrange(plan: Plan, style: Style, seed: int) -> tuple[Track, ...]:
    """What the band plays, on the straight grid; `menura.score.arranger.humanise` gives it swing and hands.

    Args:
        plan: chords, metres, sections and energy of every bar, and who plays.
        style: one of `menura.score.arranger.styles.STYLES`; its patterns are cut or extended for other metres.
        seed: the same plan, style and seed give the same notes.

    Returns:
        A track for each role of the plan, in the order of `ROLES`; drums of a style that has none stay silent.
    """
    bars, scale, end = bars_of(plan), plan.scale, int(plan.starts[-1])
    tracks = []
    for role in ROLES:
        if role not in plan.roles:
            continue
        program = plan.roles[role]
        if role == "drums":
            rows = Drummer(style, seed).play(bars)
        elif role == "bass":
            rows = Bassist(style, program, scale, seed).play(bars)
        else:
            rows = Comper(style, role, program, scale, plan.ceiling, seed).play(bars)
        name = "drums" if role == "drums" else INSTRUMENTS[program].name
        tracks.append(Track(name, program, role == "drums", tidy(rows, end)))
    return tuple(tracks)
