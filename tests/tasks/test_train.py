"""`menura train` ends with a model folder that loads, checks and says where it comes from."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pkgutil import resolve_name
from typing import Annotated

import numpy as np
import pytest
import torch
from pydantic import Field

import menura
from menura.app.cli import FAILED, MISUSED, OK, main
from menura.app.function import task_function
from menura.audio import Audio, write
from menura.checkpoint import load, model_hash
from menura.models import OPTIONS, RECIPES
from menura.progress import Cancelled, Progress
from menura.tasks.models import Models
from menura.tasks.task import Refused, spoken
from menura.tasks.train import Train
from menura.train.options import Options
from menura.train.recipe import Recipe


@pytest.fixture(scope="module")
def music(tunes):
    return tunes(3)


@pytest.fixture(scope="module")
def trained(music, tmp_path_factory):
    """A run of two steps, and what was printed of it."""
    out = tmp_path_factory.mktemp("runs") / "mine"
    request = {"family": "score_lm", "data": music, "out": out, "preset": "tiny", "steps": 2}
    (result,) = Train.build(request).run(Models(), Progress())
    return result


def test_the_model_is_a_folder_with_its_provenance_and_card(trained, music):
    folder = trained.folder
    assert folder.name == "model"
    config = json.loads((folder / "config.json").read_text())
    provenance = config["provenance"]
    assert config["family"] == provenance["recipe"] == "score_lm"
    assert (provenance["preset"], provenance["seed"], provenance["steps"]) == ("tiny", 0, 2)
    assert provenance["data"] == [music.name]
    assert provenance["pieces"] >= 1
    assert provenance["held_out_pieces"] >= 1
    assert provenance["held_out"]["nats_per_step"] > 0
    assert (folder / "README.md").read_text().startswith("# score_lm (tiny)")
    assert {"training", "log.jsonl"} < {path.name for path in folder.parent.iterdir()}
    assert len(list(folder.parent.glob("corpus-*.npz"))) == 1


def test_the_summary_says_steps_minutes_held_out_and_folder(trained):
    summary = trained.summary()
    assert summary["model"] == str(trained.folder)
    assert summary["steps"] == 2
    assert summary["held_out"]["nats_per_step"] > 0
    assert summary["minutes"] >= 0
    assert summary["verdict"]


def test_the_model_is_sound_and_may_be_asked_for_by_its_folder(trained, capsys):
    assert main(["check", str(trained.folder)]) == OK
    assert "family: score_lm" in capsys.readouterr().out


def test_a_run_goes_on_and_its_model_is_replaced(trained, music, capsys):
    out = trained.folder.parent
    words = ["train", "score_lm", str(music), "--out", str(out), "--preset", "tiny", "--steps", "3"]
    assert main(words) == FAILED
    assert "already holds a run; go on with it (--resume)" in capsys.readouterr().err
    assert main([*words, "--resume", "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["results"][0]["steps"] == 3
    assert json.loads((trained.folder / "config.json").read_text())["provenance"]["steps"] == 3
    assert main([*words, "--resume", "--seed", "5"]) == FAILED
    assert "was made with seed 0, not 5" in capsys.readouterr().err


def test_a_run_starts_from_the_weights_of_a_model(trained, music, tmp_path):
    """After one step at a tiny rate the model is still, but for rounding, the one it started from."""
    request = {"family": "score_lm", "data": music, "preset": "tiny", "steps": 1, "learning_rate": 1e-9, "seed": 7}
    (tuned,) = Train.build({**request, "init": str(trained.folder), "out": tmp_path / "run"}).run(Models(), Progress())
    ours, theirs = (load(folder).state_dict() for folder in (tuned.folder, trained.folder))
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-5) for name in theirs)
    provenance = json.loads((tuned.folder / "config.json").read_text())["provenance"]
    assert provenance["init"] == model_hash(trained.folder)


def test_weights_of_another_family_are_no_start(music, tmp_path):
    request = {"family": "score_lm", "data": music, "preset": "tiny", "steps": 1, "init": "codec", "out": tmp_path}
    with pytest.raises(ValueError, match="init: codec is not a score_lm"):
        list(Train.build(request).run(Models(), Progress()))
    with pytest.raises(ValueError, match="init: score_lm is not a score_lm of the size tiny"):
        list(Train.build({**request, "init": "score_lm"}).run(Models(), Progress()))
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_gone_on_with_as_it_was_made_or_not_at_all(music, tmp_path, capsys):
    """Settings that were given are kept in the run, in the model's provenance and on its card."""
    out = tmp_path / "run"
    words = ["train", "score_lm", str(music), "--out", str(out), "--preset", "tiny", "--quiet"]
    made = ["--batch-size", "3", "--learning-rate", "0.002", "--l2", "0.05", "--momentum", "0.8"]
    assert main([*words, "--steps", "1", *made]) == OK
    provenance = json.loads((out / "model" / "config.json").read_text())["provenance"]
    assert (provenance["batch_size"], provenance["peak_learning_rate"]) == (3, 0.002)
    assert (provenance["weight_decay"], provenance["betas"]) == (0.05, [0.8, 0.98])
    assert "batch size 3" in (out / "model" / "README.md").read_text()
    capsys.readouterr()
    for changed, said in (
        (["--batch-size", "4", *made[2:]], "batch size 3, not 4"),
        ([*made[:2], "--learning-rate", "0.004", *made[4:]], "peak learning rate 0.002, not 0.004"),
        ([*made, "--seed", "1"], "seed 0, not 1"),
        ([], "peak learning rate 0.002, not 0.004; batch size 3, not 8; weight decay 0.05, not 0.1"),
    ):
        assert main([*words, "--steps", "2", "--resume", *changed]) == FAILED
        assert f"was made with {said}" in capsys.readouterr().err
    assert main([*words, "--steps", "2", "--resume", *made]) == OK


