"""A piece: what composing and rendering yield, as notes and as sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from PIL import Image
from pydantic import Field

from menura.audio import io
from menura.audio.pictures import save_png
from menura.audio.samples import Audio
from menura.audio.wav_loop import mark_loop
from menura.files import slug, suffixed, write_beside
from menura.progress import aside, warn
from menura.score import midi
from menura.score.notes import Score
from menura.score.piano_roll import piano_roll
from menura.score.synth import soundfont
from menura.score.synth.bundle import write_bundle
from menura.score.synth.render import Renderer, Rendering
from menura.tasks.inputs import SoundFontInput
from menura.tasks.shown import Shown
from menura.tasks.sound import SoundFile


class Rendered(SoundFile):
    """The parameters of everything that makes sound from notes."""

    rate: Annotated[int, Field(ge=8000, le=192_000, description="samples a second")] = 44_100
    loudness: Annotated[float, Field(ge=-40, le=-6, description="integrated loudness, LUFS")] = -16.0
    soundfont: Annotated[
        SoundFontInput | None, Field(description="the .sf2 or .sf3 file that plays; default: as found")
    ] = None
    stems: Annotated[bool, Field(description="also write each instrument alone")] = False
    bundle: Annotated[bool, Field(description="also write a zip for a DAW: MIDI, stems, mix, picture")] = False

    def suffixes(self) -> tuple[str, ...]:
        """As `Task.suffixes`."""
        return (".mid", f".{self.format}", ".png", *([".zip"] if self.bundle else []), ".json")

    def rendered(
        self,
        score: Score,
        *,
        name: str,
        seed: int,
        about: Mapping[str, Any],
        duration_s: float | None = None,
        loop_tick: int | None = None,
        remarks: Mapping[str, str] | None = None,
        new_bars: tuple[int, int] | None = None,
        chords: Sequence[str] = (),
        notes_will_do: bool = False,
    ) -> Piece:
        """The score played, with what is to be said of it.

        Raises:
            FileNotFoundError: there is no SoundFont to play it with, and notes alone will not do.
        """
        with self.soundfont.as_file() if self.soundfont else nullcontext() as path:
            try:
                renderer = Renderer(path, self.rate)
            except soundfont.NoSoundFont:
                if not notes_will_do:
                    raise
                return Piece(name, score, None, about, self, new_bars, tuple(chords), remarks or {})
            rendering = renderer.render(
                score,
                stems=self.stems or self.bundle,
                loudness_lufs=self.loudness,
                seed=seed,
                duration_s=duration_s,
                loop_s=None if loop_tick is None else float(score.seconds(loop_tick)),
            )
        loops = loop_tick is not None
        return Piece(name, score, rendering, about, self, new_bars, tuple(chords), remarks or {}, loops)

    def find_soundfont(self) -> None:
        """Look for a SoundFont before the work; where there is none, and no need of one, that is told.

        Raises:
            FileNotFoundError: there is none, and one was named, or stems or a bundle were asked for.
        """
        if self.soundfont is not None and self.soundfont.path is None:
            return
        try:
            soundfont.find(self.soundfont and self.soundfont.path)
        except soundfont.NoSoundFont as error:
            if self.stems or self.bundle:
                raise
            warn(f"only notes are written, without sound: {error}")


@dataclass(frozen=True, eq=False, repr=False)
class Piece(Shown):
    """A piece of music.

    Attributes:
        name: added to the stem of its files: ``""``, or ``"-2"`` for the second of several.
        score: its notes.
        rendering: its sound, and each instrument's alone if stems were asked for; None where nothing could play it.
        about: what to say of it.
        wanted: format, bits and which files to write.
        new_bars: first and last of the bars that were composed into a given piece, counted from 1.
        chords: of each bar; empty: not looked for.
        remarks: what the sidecar is to say of it.
        loops: whether its sound runs into its own beginning.
    """

    name: str
    score: Score
    rendering: Rendering | None
    about: Mapping[str, Any]
    wanted: Rendered
    new_bars: tuple[int, int] | None = None
    chords: tuple[str, ...] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)
    loops: bool = False

    @property
    def audio(self) -> Audio:
        """The mix.

        Raises:
            ValueError: there is no sound.
        """
        if self.rendering is None:
            raise ValueError("this piece has no sound, for there was no SoundFont to play it with")
        return self.rendering.mix

    @property
    def soundfont(self) -> Path | None:
        """The file whose sounds were played; None where there is no sound."""
        return self.rendering and self.rendering.soundfont

    def summary(self) -> Mapping[str, Any]:
        return {
            **self.about,
            "bars": len(self.score.bar_starts()),
            "notes": self.score.num_notes,
            "seconds": round((self.score if self.rendering is None else self.rendering.mix).duration_s, 2),
        }

    def image(self) -> Image.Image:
        return piano_roll(self.score, self.new_bars, self.chords)

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write ``stem.mid``, the sound, ``stem.png`` (piano roll), and if wanted ``stem-stems/`` and ``stem.zip``;
        without sound the MIDI file and the picture alone.

        All of them appear, or none.
        """
        return write_beside(stem, self._write, overwrite)

    def _write(self, stem: Path) -> Iterator[Path]:
        extension, bits = f".{self.wanted.format}", int(self.wanted.bits)
        aside(lambda: midi.write(self.score, suffixed(stem, ".mid")))
        yield suffixed(stem, ".mid")
        if self.rendering is not None:
            self._write_sound(self.rendering.mix, suffixed(stem, extension))
            yield suffixed(stem, extension)
        aside(lambda: save_png(self.image(), suffixed(stem, ".png")))
        yield suffixed(stem, ".png")
        if self.rendering is None:
            return
        if self.wanted.stems:
            for number, (name, audio) in enumerate(self.rendering.stems.items(), start=1):
                path = suffixed(stem, "-stems") / f"{number:02d}-{slug(name)}{extension}"
                self._write_sound(audio, path)
                yield path
        if self.wanted.bundle:
            path = suffixed(stem, ".zip")
            write_bundle(path, self.score, self.rendering, bits=bits, format=self.wanted.format, new_bars=self.new_bars)
            yield path

    def _write_sound(self, audio: Audio, path: Path) -> None:
        io.write(audio, path, bits=int(self.wanted.bits))
        if self.loops and self.wanted.format == "wav":
            mark_loop(path, audio.num_samples, audio.sample_rate_hz)
