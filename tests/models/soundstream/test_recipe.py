"""SoundStream has the codec's data and loss, and the field's discriminators; `test_codec` trains it."""

import torch

from menura.models.soundstream.recipe import SoundStreamRecipe
from menura.nn.coding import CodingObjective


def test_the_paper_s_size_has_judges_on_spectra_and_periods():
    preset = SoundStreamRecipe.sizes["paper"]
    with torch.device("meta"):
        discriminators = preset.discriminators()
        objective = CodingObjective(preset.make(), discriminators, 0.5)
    assert objective.networks.keys() == {"model", "discriminators", "balancer"}
    assert len(discriminators.kinds) == 2
