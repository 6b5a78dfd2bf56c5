"""All kinds of sound that are known how to make, by name."""

from __future__ import annotations

from menura.synth import arcade, blasts, creatures, engines, fire, footsteps, impacts, screen, signals, water, weather
from menura.synth.generator import Generator

_PAGES = (weather, water, fire, impacts, footsteps, blasts, arcade, signals, engines, creatures, screen)

GENERATORS: dict[str, Generator] = {one.name: one for page in _PAGES for one in page.GENERATORS}
"""Name -> how it is made."""
