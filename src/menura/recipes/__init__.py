"""How each family's shipped model was made: one page per family."""

RECIPES: dict[str, str] = {
    "score_lm": "menura.recipes.score_lm:ScoreLMRecipe",
}
"""Family -> ``"module:Class"`` of its recipe."""
