"""How the note model in ``pretrained/score_lm`` was made: its data, its labels, its training, to the last number.

    menura train score_lm DATA --out runs/score_lm --compile

DATA is any folder of MIDI: ``manifest.jsonl`` files beside zips of MIDI, or loose ``.mid`` files in sub-folders. Labels
come from composer, period, genre and set; everything else (key, density, loudness, register, chromaticism) is measured
from the notes of every crop. Numbers of the shipped run stand in the card beside the weights.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from menura.data.contents import scores_in
from menura.data.crops import NO_AUGMENTATION, Augmentation, Crops, as_crop
from menura.data.midi_folder import ScoreFile
from menura.data.scores import TRAIN, Corpus, build_corpus
from menura.models.score_lm.model import Batch, ScoreLM, ScoreLMConfig, ScoreLMObjective, nano, tiny
from menura.progress import Progress
from menura.score.steps.context import Context
from menura.score.steps.steering import usual_density
from menura.score.steps.tokens import BAR, MAX_SLOTS, POSITION_FIELD
from menura.train import machine
from menura.train.recipe import Recipe, Settings, preset_of

# A publisher's "classical" covers everything from Sanz to Holst: these are of other periods.
_NOT_CLASSICAL = (
    r"j\. ?s\. bach|johann sebastian bach|kuhnau|sanz|weelkes|schubert|schumann|chopin|mendelssohn|brahms|grieg|franck|"
    r"reger|minkus|coste|mertz|cavallini|rieding|tarrega|tcha?[iï]k|satie|holst|sousa|scriabin|станчинский|heise"
)
_NOT_ROMANTIC = r"haydn|mozart|beethoven|satie|debussy|ravel|scriabin|holst"

# Searched in what a manifest says of a piece: composer, title, work, genre, instruments, the name of its set, its path.
STYLE_PATTERNS: dict[str, str] = {
    "bach": r"\bj(ohann)?\.? ?s(ebastian)?\.? bach\b|bachjs",
    "handel": r"h[äa]e?ndel",
    "vivaldi": r"vivaldi",
    "telemann": r"telemann",
    "buxtehude": r"buxtehude",
    "haydn": r"haydn",
    "mozart": r"mozart",
    "beethoven": r"beethoven",
    "schubert": r"schubert",
    "schumann": r"schumann",
    "mendelssohn": r"felix mendelssohn|mendelssohn,_felix|mendelssohn[- ]bartholdy",
    "chopin": r"chopin",
    "brahms": r"brahms",
    "wolf": r"hugo wolf",
    "faure": r"faur[ée]",
    "debussy": r"debussy",
    "satie": r"satie",
    "grieg": r"grieg",
    "dvorak": r"dvo[rř][aá]k",
    "joplin": r"joplin|ragtime|\brag\b",
    "sousa": r"sousa",
    "giuliani": r"giuliani",
    "sor": r"\bsor\b|\bsorf\b",
    "carcassi": r"carcassi",
    "diabelli": r"diabelli",
    "franz": r"robert franz\b",
    "lang": r"josephine lang",
    "hensel": r"hensel",
    "chaminade": r"chaminade",
    "renaissance": r"renaissance|\bmonte\b|titelouze|dowland|byrd|gibbons|palestrina|lasso",
    "baroque": r"baroque|\bbach\b|bachjs|h[äa]e?ndel|vivaldi|telemann|buxtehude|purcell|corelli|gimo",
    "classical": rf"haydn|mozart|clementi|diabelli|giuliani|\bsor\b|^(?!.*({_NOT_CLASSICAL})).*style:classical\b(?!/)",
    "romantic": rf"romantic|chopin|schubert|schumann|brahms|mendelssohn|grieg|dvo[rř]|^(?!.*({_NOT_ROMANTIC})).*lieder",
    "modern": r"modern(?! ballads)|avant-garde|satie|debussy|bart[óo]k|ravel|scriabin",
    "song": r"lieder|song\b|\bsongs\b|m[ée]lodie",
    "quartet": r"quartet",
    "game": r"freedoom|\bgames?\b",
    "folk": r"\bfolk|traditional|\bjig\b|\breel\b|hornpipe|polska|swenska|obata|horetzky",
    "hymn": r"hymn|(?<!style:)gospel|psalm|lutkin",
    "jazz": r"jazz|joplin|ragtime|blues|swing",
    "march": r"\bm[aä]r(?:ch|che|sche?|ches)\b|sousa",
    "japanese": r"obata|\bkoto\b|shamisen|sakura|japan",
    "study": r"technique|\bstud(y|ies)\b|\b[ée]tude|exercise|[üu]bung|kopprasch|czerny|arban",
    "fugue": r"\bfug(ue|a|e|hetta)\b|contrapunctus",
    "chorale": r"choral(?! songs)",
    "waltz": r"waltz|walzer|valse",
    "mazurka": r"mazurka",
    "nocturne": r"nocturne",
    "prelude": r"pr[ée]lude|pr[äae]+ludium",
    "polonaise": r"polonaise",
    "sonata": r"sonat",
    "dance": r"m[ei]nuet|gavotte|gigue|sarabande|allemande|courante|bourr[ée]e|polka|tango|galop|l[äa]ndler|"
    r"(?<!style:)dan[cs]",
    "variations": r"variation|variazion",
    "symphony": r"symphon|sinfoni(?!a \d)",  # Bach's numbered ones are for the keyboard
    "concerto": r"\bconcert[oi]",
    "pop": r"\bpop\b|easy listening",
    "rock": r"\brock\b",
    "punk": r"\bpunk\b",
    "funk": r"\bfunk\b|afrobeat|neworleans",
    "soul": r"\bsoul\b|motown|rhythm & blues|style:gospel",
    "hiphop": r"hip-?hop",
    "disco": r"style:dance",
    "reggae": r"reggae",
    "latin": r"\blatin\b|afrocuban|bossa|samba|rumba|salsa",
    "blues": r"\bblues\b",
    "country": r"\bcountry\b",
}
STYLES = tuple(STYLE_PATTERNS)
_MAX_COLLECTIONS = 1000
_COMPILED = [re.compile(pattern, re.IGNORECASE) for pattern in STYLE_PATTERNS.values()]
_SAYS = ("composer", "composer_id", "title", "work", "genre", "collection", "instrumentation", "source_path")


@dataclass(frozen=True)
class _Preset:
    config: Callable[[tuple[str, ...]], ScoreLMConfig]
    settings: Settings


PRESETS: dict[str, _Preset] = {
    "nano": _Preset(nano, Settings(minutes=81, peak_learning_rate=1e-3, batch_size=4, validation_batches=48)),
    "tiny": _Preset(
        tiny, Settings(minutes=1, peak_learning_rate=4e-3, batch_size=8, warmup_steps=10, validation_batches=2)
    ),
}


def styles_of(file: ScoreFile) -> list[int]:
    """Indices of the styles a file's manifest row (or, without one, its path) speaks of."""
    said = " | ".join(str(file.row.get(field) or "") for field in _SAYS) + f" | style:{file.row.get('style') or ''}"
    return [index for index, pattern in enumerate(_COMPILED) if pattern.search(said)]


