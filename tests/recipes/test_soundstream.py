"""SoundStream has the codec's data and loss, and the field's judges; `test_codec` trains it."""

import torch

from menura.nn.coding import CodingObjective
from menura.recipes.soundstream import SoundStreamRecipe


def test_the_paper_s_size_has_judges_on_spectra_and_periods():
    preset = SoundStreamRecipe.sizes["paper"]
    with torch.device("meta"):
        judges = preset.judges()
        objective = CodingObjective(preset.make(), judges, 0.5)
    assert objective.players.keys() == {"model", "judges", "balancer"}
    assert len(judges.kinds) == 2
