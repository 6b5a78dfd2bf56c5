"""What a user can ask for. One literal table, so that a list of the verbs needs no import of what they need."""

TASKS: dict[str, tuple[str, str]] = {
    "compose": ("menura.tasks.compose:Compose", "Compose a piece of music from a sentence, as notes and as sound."),
    "speak": ("menura.tasks.speak:Speak", "Speak a text: as sound, with the times of its words."),
    "song": ("menura.tasks.song:Song", "Make a song of words: melody, voice and band."),
    "sing": ("menura.tasks.sing:Sing", "Sing lyrics to a tune, with the times of the words."),
    "voices": ("menura.tasks.voices:Voices", "List the voices that speak knows."),
    "design": (
        "menura.tasks.design:Design",
        "Design a voice in words: a mixture of the voices that there are, in a body of another size.",
    ),
    "convert": (
        "menura.tasks.convert:Convert",
        "Say a recording again in another voice: the same words, timing and intonation.",
    ),
    "clone": (
        "menura.tasks.clone:Clone",
        "Learn a voice from recordings of somebody who agreed, as a file for speak and sing.",
    ),
    "sound": ("menura.tasks.scene:Sound", "Make the sounds that words name, by rules: no model is needed."),
    "sounds": (
        "menura.tasks.listing:Sounds",
        "List the sounds that sound knows, what of each can be set, and the presets that there are.",
    ),
    "render": ("menura.tasks.render:Render", "Play a MIDI file, as sound and as a piano roll."),
    "doctor": (
        "menura.tasks.doctor:Doctor",
        "Look over a folder of sound or MIDI files before training on it: what is there, and what to mend first.",
    ),
    "prepare": (
        "menura.tasks.prepare:Prepare",
        "Put a folder of sound into shards to train on: audited, resampled, and encoded if wanted.",
    ),
    "train": ("menura.tasks.train:Train", "Train a model on your own files."),
    "encode": ("menura.tasks.encode:Encode", "Turn sound into a few codes with a neural codec."),
    "decode": ("menura.tasks.decode:Decode", "Turn a neural codec's codes back into sound."),
    "sample": (
        "menura.tasks.sample:Sample",
        "Draw sound from a WaveNet, sample by sample; or, from an autoencoder, what lies between two sounds.",
    ),
    "vocode": (
        "menura.tasks.vocode:Vocode",
        "Make speech again from its mel spectrum, with a WaveNet trained for that or a vocoder told F0 as well.",
    ),
    "transcribe": (
        "menura.tasks.transcribe:Transcribe",
        "Write down what is said in a recording, with the times of its words.",
    ),
    "caption": (
        "menura.tasks.caption:Caption",
        "Write captions of a video or a recording beside it, where players look for them.",
    ),
    "describe": ("menura.tasks.describe:Describe", "Say what a sound is most like: tags with scores, and one line."),
    "similar": (
        "menura.tasks.similar:FindSimilar",
        "Find sounds of a folder by another sound, by words, or those that are nearly the same.",
    ),
    "align": ("menura.tasks.align:Align", "Find when each word and phoneme of a text is said in a recording."),
    "edit_speech": (
        "menura.tasks.edit_speech:EditSpeech",
        "Say other words in a recording, in its voice, and leave the rest as it is.",
    ),
    "info": ("menura.tasks.info:InfoTask", "Say what a .mnr file holds, and whether it is whole."),
    "evaluate": (
        "menura.tasks.evaluate:Evaluate",
        "Measure how near sound, or a text, comes to a reference: one file to another, or folders of them.",
    ),
    "replay": ("menura.tasks.replay:Replay", "Make a result again from its sidecar, the same to the last sample."),
    "styles": ("menura.tasks.listing:Styles", "List the styles that compose knows."),
    "instruments": ("menura.tasks.listing:Instruments", "List the instruments that compose knows."),
    "fetch": (
        "menura.tasks.fetch:Fetch",
        "Bring a public model here, such as Whisper's, or list those that there are.",
    ),
    "check": (
        "menura.tasks.check:Check",
        "Check that a model is whole and answers as it did when it was saved.",
    ),
}
"""Verb -> (``"module:Class"``, its summary: the first line of the class's docstring)."""
