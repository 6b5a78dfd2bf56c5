"""The card of a model that was just trained: README.md of its folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from menura.train.loop import Trained
from menura.train.recipe import Recipe

_SAID_ALREADY = ("family", "preset", "seed")


def card(recipe: Recipe[Any], trained: Trained, provenance: Mapping[str, Any]) -> str:
    """Markdown: what the model does, from what it learned, how well, and what nobody has looked at."""
    parameters = sum(parameter.numel() for parameter in recipe.model.parameters())
    made_by = f"seed {recipe.seed}, menura {provenance.get('menura', '?')}"
    data = ", ".join(map(str, provenance.get("data", ()))) or "not said"
    said = recipe.identity().items()
    settings = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in said if name not in _SAID_ALREADY)
    rows = "\n".join(f"| {name.replace('_', ' ')} | {value:.3f} |" for name, value in trained.held_out.items())
    return f"""# {recipe.family} ({recipe.preset})

{recipe.about}

- Size: {parameters / 1e6:.2f} million parameters, stored in half precision.
- Data: {data}; {recipe.amount()}.
  Their licences and authors are those of these collections: see there before passing the weights on.
- Training: {trained.steps} steps, {trained.minutes:g} minutes, {made_by}.
- Settings: {settings}.
- The held-out loss at the end: {trained.verdict}.

| held out | |
|---|---|
{rows}

`menura check FOLDER` replays the probe saved with the weights.

## Limits

It knows what it was given: what is unlike that is beyond it. Nobody has listened to this model on your behalf.
"""
