"""Charts of plain numbers: horizontal bars, one group under another."""

from __future__ import annotations

from collections.abc import Mapping

from PIL import Image, ImageDraw, ImageFont

_PAPER, _INK, _BAR = "#ffffff", "#333940", "#2f6fa8"
_WIDTH, _LABELS, _MARGIN, _ROW = 900, 260, 16, 20
_FONT_SIZE = 13
_LONGEST = 34


def bar_charts(groups: Mapping[str, Mapping[str, float]]) -> Image.Image:
    """Bars for every group, each scaled to the group's largest.

    Args:
        groups: title -> label -> value, 0 or more; groups without values are left out.
    """
    shown = {title: values for title, values in groups.items() if values}
    rows = sum(len(values) + 2 for values in shown.values())
    image = Image.new("RGB", (_WIDTH, 2 * _MARGIN + max(rows, 1) * _ROW), _PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(_FONT_SIZE)
    y = _MARGIN
    for title, values in shown.items():
        draw.text((_MARGIN, y), title, _INK, font)
        y += _ROW
        largest = max(values.values()) or 1.0
        for label, value in values.items():
            draw.text((_LABELS - 8, y + 2), _short(label), _INK, font, anchor="ra")
            length = round((_WIDTH - _LABELS - 80) * value / largest)
            draw.rectangle((_LABELS, y + 3, _LABELS + length, y + _ROW - 5), _BAR)
            draw.text((_LABELS + length + 6, y + 2), f"{value:.3g}" if value < 1000 else f"{value:.0f}", _INK, font)
            y += _ROW
        y += _ROW
    return image


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
