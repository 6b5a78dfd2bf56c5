"""Does a piece keep what its prompt asked? Bars, metre, tempo and instruments, and the key to another's ear.

    python benchmarks/score_prompts.py --count 100 --seed 0

Each prompt (`prompts.py`) goes through `menura.compose` and nothing else; the MIDI file is written, and read again by
music21 (the `eval` extra), which shares no code with Menura. Keys are found by music21's Krumhansl–Schmuckler, whose
answer is the headline, and by its default, Aarden–Essen; Menura's own finder (Albrecht & Shanahan) stands beside them.
A tempo is kept where the first is the asked one, and so is the mean up to the last two bars, within 1 %: pieces are
played, and slow into their ends.
MIREX's weighted score gives half a point for a key a fifth off, 0.3 for the relative and 0.2 for the parallel one.
A few prompts are asked again, with more candidates and from their sidecars: one seed is one piece, to the last sample.
For comparison: Text2midi (Bhandari et al., AAAI 2025) has the asked key in 33.6 % of its pieces.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import menura
from menura.app.terminal import TerminalProgress
from menura.data.midi_folder import find_scores
from menura.score import midi
from menura.score.analysis import find_key, measure, pitch_class_histogram
from menura.score.notes import TICKS_PER_QUARTER
from prompts import DRUMS, Ask, draw_prompts

TEXT2MIDI_KEY = 0.336
GOAL_KEY = 0.9
HEADLINE = "Krumhansl–Schmuckler"
OWN = "Menura's own"
_RITARD_BARS, _SAME_BPM, _SAME_MEAN = 2, 0.01, 0.01
_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True)
class Heard:
    """What a MIDI file holds, by music21.

    Attributes:
        metres: every time signature.
        bpm: every tempo, quarter notes a minute.
        bpm_at: where each begins, in quarters.
        end: quarters until the last note ends.
        programs: program of each track with notes, ascending; 128 on the drum channel.
        keys: name of a key finder -> tonic and mode; empty where only drums play.
    """

    metres: tuple[tuple[int, int], ...]
    bpm: tuple[float, ...]
    bpm_at: tuple[float, ...]
    end: float
    programs: tuple[int, ...]
    keys: dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Outcome:
    """One prompt, and which of its wishes were met; `keys` are MIREX scores, 1 = exactly as asked."""

    prompt: str
    bars: bool
    metre: bool
    tempo: bool
    instruments: bool
    keys: dict[str, float]
    found: dict[str, str]
    asked_key: str
    seconds: float


@dataclass(frozen=True)
class Repeated:
    """Whether a piece is the same to the last sample: asked again, as the first of three candidates, replayed from its
    sidecar; and whether the candidates differ from each other."""

    prompt: str
    again: bool
    among_three: bool
    replayed: bool
    candidates_differ: bool


def hear(path: Path) -> Heard:
    """Read a MIDI file with music21 alone."""
    from music21.midi import ChannelVoiceMessages, MetaEvents, MidiFile

    file = MidiFile()
    file.open(str(path))
    file.read()
    file.close()
    division = file.ticksPerQuarterNote
    metres: list[tuple[int, int]] = []
    tempos: list[tuple[float, float]] = []
    programs: list[int] = []
    notes: list[tuple[int, float]] = []
    end = 0.0
    for track in file.tracks:
        part = _Part()
        tick = 0
        events: list[Any] = track.events
        for event in events:
            if event.isDeltaTime():
                tick += event.time
            elif event.type == MetaEvents.TIME_SIGNATURE:
                metres.append((event.data[0], 2 ** event.data[1]))
            elif event.type == MetaEvents.SET_TEMPO:
                tempos.append((tick / division, 60e6 / int.from_bytes(event.data, "big")))
            elif event.type == ChannelVoiceMessages.PROGRAM_CHANGE:
                part.program = event.data
            else:
                part.take(event, tick)
        if part.notes:
            programs.append(DRUMS if part.channel == 10 else part.program)
            end = max(end, *(stop / division for _, _, stop in part.notes))
            notes += [(pitch, (stop - start) / division) for pitch, start, stop in part.notes if part.channel != 10]
    bpm_at, bpm = zip(*tempos, strict=True) if tempos else ((), ())
    return Heard(tuple(metres), bpm, bpm_at, end, tuple(sorted(programs)), find_keys(notes) if notes else {})


class _Part:
    """The notes of one track as its events go by."""

    def __init__(self) -> None:
        self.program, self.channel = 0, 0
        self.notes: list[tuple[int, int, int]] = []
        self._sounding: dict[int, int] = {}

    def take(self, event: Any, tick: int) -> None:
        if event.isNoteOn() and event.velocity:
            self.channel = event.channel
            self._sounding[event.pitch] = tick
        elif (event.isNoteOff() or event.isNoteOn()) and event.pitch in self._sounding:
            self.notes.append((event.pitch, self._sounding.pop(event.pitch), tick))


def find_keys(notes: Sequence[tuple[int, float]]) -> dict[str, tuple[int, str]]:
    """Tonic and mode of notes, given as pitch and length in quarters, by each key finder."""
    from music21 import note, stream

    written = stream.Stream()
    for pitch, length in notes:
        written.append(note.Note(pitch, quarterLength=max(length, 1 / 24)))
    keys = {}
    for name, method in ((HEADLINE, "key.krumhansl"), ("Aarden–Essen", "key.aarden")):
        found: Any = written.analyze(method)
        keys[name] = (found.tonic.pitchClass, found.mode)
    pitches, lengths = (np.array(column) for column in zip(*notes, strict=True))
    own = find_key(pitch_class_histogram(pitches, lengths))
    return {**keys, OWN: (own.tonic, own.mode)}


def mirex_score(asked: tuple[int, str], found: tuple[int, str]) -> float:
    """How near a key is: 1 the same, 0.5 a fifth off in the same mode, 0.3 the relative, 0.2 the parallel one."""
    (tonic, mode), (other, other_mode) = asked, found
    distance = (other - tonic) % 12
    if mode == other_mode:
        return {0: 1.0, 5: 0.5, 7: 0.5}.get(distance, 0.0)
    relative = 9 if mode == "major" else 3
    return {relative: 0.3, 0: 0.2}.get(distance, 0.0)


def keeps_tempo(heard: Heard, bpm: float, until: float) -> bool:
    """Whether the first tempo is the one asked for, and so is the mean of the quarters up to `until`, within 1 %."""
    if not heard.bpm or heard.bpm_at[0] > 0 or abs(heard.bpm[0] - bpm) >= _SAME_BPM:
        return False
    edges = np.clip([*heard.bpm_at, until], 0, until)
    minutes = float((np.diff(edges) / heard.bpm).sum())
    return abs(until / minutes / bpm - 1) < _SAME_MEAN


def judge(ask: Ask, heard: Heard, seconds: float) -> Outcome:
    """Compare what was asked with what is heard."""
    quarters = 4 * ask.metre[0] / ask.metre[1]
    asked = (ask.tonic, ask.mode)
    return Outcome(
        prompt=ask.text,
        # The last note ends within the last bar asked for, and not before it.
        bars=math.ceil(heard.end / quarters - 1e-6) == ask.bars,
        metre=heard.metres == (ask.metre,),
        tempo=keeps_tempo(heard, ask.bpm, max(ask.bars - _RITARD_BARS, 1) * quarters),
        instruments=heard.programs == ask.programs,
        keys={name: mirex_score(asked, key) for name, key in heard.keys.items()},
        found={name: _named(key) for name, key in heard.keys.items()},
        asked_key=_named(asked),
        seconds=round(seconds, 2),
    )


def compose_all(
    asks: Sequence[Ask], seed: int, model: str, soundfont: Path | None, rate: int = 8000
) -> Iterator[Outcome]:
    """Compose every prompt and judge it."""
    models = menura.Models()
    with tempfile.TemporaryDirectory() as folder:
        for index, ask in enumerate(asks):
            path = Path(folder) / f"{index}.mid"
            started = time.perf_counter()
            # Sound is made too, as for anyone; at a low rate it costs little.
            piece = menura.compose(
                ask.text, seed=seed + index, model=model, models=models, rate=rate, soundfont=soundfont
            )
            seconds = time.perf_counter() - started
            midi.write(piece.score, path)
            yield judge(ask, hear(path), seconds)


def repeated(asks: Sequence[Ask], seed: int, model: str, soundfont: Path | None) -> list[Repeated]:
    """Ask for each piece four times: twice alike, among three candidates, and from its sidecar."""
    models = menura.Models()
    found = []
    for ask in asks:
        told = {"seed": seed, "model": model, "models": models, "rate": 8000, "soundfont": soundfont}
        first, second = (menura.compose(ask.text, n=1, **told) for _ in range(2))
        candidates = menura.compose(ask.text, n=3, **told)
        with tempfile.TemporaryDirectory() as folder:
            menura.compose(ask.text, n=1, output=Path(folder) / "piece", **told)
            again = menura.replay(Path(folder) / "piece.json", models=models)
        same = (other.audio == first.audio for other in (second, candidates[0], again))
        distinct = len({midi.to_bytes(piece.score) for piece in candidates}) == len(candidates)
        found.append(Repeated(ask.text, *same, candidates_differ=distinct))
    return found


def real_agreement(data: Path, count: int, seed: int) -> dict[str, float]:
    """How often each key finder names the key that Menura measures, on real held-out pieces drawn by seed."""
    held_out = [file for file in find_scores(data, TerminalProgress().say) if file.split() != "train"]
    agreed: dict[str, list[bool]] = {}
    for file in random.Random(seed).sample(held_out, min(count, len(held_out))):
        try:
            score = midi.read(file.read())
            own = measure(score).key
        except ValueError:
            continue
        pitched = [track.notes for track in score.tracks if not track.is_drum and len(track.notes)]
        notes = [(int(pitch), length / TICKS_PER_QUARTER) for part in pitched for _, length, pitch, _ in part]
        for name, key in (find_keys(notes) if notes else {}).items():
            agreed.setdefault(name, []).append(key == (own.tonic, own.mode))
    return {name: float(np.mean(same)) for name, same in agreed.items() if name != OWN}


def summary(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Shares of prompts whose wish was met, and the keys' exact share and MIREX score by finder."""
    shares = {
        name: float(np.mean([getattr(o, name) for o in outcomes])) for name in ("bars", "metre", "tempo", "instruments")
    }
    for name in outcomes[0].keys:
        scores = [outcome.keys.get(name, 0.0) for outcome in outcomes]
        shares[f"key, {name}"] = float(np.mean([score == 1 for score in scores]))
        shares[f"key, {name}, MIREX score"] = float(np.mean(scores))
    return shares


