"""The mel frames that a synthesizer predicts for a corpus of speech: who learns from them mends their faults.

Durations, F0 and energy are the corpus's own, so that a predicted frame belongs to the sound at its place, as Tacotron
2's vocoder was trained (Shen et al., Natural TTS synthesis by conditioning WaveNet on mel spectrogram predictions,
2018).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from jaxtyping import Float

from menura import checkpoint
from menura.data.speech import NUM_MELS, SpeechCorpus
from menura.files import writing
from menura.progress import Progress
from menura.train.aligning import with_durations


def predicted_mels(
    corpus: SpeechCorpus, cache: Path, progress: Progress, synthesizer: Path
) -> Float[np.ndarray, "frame mel"]:
    """What a synthesizer makes of all utterances; the true frames where it knows no durations or not the speaker.

    Args:
        corpus: of speech.
        cache: folder in which it is kept.
        progress: is told how far it is.
        synthesizer: folder of the model.

    Returns:
        float16 log-mels, in the order of `corpus.mels`.

    Raises:
        ValueError: there is no such model.
    """
    made_of = json.dumps([corpus.sounds.sha256, checkpoint.model_hash(synthesizer)])
    path = cache / f"predicted-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.f16"
    if not path.exists():
        timed, model = with_durations(corpus, cache, progress), checkpoint.load(synthesizer)
        with writing(path) as part, part.open("wb") as file:
            for index, said in enumerate(timed.utterances):
                progress.update(index, len(timed.utterances), "predicting frames")
                mel, frames = corpus.mel(index), None
                if said.durations is not None and set(said.speaker) <= set(model.config.speakers):
                    frames = model.synthesize(
                        said.symbols,
                        model.speaker(said.speaker),
                        said.language,
                        durations=said.durations,
                        f0=corpus.f0(index),
                        energy=mel.mean(-1),
                    ).mel
                file.write((mel if frames is None else frames).astype("<f2").tobytes())
    return np.memmap(path, dtype="<f2", mode="r").reshape(-1, NUM_MELS)
