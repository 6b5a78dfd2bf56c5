"""One page per family."""

FAMILIES: dict[str, str] = {
    "codec": "menura.models.codec:Codec",
    "score_lm": "menura.models.score_lm:ScoreLM",
    "soundstream": "menura.models.soundstream:SoundStream",
    "wavenet": "menura.models.wavenet:WaveNet",
}
"""Family, as named in a model's ``config.json`` -> ``"module:Class"``."""