def test_other_data_are_another_run(tunes, tmp_path, capsys):
    music = tunes(3, tmp_path / "music")
    words = ["train", "score_lm", str(music), "--out", str(tmp_path / "run"), "--preset", "tiny", "--quiet"]
    assert main([*words, "--steps", "1"]) == OK
    (music / "tune-2.mid").unlink()
    assert main([*words, "--steps", "2", "--resume"]) == FAILED
    assert "was made with other data" in capsys.readouterr().err


def test_a_run_that_fails_leaves_nothing_and_what_was_there_stays(music, tmp_path, monkeypatch):
    """Neither in its folder, which may hold things of others, nor the folder itself if it was made for the run."""
    request = {"family": "score_lm", "data": music, "preset": "tiny", "steps": 5, "learning_rate": 1.0}

    def failing(run, rate, spent):  # noqa: ARG001
        raise ValueError("the loss is not a number")

    monkeypatch.setattr("menura.train.loop._Run.step", failing)
    with pytest.raises(ValueError, match="not a number"):
        list(Train.build({**request, "out": tmp_path / "deep" / "run"}).run(Models(), Progress()))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "log.jsonl").write_text("")
    (tmp_path / "sounds-of-mine").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="not a number"):
        list(Train.build({**request, "out": tmp_path, "cache": tmp_path / "cache"}).run(Models(), Progress()))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "log.jsonl", "notes.txt", "sounds-of-mine"]
    assert len(list((tmp_path / "cache").glob("corpus-*.npz"))) == 1


def test_the_wrong_kind_of_data_is_refused_at_once(music, tmp_path, capsys):
    write(Audio(np.full((1, 4000), 0.1, np.float32), 8000), tmp_path / "sound" / "a.wav")
    sound, out = str(tmp_path / "sound"), str(tmp_path / "run")
    for family, data, said in (
        (
            "codec",
            music,
            "holds 3 MIDI files and no sound; did you mean score_lm, or --scores 3, to learn from their sound?",
        ),
        ("soundstream", music, "holds 3 MIDI files and no sound; did you mean score_lm"),
        ("wavenet", music, "holds 3 MIDI files and no sound; did you mean score_lm?"),
        ("score_lm", sound, "holds 1 sounds and no MIDI files; did you mean codec or wavenet?"),
    ):
        assert main(["train", family, str(data), "--out", out, "--preset", "tiny", "--steps", "1"]) == FAILED
        assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["sound"]


