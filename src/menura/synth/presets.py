"""Presets: parameters with a name. Those that come with the package were found from labelled recordings.

`presets.json` is written by ``benchmarks/sound_fitting.py --presets``; each says whose recording it was found from.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from menura.synth.catalogue import GENERATORS
from menura.synth.generator import Value


@dataclass(frozen=True)
class Preset:
    """Parameters of a generator.

    Attributes:
        name: letters and hyphens.
        generator: the name of the kind of sound.
        values: of its parameters, those that are not as usual at least.
        source, author, licence: of the recording that they were found from.
        distance: of the sound that they make from that recording, dB (`menura.synth.likeness`).
    """

    name: str
    generator: str
    values: Mapping[str, Value]
    source: str
    author: str
    licence: str
    distance: float


@cache
def presets() -> Mapping[str, Preset]:
    """All of them, by name."""
    rows = json.loads(files("menura.synth").joinpath("presets.json").read_text(encoding="utf-8"))
    return {row["name"]: Preset(**row) for row in rows}


def preset(name: str) -> Preset:
    """One of them.

    Raises:
        ValueError: there is none of that name; one line, with the nearest that there is.
    """
    if name not in presets():
        close = difflib.get_close_matches(name, presets(), n=1, cutoff=0.5)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ValueError(f"there is no preset {name[:40]!r}; {hint}`menura sounds --presets` lists them")
    return presets()[name]


def presets_of(generator: str) -> tuple[Mapping[str, Value], ...]:
    """The parameters of every preset of a kind of sound, in full."""
    return tuple(GENERATORS[generator].settled(one.values) for one in presets().values() if one.generator == generator)