def corpus_of(data: Path, cache: Path, progress: Progress) -> Corpus:
    """The corpus of a folder, read once and kept in the folder `cache` under what it is made of.

    Raises:
        ValueError: the folder holds too little, or something else.
    """
    files = scores_in(data, progress.say)
    listed = [(file.name, file.split(), file.fingerprint(), styles_of(file), dict(file.row)) for file in files]
    made_of = json.dumps([version("menura"), STYLES, listed], default=str)
    path = cache / f"corpus-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.npz"
    if path.exists():
        progress.say(f"taking the music from {path}")
        return Corpus.load(path)
    corpus = build_corpus(files, styles_of, len(STYLES), progress)
    corpus.save(path)
    return corpus


class ScoreLMRecipe(Recipe[Batch]):
    """Cross-entropy of the next note; crops of 512 steps, a fifth of them leading into bars given beforehand."""

    family = "score_lm"
    presets = tuple(PRESETS)
    about = (
        "Writes music as notes: any mixture of the styles it knows, for any General MIDI instruments, in the key, "
        "metre, tempo and length asked for. `menura compose --model FOLDER` uses it."
    )

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress) -> None:
        size = preset_of(PRESETS, preset)
        self.preset, self.seed, self.settings = preset, seed, size.settings
        corpus = corpus_of(data, cache, progress)
        config = replace(size.config(STYLES), density=_density_of(corpus))
        self.data_sha256 = corpus.sha256()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = ScoreLM(config)
        self.objective = ScoreLMObjective(self.model)
        self.training = Crops(corpus, "train", config.max_steps, seed, Augmentation())
        self.validation = Crops(corpus, "valid", config.max_steps, 1, NO_AUGMENTATION)

    def start_from(self, source: ScoreLM) -> None:
        """Styles that the model does not know yet begin as they would in a new one."""
        model = cast(ScoreLM, self.model)
        ours = model.config
        if replace(source.config, styles=ours.styles, density=ours.density) != ours:
            raise ValueError("its config is another")
        styles, known = model.style.data.clone(), source.config.styles
        for index, style in enumerate(ours.styles):
            if style in known:
                styles[index] = source.style.data[known.index(style)]
        model.load_state_dict({**source.state_dict(), "style": styles})

    def batch(self, step: int, device: str) -> Batch:
        return Batch.stack(self.training.batch(step, self.settings.batch_size), device)

    def validation_batch(self, index: int, device: str) -> Batch:
        return Batch.stack(self.validation.batch(index, self.settings.batch_size), device)

    def amount(self) -> str:
        corpus, learnt, judged = self.training.corpus, self.training.pieces, self.validation.pieces
        within = " (the end of the same work)" if set(corpus.names[judged]) & set(corpus.names[learnt]) else ""
        minutes = sum(corpus.minutes(int(piece)) for piece in learnt)
        music = f"{len(learnt)} pieces, {minutes:,.0f} minutes, {self._num_notes():,} notes"
        return f"{music} to learn from; {len(judged)} to judge by{within}"

    def _num_notes(self) -> int:
        corpus = self.training.corpus
        rows = np.repeat(np.isin(np.arange(len(corpus.names)), self.training.pieces), np.diff(corpus.starts))
        return int((corpus.steps[rows, POSITION_FIELD] != BAR).sum())

    def provenance(self) -> dict[str, Any]:
        corpus = self.training.corpus
        notes = int(np.diff(corpus.starts)[self.training.pieces].sum())
        return {
            "data": sorted({str(name).split("/")[0] for name in corpus.names})[:_MAX_COLLECTIONS],
            "pieces": len(self.training.pieces),
            "held_out_pieces": len(self.validation.pieces),
            "steps_of_music": notes,
        }


