"""Sounds as a page shows them: words as layers, each with what can be set of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Query

from menura.app.server.errors import Refusal, documented
from menura.app.server.views import SoundLayerList
from menura.synth.generator import Choice, Parameter
from menura.tasks.layers import Planned, place_of
from menura.tasks.scene import Sound
from menura.tasks.task import pairs


def add_sounds(app: FastAPI) -> None:
    """The address of layers."""

    @app.get("/v1/audio/layers", response_model=SoundLayerList, responses=documented(), tags=["sound"])
    def layers(prompt: Annotated[str, Query(max_length=2000)], set: Annotated[str, Query(max_length=4000)] = "") -> Any:
        """The layers that words name, and what `set` of the task `sound` can say of each: `rain.drop_rate=80`.

        Words that name no sound have no layers; what is set of others is passed over.
        """
        try:
            named = Sound.build({"prompt": prompt}).planned()
        except ValueError:
            return {"object": "list", "data": []}
        known = {name for layer in named for one in _knobs(layer) for name in (one["name"], _full(layer, one["name"]))}
        try:
            asked = pairs(set)
            kept = {name: value for name, value in asked.items() if name in known} if isinstance(asked, dict) else {}
            planned = Sound.build({"prompt": prompt, "set": kept}).planned()
        except ValueError as error:
            raise Refusal(400, str(error), param="set") from None
        return {"object": "list", "data": list(map(_described, planned))}


def _full(layer: Planned, name: str) -> str:
    return f"{layer.generator.name}.{name}"


def _described(layer: Planned) -> Mapping[str, Any]:
    kind = layer.generator
    return {"words": layer.words, "sound": kind.name, "about": kind.summary, "knobs": list(_knobs(layer))}


def _knobs(layer: Planned) -> Iterator[Mapping[str, Any]]:
    kind = layer.generator
    values = {"gain_db": layer.gain_db, "distance_m": layer.distance_m, **layer.values}
    for one in (*place_of(kind), *kind.parameters):
        knob = {"name": one.name, "about": one.about, "value": values[one.name]}
        if isinstance(one, Choice):
            yield {**knob, "values": list(one.values)}
        elif isinstance(one, Parameter):
            yield {**knob, "unit": one.unit, "low": one.low, "high": one.high}
