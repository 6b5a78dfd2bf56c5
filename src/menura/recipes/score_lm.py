"""How the note model in ``pretrained/score_lm`` was made: its data, its labels, its training, to the last number.

    menura train score_lm DATA --out runs/score_lm --minutes 110

DATA is any folder of MIDI: ``manifest.jsonl`` files beside zips of MIDI, or loose ``.mid`` files in sub-folders. Labels
come from composer, period, genre and set; everything else (key, density, loudness, register, chromaticism) is measured
from the notes of every crop. Numbers of the shipped run stand in the card beside the weights.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from menura.data.crops import NO_AUGMENTATION, Augmentation, Crops
from menura.data.scores import Corpus, ScoreFile, build_corpus, find_scores
from menura.models.score_lm import Batch, ScoreLM, ScoreLMConfig, ScoreLMObjective, nano, tiny
from menura.train.loop import Recipe

# Searched in what a manifest says of a piece: composer, title, style, genre, instruments and the name of its set.
STYLE_PATTERNS: dict[str, str] = {
    "bach": r"\bj(ohann)?\.? ?s(ebastian)?\.? bach|bachjs",
    "handel": r"h[äa]e?ndel",
    "vivaldi": r"vivaldi",
    "telemann": r"telemann",
    "buxtehude": r"buxtehude",
    "haydn": r"haydn",
    "mozart": r"mozart",
    "beethoven": r"beethoven",
    "schubert": r"schubert",
    "schumann": r"schumann",
    "mendelssohn": r"mendelssohn",
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
    "renaissance": r"renaissance|monte\b|titelouze|dowland|byrd|gibbons|palestrina|lasso",
    "baroque": r"baroque|bach|h[äa]e?ndel|vivaldi|telemann|buxtehude|purcell|corelli|gimo",
    "classical": r"style:classical\b(?!/)|haydn|mozart|clementi|diabelli|giuliani|sor\b",
    "romantic": r"romantic|lieder|chopin|schubert|schumann|brahms|mendelssohn|grieg|dvo[rř]",
    "modern": r"modern|avant-garde|satie|debussy|bart[óo]k|ravel|scriabin",
    "song": r"lieder|song\b|\bsongs\b|m[ée]lodie",
    "quartet": r"quartet",
    "game": r"freedoom|game",
    "folk": r"folk|traditional|jig\b|reel\b|hornpipe|polska|swenska|nagai|horetzky",
    "hymn": r"hymn|gospel|psalm|lutkin",
    "jazz": r"jazz|joplin|ragtime|blues|swing",
    "march": r"march|marche|marsch|sousa",
    "japanese": r"nagai|koto|shamisen|sakura|japan",
    "study": r"technique|stud(y|ies)|[ée]tude|exercise|[üu]bung|kopprasch|czerny|arban",
    "fugue": r"\bfug(ue|a|e|hetta)\b|contrapunctus",
    "chorale": r"choral",
    "waltz": r"waltz|walzer|valse",
    "mazurka": r"mazurka",
    "nocturne": r"nocturne",
    "prelude": r"pr[ée]lude|pr[äae]+ludium",
    "polonaise": r"polonaise",
    "sonata": r"sonat",
    "dance": r"menuet|minuet|gavotte|gigue|sarabande|allemande|courante|bourr[ée]e|polka|tango|galop|l[äa]ndler|dance",
    "variations": r"variation|variazion",
    "symphony": r"symphon|sinfoni",
    "concerto": r"concert",
}
STYLES = tuple(STYLE_PATTERNS)
_COMPILED = [re.compile(pattern, re.IGNORECASE) for pattern in STYLE_PATTERNS.values()]
_SAYS = ("composer", "composer_id", "title", "work", "genre", "collection", "instrumentation", "source_path")

PRESETS: dict[str, Callable[[tuple[str, ...]], ScoreLMConfig]] = {"nano": nano, "tiny": tiny}


def styles_of(file: ScoreFile) -> list[int]:
    """Indices of the styles a file's manifest row (or, without one, its folder) speaks of."""
    said = " | ".join(str(file.row.get(field, "")) for field in _SAYS) + f" | style:{file.row.get('style', '')}"
    return [index for index, pattern in enumerate(_COMPILED) if pattern.search(said)]


def corpus_of(data: Path, cache: Path, report: Callable[[int, int, str], None]) -> Corpus:
    """The corpus of a folder, read once and kept at `cache`."""
    if cache.exists():
        return Corpus.load(cache)
    files = list(find_scores(data))
    corpus = build_corpus(files, styles_of, len(STYLES), report)
    corpus.save(cache)
    return corpus


class ScoreLMRecipe(Recipe):
    """Cross-entropy, AdamW, one cosine-free slope down to zero in the last third."""

    peak_learning_rate = 1.2e-3
    weight_decay = 0.1
    batch_size = 10
    validation_batches = 24

    def __init__(self, data: Path, out: Path, preset: str, seed: int, report: Callable[[int, int, str], None]) -> None:
        config = PRESETS[preset](STYLES)
        corpus = corpus_of(data, out / "corpus.npz", report)
        length = config.max_steps
        self.model = ScoreLM(config)
        self.objective = ScoreLMObjective(self.model)
        self.training = Crops(corpus, "train", length, self.batch_size, seed, Augmentation())
        self.validation = Crops(corpus, "valid", length, self.batch_size, 1, NO_AUGMENTATION)

    def batch(self, step: int, device: str) -> Batch:
        return Batch.stack(self.training.batch(step), device)

    def validation_batch(self, index: int, device: str) -> Batch:
        return Batch.stack(self.validation.batch(index), device)

    def provenance(self) -> dict[str, object]:
        collections: Sequence[str] = sorted({str(name).split("/")[0] for name in self.training.corpus.names})
        return {"data": list(collections), "pieces": len(self.training.pieces)}
