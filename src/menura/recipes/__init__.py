"""How each family's shipped model was made: one page per family."""

RECIPES: dict[str, str] = {
    "codec": "menura.recipes.codec:CodecRecipe",
    "score_lm": "menura.recipes.score_lm:ScoreLMRecipe",
    "soundstream": "menura.recipes.soundstream:SoundStreamRecipe",
    "wavenet": "menura.recipes.wavenet:WaveNetRecipe",
}
"""Family -> ``"module:Class"`` of its recipe."""