def _density_of(corpus: Corpus) -> tuple[float, float]:
    """Of the pieces that are learnt from."""
    pieces = np.flatnonzero(corpus.split == TRAIN)
    rows = [corpus.steps[corpus.piece_rows(int(piece)), POSITION_FIELD] for piece in pieces]
    notes = np.array([(positions != BAR).sum() for positions in rows])
    quarters = np.array([corpus.minutes(int(piece)) * corpus.bpm[piece] for piece in pieces])
    return usual_density(notes, quarters, (corpus.programs[pieces] >= 0).sum(1))


def seconds_a_step() -> float:
    """How long a step of the shipped note model takes on this machine: measured on one note, again and again."""
    size, length = PRESETS["nano"].settings.batch_size, nano(STYLES).max_steps
    none = np.zeros(MAX_SLOTS, dtype=np.int64)
    crop = {
        "steps": np.zeros((length + 1, 5), dtype=np.int64),
        "bars": np.tile((4, 4, 1, 1, 0, 0, 0, 0), (length + 1, 1)),
        "weight": np.ones(length, dtype=np.float32),
        "has_velocity": np.array(True),
        "programs": np.array([0, *[-1] * (MAX_SLOTS - 1)]),
        "copies": none,
        "styles": np.zeros(len(STYLES), dtype=np.float32),
        "mode": np.array(1),
        "tempo": np.array(1),
        "shares": np.zeros(4, dtype=np.int64),
        "roles": none,
        "activity": none,
        **as_crop(Context.empty(length + 1), np.zeros(length + 1, dtype=np.int64), 0),
    }
    return machine.seconds_a_step(ScoreLMObjective(ScoreLM(nano(STYLES)).train()), Batch.stack([crop] * size))
