"""Which models keep which contracts is known from their configs, and is true of the models themselves."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from menura.models import FAMILIES
from menura.models.aligner import model as aligner
from menura.models.autoencoder import model as autoencoder
from menura.models.codec import model as codec
from menura.models.contract import CONTRACTS, contracts_of
from menura.models.embedder import model as embedder
from menura.models.score_lm.model import ScoreLM
from menura.models.score_lm.model import tiny as tiny_score_lm
from menura.models.soundstream import model as soundstream
from menura.models.speaker import model as speaker
from menura.models.synthesizer import model as synthesizer
from menura.models.vocoder import model as vocoder
from menura.models.voicebox import model as voicebox
from menura.models.wavenet import model as wavenet
from menura.tasks import TASKS
from menura.tasks.models import PRETRAINED, Models
from menura.tasks.task import Refused, Task, contract_of, spoken

MODELS: dict[str, Any] = {
    "aligner": lambda: aligner.Aligner(aligner.tiny()),
    "autoencoder": lambda: autoencoder.Autoencoder(autoencoder.tiny()),
    "codec": lambda: codec.Codec(codec.tiny()),
    "soundstream": lambda: soundstream.SoundStream(soundstream.tiny()),
    "embedder": lambda: embedder.Embedder(embedder.tiny()),
    "score_lm": lambda: ScoreLM(tiny_score_lm(("bach",))),
    "speaker": lambda: speaker.SpeakerEncoder(speaker.tiny()),
    "synthesizer": lambda: synthesizer.Synthesizer(synthesizer.tiny(synthesizer.Taught(("a",), ("heart",)))),
    "vocoder": lambda: vocoder.Vocoder(vocoder.tiny()),
    "voicebox": lambda: voicebox.Voicebox(voicebox.tiny(("a",))),
    "wavenet": lambda: wavenet.WaveNet(wavenet.tiny()),
    "wavenet, told mel frames": lambda: wavenet.WaveNet(wavenet.tiny(features=80, hop_samples=100, upsample_factor=4)),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_what_its_contracts_promise(name):
    model = MODELS[name]()
    kept = contracts_of(name.partition(",")[0], asdict(model.config))
    assert kept
    assert all(isinstance(model, CONTRACTS[contract].protocol) for contract in kept)


def test_contracts_name_families_that_there_are():
    assert {family for contract in CONTRACTS.values() for family in contract.families} <= FAMILIES.keys()
    assert contracts_of("nothing", {}) == []


NAMED = [
    (task, spoken(name), contract)
    for task in (resolve_name(reference) for reference, _ in TASKS.values())
    for name, field in task.model_fields.items()
    if (contract := contract_of(field)) is not None
]
REQUIRED = {
    "file": "x.wav",
    "prompt": "rain",
    "text": "Hi",
    "said": "Ho",
    "lyrics": "la",
    "tune": "C4",
    "model": "codec",
    "words": "a man",
    "consent": "I am Ada and I agree.",
    "data": "sounds",
    "folder": "sounds",
    "like": "rain",
    "out": "shards",
}


@pytest.mark.parametrize(("task", "field", "contract"), NAMED, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("model", ["codec", "score_lm", "wavenet-digits", "wavenet-voice"])
def test_every_task_refuses_every_model_that_does_not_fit_before_any_work(
    task: type[Task], field: str, contract: str, model: str, speech_models: Path
):
    models = Models(shelves=(PRETRAINED, speech_models))
    also = (*task.positional, "lyrics", "tune", "said", "consent")
    needed = (name for name, one in task.model_fields.items() if one.is_required() or name in also)
    given = {name: REQUIRED[name] for name in needed if name in REQUIRED} | {field: model}
    request = task.build(given)
    if model in models.fitting(contract):
        request.check_models(models)
        return
    with pytest.raises(Refused, match=rf"^{field}: {model} is not {CONTRACTS[contract].words}; those that are: \w"):
        request.check_models(models)
    assert not models.num_loaded


def test_tasks_that_use_models_name_contracts():
    """A field called model without a contract is found out when its model is used, and not before."""
    without = {"check", "train", "fetch"}
    for name, (reference, _) in TASKS.items():
        task = resolve_name(reference)
        if "model" in task.model_fields and name not in without:
            assert contract_of(task.model_fields["model"]), name
