"""How a result shows itself to a Python programmer: in one line, and in a notebook as player, picture and table."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from PIL import Image

from menura.audio.notebook import picture, player
from menura.tasks.inputs import HasAudio

_MAX_CHARACTERS, _MAX_OF_A_VALUE = 160, 60


class Shown:
    """What results derive from. One that is sound has `audio`; one that can be seen has `image`."""

    def summary(self) -> Mapping[str, Any]:
        """As `Result.summary`."""
        raise NotImplementedError

    def image(self) -> Image.Image | None:
        """A picture of the result."""

    def _player(self) -> str:
        try:
            return player(self.audio) if isinstance(self, HasAudio) else ""
        except ValueError:  # a piece that nothing could play
            return ""

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={_brief(value)}" for name, value in self.summary().items() if not _is_nothing(value))
        line = f"{type(self).__name__}({' '.join(shown.split())})"
        return line if len(line) <= _MAX_CHARACTERS else f"{line[: _MAX_CHARACTERS - 2]}…)"

    def _repr_html_(self) -> str:
        image = self.image()
        parts = [self._player(), picture(image) if image is not None else ""]
        return f"<div>{''.join(f'<div>{part}</div>' for part in (*parts, _html(self.summary())) if part)}</div>"


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str | list | tuple | Mapping) and not value)


def _brief(value: object) -> str:
    """A value on part of a line."""
    if isinstance(value, list | tuple):
        if len(value) > 1 and any(isinstance(part, list | tuple | Mapping) for part in value):
            return f"{len(value)} rows"
        value = value[0] if len(value) == 1 else list(value)
    text = f"{value:g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= _MAX_OF_A_VALUE else f"{text[: _MAX_OF_A_VALUE - 1]}…"


def _html(value: object) -> str:
    """Mappings and rows as tables, everything else as text."""
    if isinstance(value, Mapping):
        rows = (
            f"<tr><th>{escape(str(name).replace('_', ' '))}</th><td>{_html(part)}</td></tr>"
            for name, part in value.items()
            if not _is_nothing(part)
        )
        return f"<table>{''.join(rows)}</table>"
    if isinstance(value, list | tuple) and value and all(isinstance(row, Mapping) for row in value):
        head = "".join(f"<th>{escape(str(name))}</th>" for name in value[0])
        rows = ("".join(f"<td>{_html(part)}</td>" for part in row.values()) for row in value)
        return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    if isinstance(value, list | tuple):
        return escape(", ".join(map(str, value)))
    return escape(f"{value:g}" if isinstance(value, float) else "" if value is None else str(value))
