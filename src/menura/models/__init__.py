"""A folder per family: the page (`model`), how the shipped weights were made (`recipe`), and what a run may be told."""

FAMILIES: dict[str, str] = {
    "aligner": "menura.models.aligner.model:Aligner",
    "autoencoder": "menura.models.autoencoder.model:Autoencoder",
    "codec": "menura.models.codec.model:Codec",
    "embedder": "menura.models.embedder.model:Embedder",
    "latent_diffusion": "menura.models.latent_diffusion.model:LatentDiffusion",
    "score_lm": "menura.models.score_lm.model:ScoreLM",
    "soundstream": "menura.models.soundstream.model:SoundStream",
    "speaker": "menura.models.speaker.model:SpeakerEncoder",
    "synthesizer": "menura.models.synthesizer.model:Synthesizer",
    "vocoder": "menura.models.vocoder.model:Vocoder",
    "voice_activity": "menura.models.voice_activity.model:VoiceActivity",
    "voicebox": "menura.models.voicebox.model:Voicebox",
    "wavenet": "menura.models.wavenet.model:WaveNet",
    "whisper": "menura.models.whisper.model:Whisper",
}
"""Family, as named in a model's ``config.json`` -> ``"module:Class"``."""

RECIPES: dict[str, str] = {
    "aligner": "menura.models.aligner.recipe:AlignerRecipe",
    "autoencoder": "menura.models.autoencoder.recipe:AutoencoderRecipe",
    "codec": "menura.models.codec.recipe:CodecRecipe",
    "embedder": "menura.models.embedder.recipe:EmbedderRecipe",
    "latent_diffusion": "menura.models.latent_diffusion.recipe:LatentDiffusionRecipe",
    "score_lm": "menura.models.score_lm.recipe:ScoreLMRecipe",
    "soundstream": "menura.models.soundstream.recipe:SoundStreamRecipe",
    "speaker": "menura.models.speaker.recipe:SpeakerRecipe",
    "synthesizer": "menura.models.synthesizer.recipe:SynthesizerRecipe",
    "vocoder": "menura.models.vocoder.recipe:VocoderRecipe",
    "voice_activity": "menura.models.voice_activity.recipe:VoiceActivityRecipe",
    "voicebox": "menura.models.voicebox.recipe:VoiceboxRecipe",
    "wavenet": "menura.models.wavenet.recipe:WaveNetRecipe",
    "whisper": "menura.models.whisper.recipe:WhisperRecipe",
}
"""Family -> ``"module:Class"`` of its recipe."""

OPTIONS: dict[str, str] = {
    "aligner": "menura.train.options:Options",
    "autoencoder": "menura.train.options:CodingOptions",
    "codec": "menura.train.options:CodingOptions",
    "embedder": "menura.models.embedder.options:EmbedderOptions",
    "latent_diffusion": "menura.models.latent_diffusion.options:LatentDiffusionOptions",
    "score_lm": "menura.train.options:Options",
    "soundstream": "menura.train.options:CodingOptions",
    "speaker": "menura.train.options:Options",
    "synthesizer": "menura.train.options:Options",
    "vocoder": "menura.models.vocoder.options:VocoderOptions",
    "voice_activity": "menura.train.options:Options",
    "voicebox": "menura.train.options:Options",
    "wavenet": "menura.models.wavenet.options:WaveNetOptions",
    "whisper": "menura.train.options:Options",
}
"""Family -> ``"module:Class"`` of what it alone may be told, which needs no torch."""
