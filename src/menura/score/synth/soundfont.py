"""SoundFonts, found on this machine and read: SF2 (E-mu SoundFont 2.01) and SF3 (the same with Ogg Vorbis samples)."""

from __future__ import annotations

import io
import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile

from menura import kinds
from menura.extras import how_to_install

VARIABLE = "MENURA_SOUNDFONT"
_HOW_TO_GET_ONE = f"{how_to_install('score')}, or Debian's musescore-general-soundfont-small, brings one"
_FOLDERS = (
    "/usr/share/sounds/sf3",
    "/usr/share/sounds/sf2",
    "/usr/share/soundfonts",
    "/usr/local/share/sounds/sf3",
    "/usr/local/share/sounds/sf2",
    "/usr/local/share/soundfonts",
    "~/.local/share/soundfonts",
    "~/.local/share/sounds/sf2",
    "~/Library/Audio/Sounds/Banks",
    "/Library/Audio/Sounds/Banks",
    "C:/soundfonts",
)
_BEST_FIRST = ("musescore_general", "fluidr3", "generaluser", "default-gm", "timgm6mb")
_MAX_REGIONS = 20_000
_MAX_ROWS = 1_000_000
_MAX_COMPRESSED_FRAMES = 1 << 24
"""Limits of what a damaged or hostile SoundFont may take: of one preset, and of one compressed sample."""


class NoSoundFont(FileNotFoundError):
    """None was named, and none is found."""


def find(explicit: str | Path | None = None) -> Path:
    """The SoundFont to play with.

    The first of: `explicit`, the environment's ``MENURA_SOUNDFONT``, the best known one in the system's folders,
    the one inside the pip package pretty_midi.

    Raises:
        NoSoundFont: none is found; says how to get one.
        FileNotFoundError: the one named does not exist.
        ValueError: the one named is no SoundFont.
    """
    named = explicit or os.environ.get(VARIABLE)
    if named:
        return _checked(Path(named).expanduser())
    for path in (*_installed(), *_packaged()):
        if _is_soundfont(path):
            return path
    raise NoSoundFont(f"no SoundFont is on this machine; {_HOW_TO_GET_ONE}")


def _installed() -> list[Path]:
    paths: list[Path] = []
    for folder in (Path(name).expanduser() for name in _FOLDERS):
        if folder.is_dir():
            paths += sorted(path for path in folder.iterdir() if kinds.has_suffix(path.name, kinds.SOUNDFONT))
    return sorted(paths, key=lambda path: _preference(path.name.lower()))


def _preference(name: str) -> int:
    return next((place for place, known in enumerate(_BEST_FIRST) if known in name), len(_BEST_FIRST))


def _packaged() -> list[Path]:
    spec = find_spec("pretty_midi")
    folders = spec.submodule_search_locations if spec else None
    return [path for folder in folders or () for path in sorted(Path(folder).glob("*.sf2"))]