def test_a_run_says_what_it_is_and_how_it_went(tmp_path, capsys):
    write(Audio(0.1 * np.random.default_rng(0).standard_normal((1, 40_000)), 8000), tmp_path / "sound" / "a.wav")
    words = ["train", "codec", str(tmp_path / "sound"), "--out", str(tmp_path / "run"), "--preset", "tiny"]
    assert main([*words, "--steps", "3"]) == OK
    out, said = capsys.readouterr()
    assert (
        "training codec (tiny, 0.06 million parameters) on cpu, 3 steps in all: 1 files, 0.07 minutes of music" in said
    )
    assert "to judge by (the last tenth of each sound, for there are few)" in said
    assert "s a step: about 3 steps" in said
    assert "the run is over: its loss went from " in out
    assert "it was judged this once, so there is no trend" in out
    assert main([*words, "--steps", "4", "--resume"]) == OK
    assert "going on from the checkpoint at step 3" in capsys.readouterr().err


LOOP = {spoken(name) for name in Train.model_fields}
OWN = {family: {spoken(name) for name in resolve_name(reference).model_fields} for family, reference in OPTIONS.items()}
FOREIGN = [(family, name) for family, own in OWN.items() for name in sorted(set.union(*OWN.values()) - own)]


def flags_in(text: str) -> set[str]:
    """The fields whose flags a help lists, those of every verb aside."""
    listed = text.partition("Options of every verb:")[0]
    return {flag.replace("-", "_") for flag in re.findall(r"^  --(?:\[no-\])?([a-z][\w-]*)", listed, re.MULTILINE)}


def test_no_family_takes_the_name_of_what_every_run_takes():
    for family, own in OWN.items():
        assert not own & LOOP, family


@pytest.mark.parametrize("words", [["{}", "--help"], ["--help", "{}"], ["{}", "data", "--steps", "3", "-h"]])
@pytest.mark.parametrize("family", OPTIONS)
def test_the_help_of_a_family_lists_what_every_run_takes_and_its_own(family, words, capsys):
    assert main(["train", *(word.format(family) for word in words)]) == OK
    text = capsys.readouterr().out
    assert flags_in(text) == (LOOP | OWN[family]) - {"family", "data"}
    assert (f"\nOptions of {family}:\n" in text) == bool(OWN[family])
    assert "Options of one family" not in text


def test_the_help_of_the_verb_says_how_to_see_a_family_s(capsys):
    assert main(["train", "--help"]) == OK
    text = capsys.readouterr().out
    assert flags_in(text) == LOOP - {"family", "data"}
    assert f"menura train FAMILY --help, of {', '.join(RECIPES)}" in " ".join(text.split())


@pytest.mark.parametrize(("family", "name"), FOREIGN)
def test_options_of_another_family_are_refused_by_its_name(family, name, tmp_path, capsys):
    """Before any work, wherever the flag stands, on the command line as in Python."""
    flag, out = f"--{name.replace('_', '-')}", tmp_path / "run"
    told = rf"{name}: {family} has no such option(; did you mean \w+\?)?"
    for words in ([family, "nowhere", "--out", str(out), flag, "3"], [flag, "3", family, "nowhere", "--out", str(out)]):
        assert main(["train", *words]) == MISUSED
        assert re.fullmatch(f"menura train: {told}\n", capsys.readouterr().err)
    own = next(own for own in inspect.signature(menura.train).parameters if spoken(own) == name)
    with pytest.raises(menura.Refused, match=f"^{told}$"):
        menura.train(family, "nowhere", out=out, **{own: 3})
    assert not out.exists()


@pytest.mark.parametrize("family", OPTIONS)
def test_options_of_no_family_are_refused_by_its_name(family, tmp_path, capsys):
    assert main(["train", family, "nowhere", "--out", str(tmp_path), "--preset-of", "3"]) == MISUSED
    told = f"menura train: {family} has no flag --preset-of; did you mean --preset or --resume?\n"
    assert capsys.readouterr().err == told
    with pytest.raises(TypeError, match=rf"^train\('{family}'\): .* 'preset_of'; did you mean preset\?$"):
        menura.train(family, "nowhere", out=tmp_path, preset_of=3)
    with pytest.raises(Refused, match=f"^preset_of: {family} has no such option; did you mean preset\\?$"):
        Train.build({"family": family, "data": "nowhere", "out": tmp_path, "preset_of": 3})


def test_an_option_without_a_family_says_whose_it_is(tmp_path, capsys):
    for words in (["--scores", "3"], ["tts", "data", "--out", str(tmp_path), "--scores", "3"]):
        assert main(["train", *words]) == MISUSED
        assert "scores: is an option of autoencoder, codec, soundstream alone" in capsys.readouterr().err


