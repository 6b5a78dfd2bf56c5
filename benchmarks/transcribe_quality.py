"""Whether Menura hears what faster-whisper hears, with the same weights and settings, and how much of it is right.

    pip install faster-whisper
    python benchmarks/transcribe_quality.py WEIGHTS DATA/speech-en-lj DATA/speech-digits … --clips 20

WEIGHTS is a folder of CTranslate2's form, which both read; of each folder of recordings with transcripts so many are
drawn by the seed. A clip is a window: it is padded to 30 s, decoded once at temperature 0, and with times. The table
has, for each set, in how many clips Menura and faster-whisper write the same to the letter, beside how many those are
for faster-whisper's own int8 and float32; and word error rates, numbers in words and American spelling on both sides.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from measures.speech import error_rate, word_errors, word_row
from menura.data.contents import sounds_in
from menura.models.whisper.checkpoints import read_checkpoint
from menura.models.whisper.decoding import DecodingOptions
from menura.models.whisper.model import CHUNK_S

RATE_HZ = 16_000
Heard = Callable[[np.ndarray, str], str]


def menura(weights: str, beam_size: int) -> Heard:
    model = read_checkpoint(weights)

    def heard(samples: np.ndarray, language: str) -> str:
        features = model.encode(model.log_mel(samples)[None])
        return model.decode(features, DecodingOptions(language=language, beam_size=beam_size))[0].text

    return heard


def faster_whisper(weights: str, beam_size: int, compute_type: str) -> Heard:
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

    model = WhisperModel(weights, device="cpu", compute_type=compute_type, cpu_threads=torch.get_num_threads())

    def heard(samples: np.ndarray, language: str) -> str:
        words = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, "transcribe", language)
        whole = np.pad(samples, (0, CHUNK_S * RATE_HZ - len(samples)))  # as OpenAI does; itself it pads log-mels with 0
        features = model.feature_extractor(whole)[:, : 100 * CHUNK_S]
        found = model.model.generate(
            model.encode(features),
            [words.sot_sequence],
            beam_size=beam_size,
            max_length=448,
            max_initial_timestamp_index=50,
        )
        return words.decode(found[0].sequences_ids[0]).strip()

    return heard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--clips", type=int, default=20, help="of each folder")
    parser.add_argument("--beam-size", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    engines = {
        "menura": menura(given.weights, given.beam_size),
        "int8": faster_whisper(given.weights, given.beam_size, "int8"),
        "float32": faster_whisper(given.weights, given.beam_size, "float32"),
    }
    rows = {}
    for folder in given.folders:
        sounds = [one for one in sounds_in(folder, lambda _: None) if one.row.get("text")]
        order = np.random.default_rng(given.seed).permutation(len(sounds))
        rows[folder.name] = measured(engines, [sounds[place] for place in order], given.clips)
    print("| set | clips | same as float32 | same as int8 | int8 as float32 | WER | WER int8 | WER float32 |")
    print("|---|---|---|---|---|---|---|---|")
    for name, row in {**rows, "all": joined(rows)}.items():
        rates = (100 * error_rate(row["errors"][engine], row["words"])[0] for engine in engines)
        same = " | ".join(f"{row['same'][pair]}" for pair in ("menura float32", "menura int8", "int8 float32"))
        print(f"| {name} | {len(row['words'])} | {same} | {' | '.join(f'{rate:.1f}' for rate in rates)} |")
    if given.json:
        print(json.dumps(rows))


def measured(engines: dict[str, Heard], sounds: list, clips: int) -> dict:
    row: dict = {"words": [], "errors": {name: [] for name in engines}}
    row["same"] = {f"{one} {other}": 0 for one in engines for other in engines if one != other}
    for sound in sounds:
        if len(row["words"]) == clips:
            break
        samples = sound.read(RATE_HZ, mono=True).samples[0].astype(np.float32)
        language = str(sound.row.get("language") or "en")
        wanted = word_row(str(sound.row["text"]), {"en": "en-us"}.get(language, language))
        if len(samples) > CHUNK_S * RATE_HZ or not wanted:
            continue
        texts = {name: heard(samples, language) for name, heard in engines.items()}
        for name, text in texts.items():
            heard_words = word_row(text, {"en": "en-us"}.get(language, language))
            row["errors"][name].append(word_errors(wanted, heard_words))
        row["words"].append(len(wanted))
        for pair in row["same"]:
            one, other = pair.split()
            row["same"][pair] += texts[one] == texts[other]
        if len(set(texts.values())) > 1:
            print(f"{sound.name}: {json.dumps(texts, ensure_ascii=False)}", file=sys.stderr, flush=True)
    return row


def joined(rows: dict[str, dict]) -> dict:
    words = [count for row in rows.values() for count in row["words"]]
    first = next(iter(rows.values()))
    errors = {name: [count for row in rows.values() for count in row["errors"][name]] for name in first["errors"]}
    return {
        "words": words,
        "errors": errors,
        "same": {pair: sum(row["same"][pair] for row in rows.values()) for pair in first["same"]},
    }


if __name__ == "__main__":
    main()