def _named(key: tuple[int, str]) -> str:
    return f"{_TONICS[key[0]]} {key[1]}"


def _report(outcomes: Sequence[Outcome], repeats: Sequence[Repeated], real: dict[str, float]) -> None:
    shares = summary(outcomes)
    print(
        f"{len(outcomes)} prompts, {sum(o.seconds for o in outcomes) / len(outcomes):.1f} s each to compose and render"
    )
    for name, share in shares.items():
        goal = f"  (goal {GOAL_KEY:.0%}; Text2midi {TEXT2MIDI_KEY:.1%})" if name == f"key, {HEADLINE}" else ""
        goal = "  (goal 100 %)" if "key" not in name else goal
        print(f"  {name:40s}{share:7.1%}{goal}")
    if repeats:
        kept = {
            name: sum(getattr(one, name) for one in repeats) for name in Repeated.__annotations__ if name != "prompt"
        }
        told = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in kept.items())
        print(f"  the same to the last sample, of {len(repeats)} pieces: {told}")
    for name, share in real.items():
        print(f"  on real held-out pieces {name} agrees with Menura's measure: {share:.1%}")
    for outcome in outcomes:
        missed = [name for name in ("bars", "metre", "tempo", "instruments") if not getattr(outcome, name)]
        if outcome.keys.get(HEADLINE) != 1:
            missed.append(f"key: asked {outcome.asked_key}, heard {outcome.found.get(HEADLINE, 'none')}")
        if missed:
            print(f"  missed {'; '.join(missed)}: {outcome.prompt}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Compose prompts drawn by seed and check every wish.")
    parser.add_argument("--model", default="score_lm", help="name or folder of a score_lm model")
    parser.add_argument("--count", type=int, default=100, help="prompts")
    parser.add_argument("--seed", type=int, default=0, help="of prompts and pieces")
    parser.add_argument(
        "--bars", type=int, nargs=2, default=(8, 48), metavar=("LOW", "HIGH"), help="lengths to ask for"
    )
    parser.add_argument("--repeats", type=int, default=3, help="prompts to ask again, with --n 3, and to replay")
    parser.add_argument("--data", type=Path, help="a folder of MIDI: also judge the key finders on its held-out pieces")
    parser.add_argument("--pieces", type=int, default=60, help="of those")
    parser.add_argument("--soundfont", type=Path, help="the SoundFont that plays; default: as found")
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    args = parser.parse_args(arguments)
    asks = draw_prompts(args.count, args.seed, tuple(args.bars))
    outcomes = list(compose_all(asks, args.seed, args.model, args.soundfont))
    repeats = repeated(asks[: args.repeats], args.seed, args.model, args.soundfont)
    real = real_agreement(args.data, args.pieces, args.seed) if args.data else {}
    if args.json:
        every = {"prompts": [asdict(one) for one in outcomes], "repeats": [asdict(one) for one in repeats]}
        print(json.dumps({**summary(outcomes), "real": real, **every}))
    else:
        _report(outcomes, repeats, real)


if __name__ == "__main__":
    main()
