"""Clone: a voice from recordings of somebody who agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any, ClassVar

from pydantic import Field

from menura import files
from menura.data.sound_folder import Sound, find_sounds
from menura.data.speech import RATE_HZ
from menura.files import slug, suffixed
from menura.models.contract import Aligner, needs
from menura.models.synthesizer.example import Example
from menura.progress import Progress, warn
from menura.tasks import voice_files
from menura.tasks.consent import MOST_CHARACTERS as MOST_CONSENT
from menura.tasks.consent import Consent, given
from menura.tasks.fields import OnDevice, Seed
from menura.tasks.inputs import LexiconInput, ModelName, SoundInput, TextInput
from menura.tasks.limits import MOST_CHARACTERS
from menura.tasks.models import Models
from menura.tasks.recordings import MOST_S, Recording, aligned, pieces, read, symbols_of
from menura.tasks.shown import Shown
from menura.tasks.speakers import APART, apart
from menura.tasks.task import Category, Task
from menura.tasks.voice_files import VoiceFile
from menura.text.speech.normalise import Language

_ADAPT = "menura.models.synthesizer.adapting:adapt"
_LEAST_S, _FEW_S, _GOOD_S = 3.0, 20.0, 60.0
_MOST_NAMED = 3
_TEXT_IS_NEEDED = (
    "what is said in it must be known, word for word: give it with --transcript, or as a text file of its name beside "
    "it (anna.txt beside anna.wav); there is no recogniser yet that would hear it"
)


@dataclass(frozen=True, eq=False, repr=False)
class Cloned(Shown):
    """A voice that was learnt.

    Attributes:
        voice: for its file.
        seconds: of speech that it was learnt from.
        start: the voice that it was begun with.
        before, after: mean difference of log-mels on what was learnt from, with that voice and with this.
    """

    voice: VoiceFile
    seconds: float
    start: str
    before: float
    after: float
    name: str = ""

    def summary(self) -> Mapping[str, Any]:
        return {
            "voice": self.voice.name,
            "language": self.voice.language,
            "speaker": self.voice.consent.speaker if self.voice.consent else "",
            "seconds": round(self.seconds, 1),
            "begun_with": self.start,
            "mel_before": round(self.before, 3),
            "mel": round(self.after, 3),
        }

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the voice's file."""
        path = suffixed(stem, ".voice")
        files.write_bytes(path, voice_files.to_bytes(self.voice), overwrite)
        return [path]