class BiasOptions(Options):
    """Of a toy family."""

    global_bias_: Annotated[float, Field(ge=0, le=1, description="added to all")] = 0.5


class Biased(Recipe[torch.Tensor]):
    """A recipe with one option of its own."""

    family, presets, about = "biased", ("only",), "Adds."
    said = ()

    def __init__(self, data, cache, preset, seed, progress, **options):  # noqa: ARG002
        Biased.said = (*Biased.said, BiasOptions(**options).global_bias_)
        raise ValueError("nothing to learn")

    def batch(self, step, device):
        raise NotImplementedError

    validation_batch = batch

    def provenance(self):
        return {}


def test_a_family_s_own_option_is_declared_beside_its_recipe_alone(tmp_path, monkeypatch, capsys):
    """Two lines in the tables, and it is in the help, checked, in the signature and given to the recipe."""
    monkeypatch.setitem(RECIPES, "biased", f"{__name__}:Biased")
    monkeypatch.setitem(OPTIONS, "biased", f"{__name__}:BiasOptions")
    monkeypatch.setattr(Biased, "said", ())
    words = ["train", "biased", str(tmp_path), "--out", str(tmp_path / "run")]
    assert main([*words, "--help"]) == OK
    assert "Options of biased:\n  --global-bias X" in (text := capsys.readouterr().out)
    assert "added to all (0–1; default 0.5)" in " ".join(text.split())
    assert main([*words, "--global-bias", "3"]) == MISUSED
    assert "global_bias: 3 is not in 0–1" in capsys.readouterr().err
    assert main([*words, "--global-bias", "0.25"]) == FAILED
    assert main(words) == FAILED
    train = task_function(Train)
    assert inspect.signature(train).parameters["global_bias_"].default == 0.5
    assert "    global_bias_: biased alone: added to all (0–1)." in (train.__doc__ or "")
    with pytest.raises(menura.Refused, match="nothing to learn"):
        train("biased", tmp_path, out=tmp_path / "run", global_bias_=1)
    assert Biased.said == (0.25, 0.5, 1)
    assert main(["train", "codec", *words[2:], "--global-bias", "1"]) == MISUSED
    assert "global_bias: codec has no such option" in capsys.readouterr().err


def test_stopping_leaves_a_checkpoint_and_no_model(music, tmp_path):
    class Impatient(Progress):
        def show(self, done: int, total: int, what: str) -> None:  # noqa: ARG002
            if what == "training":
                self.cancel()

    request = {"family": "score_lm", "data": music, "out": tmp_path / "run", "preset": "tiny", "steps": 50}
    with pytest.raises(Cancelled):
        list(Train.build(request).run(Models(), Impatient()))
    assert (tmp_path / "run" / "training" / "step-1.safetensors").exists()
    assert not (tmp_path / "run" / "model").exists()


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (
            ["tts", "{music}", "--out", "x"],
            FAILED,
            "family: 'tts' is not one that can be trained: aligner, autoencoder, codec",
        ),
        (["score_lm", "{music}"], MISUSED, "out: is needed"),
        (
            ["score_lm", "nowhere", "--out", "x"],
            FAILED,
            "nowhere is not a folder; give one that holds sound or MIDI files",
        ),
        (["score_lm", "{music}", "--out", "x", "--preset", "vast"], FAILED, "preset: 'vast' is not one of nano, tiny"),
        (["score_lm", "{music}", "--out", "x", "--minutes", "0"], MISUSED, "minutes: 0 is not above 0"),
        (["score_lm", "{music}", "--out", "x", "--steps", "many"], MISUSED, "steps: many is not a whole number"),
    ],
)
def test_what_cannot_be_met_is_told_in_one_line(music, tmp_path, monkeypatch, capsys, words, code, complaint):
    monkeypatch.chdir(tmp_path)
    assert main(["train", *(word.format(music=music) for word in words)]) == code
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_its_help_needs_no_torch():
    calls = "; ".join(f"main(['train', {word}'--help'])" for word in ("", *(f"{family!r}, " for family in OPTIONS)))
    script = f"import sys; from menura.app.cli import main; {calls}; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "--minutes" in done.stdout
