"""The styles, by name."""

from menura.score.arranger.style import Style
from menura.score.arranger.styles import dances, electronic, jazz, latin, rock, soul

STYLES: dict[str, Style] = {
    style.name: style
    for group in (rock.ALL, soul.ALL, electronic.ALL, jazz.ALL, latin.ALL, dances.ALL)
    for style in group
}
