"""One page per family."""

FAMILIES: dict[str, str] = {
    "score_lm": "menura.models.score_lm:ScoreLM",
}
"""Family, as named in a model's ``config.json`` -> ``"module:Class"``."""