def _is_soundfont(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError:
        return False
    return start[:4] == b"RIFF" and start[8:] == b"sfbk"


def _checked(path: Path) -> Path:
    if not path.is_file():
        raise FileNotFoundError(f"the SoundFont {path} does not exist; {_HOW_TO_GET_ONE}")
    if not _is_soundfont(path):
        raise ValueError(f"{path} is not a SoundFont (.sf2 or .sf3); {_HOW_TO_GET_ONE}")
    return path


class Generator(IntEnum):
    """The generators used here, by their number in the standard (section 8.1.2)."""

    START, END, LOOP_START, LOOP_END = 0, 1, 2, 3
    START_COARSE = 4
    MOD_LFO_TO_PITCH, VIB_LFO_TO_PITCH, MOD_ENV_TO_PITCH = 5, 6, 7
    FILTER_CUTOFF, FILTER_Q = 8, 9
    MOD_LFO_TO_CUTOFF, MOD_ENV_TO_CUTOFF = 10, 11
    END_COARSE = 12
    MOD_LFO_TO_VOLUME = 13
    CHORUS_SEND, REVERB_SEND = 15, 16
    PAN = 17
    MOD_LFO_DELAY, MOD_LFO_FREQUENCY, VIB_LFO_DELAY, VIB_LFO_FREQUENCY = 21, 22, 23, 24
    MOD_ENV_DELAY, MOD_ENV_ATTACK, MOD_ENV_HOLD, MOD_ENV_DECAY, MOD_ENV_SUSTAIN = 25, 26, 27, 28, 29
    VOL_ENV_DELAY, VOL_ENV_ATTACK, VOL_ENV_HOLD, VOL_ENV_DECAY, VOL_ENV_SUSTAIN, VOL_ENV_RELEASE = range(33, 39)
    KEY_TO_HOLD, KEY_TO_DECAY = 39, 40
    INSTRUMENT = 41
    KEY_RANGE, VELOCITY_RANGE = 43, 44
    LOOP_START_COARSE = 45
    KEY, VELOCITY = 46, 47
    ATTENUATION = 48
    LOOP_END_COARSE = 50
    COARSE_TUNE, FINE_TUNE = 51, 52
    SAMPLE = 53
    SAMPLE_MODES = 54
    SCALE_TUNING = 56
    EXCLUSIVE_CLASS = 57
    ROOT_KEY = 58


_G = Generator
_DEFAULTS: dict[int, int] = {
    **dict.fromkeys(range(60), 0),
    **dict.fromkeys((21, 23, 25, 26, 27, 28, 30, 33, 34, 35, 36, 38), -12000),
    _G.FILTER_CUTOFF: 13500,
    _G.SCALE_TUNING: 100,
    _G.ROOT_KEY: -1,
    _G.KEY: -1,
    _G.VELOCITY: -1,
}
_NOT_ADDED = frozenset((0, 1, 2, 3, 4, 12, 41, 43, 44, 45, 46, 47, 50, 53, 54, 57, 58))
"""Generators that a preset may not change (section 8.5)."""


@dataclass(frozen=True, slots=True)
class Modulator:
    """Adds ``amount`` times its sources' values to a generator (section 8.2)."""

    source: int
    target: int
    amount: int
    amount_source: int

    @property
    def identity(self) -> tuple[int, int, int]:
        return self.source, self.target, self.amount_source


_DEFAULT_MODULATORS = (
    Modulator(source=0x0502, target=_G.ATTENUATION, amount=960, amount_source=0),  # velocity
    Modulator(source=0x0587, target=_G.ATTENUATION, amount=960, amount_source=0),  # volume
    Modulator(source=0x058B, target=_G.ATTENUATION, amount=960, amount_source=0),  # expression
    Modulator(source=0x028A, target=_G.PAN, amount=500, amount_source=0),
    Modulator(source=0x0081, target=_G.VIB_LFO_TO_PITCH, amount=50, amount_source=0),  # modulation wheel
    Modulator(source=0x000D, target=_G.VIB_LFO_TO_PITCH, amount=50, amount_source=0),  # channel pressure
    Modulator(source=0x00DB, target=_G.REVERB_SEND, amount=200, amount_source=0),
    Modulator(source=0x00DD, target=_G.CHORUS_SEND, amount=200, amount_source=0),
    Modulator(source=0x020E, target=_G.FINE_TUNE, amount=12_700, amount_source=0x0010),  # pitch bend and its range
)
"""Heard unless a SoundFont says otherwise (section 8.4). As in FluidSynth, that of velocity to cutoff is left out, and
a full turn of pan moves a sound from the middle to the side: by the standard's 1000 half a turn would."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording within a SoundFont.

    Args:
        start, end: where its data lies: frames, or bytes where `compressed`.
        loop_start, loop_end: frames from its start.
        root_key, correction_cents: the MIDI pitch at which it was recorded, and how to mend it.
    """

    start: int
    end: int
    loop_start: int
    loop_end: int
    sample_rate_hz: int
    root_key: int
    correction_cents: int
    compressed: bool


@dataclass(frozen=True, eq=False)
class Region:
    """One sample as a preset plays it, for a range of keys and velocities (both ends included)."""

    keys: tuple[int, int]
    velocities: tuple[int, int]
    generators: Mapping[int, int]
    modulators: tuple[Modulator, ...]
    sample: Sample

    @cached_property
    def fixed_modulators(self) -> tuple[Modulator, ...]:
        """Those whose sources are the note's own velocity (2) and key (3)."""
        return tuple(
            each for each in self.modulators if each.source & 0xFF in (2, 3) and each.amount_source & 0xFF in (0, 2, 3)
        )

    @cached_property
    def moving_modulators(self) -> tuple[Modulator, ...]:
        """Those whose sources a controller may move."""
        return tuple(each for each in self.modulators if each not in self.fixed_modulators)


@dataclass(frozen=True, slots=True)
class _Zone:
    generators: dict[int, int]
    modulators: tuple[Modulator, ...]


_HEADER = [("name", "S20")]
_PRESET = np.dtype([*_HEADER, ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("rest", "V12")])
_INSTRUMENT = np.dtype([*_HEADER, ("bag", "<u2")])
_BAG = np.dtype([("generator", "<u2"), ("modulator", "<u2")])
_GENERATOR = np.dtype([("number", "<u2"), ("amount", "<i2")])
_MODULATOR = np.dtype(
    [("source", "<u2"), ("target", "<u2"), ("amount", "<i2"), ("amount_source", "<u2"), ("transform", "<u2")]
)
_PLACES = [(name, "<u4") for name in ("start", "end", "loop_start", "loop_end", "rate")]
_SAMPLE = np.dtype([*_HEADER, *_PLACES, ("key", "u1"), ("correction", "i1"), ("link", "<u2"), ("kind", "<u2")])
_TABLES = {
    b"phdr": _PRESET,
    b"pbag": _BAG,
    b"pgen": _GENERATOR,
    b"pmod": _MODULATOR,
    b"inst": _INSTRUMENT,
    b"ibag": _BAG,
    b"igen": _GENERATOR,
    b"imod": _MODULATOR,
    b"shdr": _SAMPLE,
}
_COMPRESSED, _ROM = 0x10, 0x8000


class SoundFont:
    """An open SoundFont. Samples are decoded when first asked for, and kept.

    Args:
        path: the file, an sf2 or sf3.

    Raises:
        ValueError: it is damaged or no SoundFont.
        FileNotFoundError: it does not exist.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = _checked(Path(path))
        self._regions: dict[tuple[int, int], tuple[Region, ...]] = {}
        self._waveforms: dict[Sample, np.ndarray] = {}
        self._rows_left = 0
        with self.path.open("rb") as file:
            self._content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        chunks = _chunks(self._content)
        try:
            self._data_start, self._data_length = chunks[b"smpl"]
            self._fine_start, self._fine_length = chunks.get(b"sm24", (0, 0))
            self._tables = {name: self._table(chunks, name) for name in _TABLES}
        except (KeyError, ValueError) as error:
            raise ValueError(f"{self.path} is damaged: its list of presets or its samples are missing") from error

    def _table(self, chunks: dict[bytes, tuple[int, int]], name: bytes) -> np.ndarray:
        start, length = chunks[name]
        return np.frombuffer(self._content, _TABLES[name], length // _TABLES[name].itemsize, start)

    @cached_property
    def _presets(self) -> dict[tuple[int, int], int]:
        rows = self._tables[b"phdr"][:-1]
        return {(int(row["bank"]), int(row["program"])): index for index, row in reversed(list(enumerate(rows)))}

    def regions(self, program: int, is_drum: bool, bank: int = 0) -> tuple[Region, ...]:
        """What plays a General MIDI program (0 to 127) of a bank (0 to 127), or a drum kit; the nearest there is, where
        it has no such one.

        Raises:
            ValueError: the SoundFont has nothing to play it with, or is damaged there.
        """
        kits = (128, program), (128, program // 8 * 8), (128, 0)
        wanted = kits if is_drum else ((bank, program), (0, program), (0, program // 8 * 8), (0, 0))
        for place in wanted:
            if place in self._presets:
                if place not in self._regions:
                    try:
                        self._regions[place] = tuple(self._resolve(self._presets[place]))
                    except (IndexError, KeyError) as error:
                        raise ValueError(f"{self.path} is damaged: preset {place[1]} of bank {place[0]}") from error
                return self._regions[place]
        what = "a drum kit" if is_drum else f"program {program}"
        raise ValueError(f"{self.path} has no sound for {what}; choose a General MIDI SoundFont")

    def waveform(self, sample: Sample) -> np.ndarray:
        """A sample's frames, float32 ``[frame]`` within -1 to 1, without its DC.

        Raises:
            ValueError: the sample is damaged.
        """
        if sample not in self._waveforms:
            self._waveforms[sample] = self._decode(sample)
        return self._waveforms[sample]

    def _decode(self, sample: Sample) -> np.ndarray:
        width = 1 if sample.compressed else 2
        start, end = sample.start * width, min(sample.end * width, self._data_length)
        content = self._content[self._data_start + start : self._data_start + end]
        if sample.compressed:
            wave = self._decompressed(content)
        else:
            wave = np.frombuffer(content[: len(content) // 2 * 2], "<i2").astype(np.float32) / 32768
            if self._fine_length >= self._data_length // 2:  # the lower bytes of 24
                at = self._fine_start + sample.start
                fine = np.frombuffer(self._content[at : at + len(wave)], np.uint8)
                wave[: len(fine)] += fine.astype(np.float32) / (1 << 23)
        loop = wave[sample.loop_start : sample.loop_end]
        steady = loop if len(loop) else wave
        return wave - steady.mean() if len(steady) else wave

    def _decompressed(self, content: bytes) -> np.ndarray:
        try:
            with soundfile.SoundFile(io.BytesIO(content)) as sound:
                if sound.channels <= 2:
                    return sound.read(_MAX_COMPRESSED_FRAMES, dtype="float32", always_2d=True)[:, 0]
                raise ValueError(f"{self.path} is damaged: one of its samples has {sound.channels} channels")
        except (soundfile.SoundFileError, RuntimeError) as error:
            raise ValueError(f"{self.path} is damaged: one of its samples cannot be decoded") from error

    def _resolve(self, preset: int) -> list[Region]:
        self._rows_left = _MAX_ROWS
        outer_zones = self._zones(b"p", self._tables[b"phdr"]["bag"], preset, _G.INSTRUMENT)
        regions: list[Region] = []
        for outer in outer_zones:
            instrument = outer.generators[_G.INSTRUMENT]
            for inner in self._zones(b"i", self._tables[b"inst"]["bag"], instrument, _G.SAMPLE):
                region = self._region(outer, inner)
                if region is not None:
                    regions.append(region)
                if len(regions) > _MAX_REGIONS:
                    raise ValueError(f"{self.path} is damaged: a preset has more than {_MAX_REGIONS} parts")
        return regions

    def _zones(self, side: bytes, bags: np.ndarray, index: int, last: int) -> list[_Zone]:
        """The zones of a preset or instrument, its global zone merged in."""
        bag = self._tables[side + b"bag"]
        common, zones = _Zone({}, ()), []
        first, stop = int(bags[index]), int(bags[index + 1])
        for place in range(first, stop):
            generators, modulators = self._bag(side, bag[place], bag[place + 1])
            zone = _Zone({**common.generators, **generators}, _overridden(common.modulators, modulators))
            if last in generators:
                zones.append(zone)
            elif place == first:
                common = zone
        return zones

    def _bag(self, side: bytes, bag: np.void, following: np.void) -> tuple[dict[int, int], tuple[Modulator, ...]]:
        rows = self._tables[side + b"gen"][bag["generator"] : following["generator"]]
        self._rows_left -= 1 + len(rows)
        generators = dict(zip(rows["number"].tolist(), rows["amount"].tolist(), strict=True))
        rows = self._tables[side + b"mod"][bag["modulator"] : following["modulator"]]
        self._rows_left -= len(rows)
        if self._rows_left < 0:
            raise ValueError(f"{self.path} is damaged: a preset has more than {_MAX_ROWS} settings")
        return generators, tuple(Modulator(*row.tolist()[:4]) for row in rows)

    def _region(self, outer: _Zone, inner: _Zone) -> Region | None:
        keys = _intersection(outer, inner, _G.KEY_RANGE)
        velocities = _intersection(outer, inner, _G.VELOCITY_RANGE)
        row = self._tables[b"shdr"][inner.generators[_G.SAMPLE]]
        if keys[0] > keys[1] or velocities[0] > velocities[1] or int(row["kind"]) & _ROM:
            return None
        generators = {**_DEFAULTS, **inner.generators}
        for number, amount in outer.generators.items():
            if number not in _NOT_ADDED:
                generators[number] = generators.get(number, 0) + amount
        modulators = _overridden(_DEFAULT_MODULATORS, inner.modulators) + outer.modulators
        return Region(keys, velocities, generators, modulators, _sample(row, generators))


def _sample(row: np.void, generators: Mapping[int, int]) -> Sample:
    compressed = bool(int(row["kind"]) & _COMPRESSED)
    base = 0 if compressed else int(row["start"])  # compressed samples count their loops from their own start
    start, end = int(row["start"]), int(row["end"])
    if not compressed:
        start += generators[_G.START] + 32768 * generators[_G.START_COARSE]
        end += generators[_G.END] + 32768 * generators[_G.END_COARSE]
        base = start
    loop_start = int(row["loop_start"]) - base + generators[_G.LOOP_START] + 32768 * generators[_G.LOOP_START_COARSE]
    loop_end = int(row["loop_end"]) - base + generators[_G.LOOP_END] + 32768 * generators[_G.LOOP_END_COARSE]
    key = generators[_G.ROOT_KEY] if generators[_G.ROOT_KEY] >= 0 else int(row["key"])
    return Sample(
        start=max(start, 0),
        end=max(end, 0),
        loop_start=max(loop_start, 0),
        loop_end=max(loop_end, 0),
        sample_rate_hz=min(max(int(row["rate"]), 400), 192_000),
        root_key=key if key < 128 else 60,
        correction_cents=int(row["correction"]),
        compressed=compressed,
    )


def _overridden(lower: tuple[Modulator, ...], upper: tuple[Modulator, ...]) -> tuple[Modulator, ...]:
    taken = {modulator.identity for modulator in upper}
    return tuple(modulator for modulator in lower if modulator.identity not in taken) + upper


def _intersection(outer: _Zone, inner: _Zone, number: int) -> tuple[int, int]:
    ranges = [zone.generators.get(number, 0x7F00) for zone in (outer, inner)]
    return max(each & 0xFF for each in ranges), min(each >> 8 & 0xFF for each in ranges)


def _chunks(content: mmap.mmap) -> dict[bytes, tuple[int, int]]:
    """Where each chunk's data lies, and its length, lists entered."""
    found: dict[bytes, tuple[int, int]] = {}
    at = 12
    while at + 8 <= len(content):
        kind, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if kind == b"LIST":
            at += 12
            continue
        found.setdefault(kind, (at + 8, min(length, len(content) - at - 8)))
        at += 8 + length
        # Chunks of odd length are padded, but not by every writer of sf3.
        if length % 2 and not content[at : at + 4].isalpha():
            at += 1
    return found