class Clone(OnDevice, Task):
    """Learn a voice from recordings of somebody who agreed, as a file for speak and sing.

    A minute of clear speech is good; what is said must be known, word for word. The statement of who speaks is kept in
    the file. The voice fits the synthesizer that it was learnt for, and no other.
    """

    name: ClassVar[str] = "clone"
    category: ClassVar[Category] = "Voice"
    positional: ClassVar[tuple[str, ...]] = ("file",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("transcript", "text", "consent", "called", "language", "lexicon"),
        "How": ("steps", "seed", "model", "aligner", "device"),
        "Files": ("output",),
    }

    file: Annotated[SoundInput, Field(description="the recording, or a folder of them")]
    consent: Annotated[
        str,
        Field(
            max_length=MOST_CONSENT,
            description='who speaks and that they agree: "I am Anna Weber and I agree that my voice is cloned"',
        ),
    ] = ""
    text: Annotated[str, Field(max_length=MOST_CHARACTERS, description="what is said in the recording")] = ""
    transcript: Annotated[TextInput | None, Field(description="a .txt file with what is said, instead")] = None
    called: Annotated[
        str | None,
        Field(pattern=r"^[\w-]{1,40}$", description="name of the voice (default: the output's, or the speaker's)"),
    ] = None
    language: Annotated[Language, Field(description="of what is said")] = "en-us"
    lexicon: Annotated[LexiconInput | None, Field(description="a file of words with their pronunciations in IPA")] = (
        None
    )
    steps: Annotated[int, Field(ge=1, le=5000, description="of learning")] = 300
    seed: Annotated[Seed | None, Field(description="the same seed gives the same voice")] = None
    model: Annotated[
        ModelName, Field(description="name or folder of a synthesizer", json_schema_extra=needs("Synthesizer"))
    ] = "synthesizer"
    aligner: Annotated[
        ModelName, Field(description="name or folder of an aligner", json_schema_extra=needs("Aligner"))
    ] = "aligner"
    output: Annotated[Path | None, Field(description="the voice's file to write, as anna.voice")] = None

    def suffixes(self) -> tuple[str, ...]:
        return (".voice",)

    def check(self) -> None:
        try:
            given(self.consent)
        except ValueError as error:
            raise ValueError(f"consent: {error}") from None
        if self.text and self.transcript:
            raise ValueError("transcript: there is a text too; leave one of them out")

    def run(self, models: Models, progress: Progress) -> Iterator[Cloned]:
        consent = given(self.consent)
        aligner: Aligner = models.get(self.aligner)
        lexicon = self.lexicon.read() if self.lexicon else None
        examples: list[Example] = []
        recordings = list(self._recordings(progress))
        whole: list[Recording] = []
        for number, (recording, text) in enumerate(recordings):
            progress.update(number, len(recordings), "aligning")
            try:
                found = aligned(recording, symbols_of(text, self.language, lexicon), aligner)
            except ValueError as error:
                if len(recordings) == 1:
                    raise
                warn(f"left aside: {error}")
                continue
            examples += pieces(found)
            whole.append(recording)
        seconds = sum(one.num_samples for one in whole) / RATE_HZ
        self._check(seconds, whole)
        model = models.get(self.model)
        if self.language not in model.languages:
            known = ", ".join(model.languages)
            raise ValueError(f"language: the model does not speak {self.language}; it speaks {known}")
        learnt = resolve_name(_ADAPT)(model, examples, self.language, progress, self.steps, self.seed or 0)
        voice = VoiceFile(
            name=self.called or self._name(consent),
            language=self.language,
            synthesizer=models.weights_hash(self.model),
            point=learnt.point,
            changes=learnt.changes,
            consent=consent,
            about=f"cloned from {seconds:.0f} s of speech of {consent.speaker}",
            provenance={
                "recordings": [one.name for one in whole],
                "seconds": round(seconds, 1),
                "begun_with": learnt.start,
                "steps": self.steps,
                "seed": self.seed or 0,
                "differences": {name: round(value, 4) for name, value in learnt.after.items()},
            },
        )
        yield Cloned(voice, seconds, learnt.start, learnt.before["mel"], learnt.after["mel"])

    def _name(self, consent: Consent) -> str:
        stem = self.output.name.removesuffix(".voice") if self.output else ""
        return slug(stem, 40) or slug(consent.speaker, 40) or "voice"

    def _recordings(self, progress: Progress) -> Iterator[tuple[Recording, str]]:
        """Recordings, measured, with what is said in them."""
        path = self.file.path
        if path is None or not path.is_dir():
            yield read(self.file), self._text()
            return
        if self.text or self.transcript:
            raise ValueError(f"transcript: {path} is a folder; in it each recording needs a text of its name beside it")
        sounds = find_sounds(path, progress.say)
        told = [(sound, str(sound.row["text"])) for sound in sounds if sound.row.get("text")]
        if not told:
            raise ValueError(f"{path}: {_missing(sounds)}")
        seconds = 0.0
        for number, (sound, text) in enumerate(told):
            progress.update(number, len(told), "measuring speech")
            recording = read(SoundInput(held=sound.read()), sound.name)
            seconds += recording.num_samples / RATE_HZ
            if seconds > MOST_S:
                warn(f"{path}: the first {MOST_S // 60} minutes are enough; the rest is left aside")
                return
            yield recording, text

    def _text(self) -> str:
        if said := self.transcript.read() if self.transcript else self.text:
            return said
        beside = self.file.path.with_suffix(".txt") if self.file.path else None
        if beside and beside.is_file():
            return TextInput(path=beside).read()
        raise ValueError(f"transcript: {self.file.name}: {_TEXT_IS_NEEDED}")

    def _check(self, seconds: float, whole: Sequence[Recording]) -> None:
        """Refuse too little, and two speakers."""
        if seconds < _LEAST_S:
            raise ValueError(
                f"file: there are {seconds:.1f} s of speech with its text; {_LEAST_S:.0f} s are the least, and "
                f"{_GOOD_S:.0f} s are good"
            )
        if seconds < _FEW_S:
            warn(f"{seconds:.1f} s of speech are few; with {_GOOD_S:.0f} s the voice comes nearer")
        if apart([one.mel for one in whole], [one.f0 for one in whole]) > APART:
            raise ValueError("file: two voices seem to speak; give recordings of one speaker")


def _missing(sounds: Sequence[Sound]) -> str:
    if not sounds:
        return "holds no sound"
    named = ", ".join(sound.name for sound in sounds[:_MOST_NAMED])
    return f"none of its {len(sounds)} recordings ({named}) has a text: {_TEXT_IS_NEEDED}"
