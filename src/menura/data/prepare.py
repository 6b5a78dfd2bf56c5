"""A folder of sound as shards: which sounds go into which, the writing of one, and what all of them are.

    plan.json                  what is to be made, and of what: a run that was stopped goes on only with that
    shard-000000.tar           as `menura.data.shards` says, and beside it shard-000000.index.jsonl
    index.json                 all shards, in the form of WebDataset's `wids`; there once every shard is

A shard is a pure function of its sounds and the form, and appears whole, its index before it. So it does not matter who
writes it, in what order, or how often that is begun.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import tarfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from menura import audio, files
from menura.audio import Audio
from menura.data.audit import FileStats, SoundAudit, hear_and_keep
from menura.data.shards import FORMAT, ORIGIN, SHARD, index_of, index_rows
from menura.data.sound_folder import Sound

PLAN, ALL = "plan.json", "index.json"
_MAX_SOUNDS = 10_000
_NOT_OF_A_FILE = ("name", "split", "row")
"""Fields of `FileStats` that a row of an index says elsewhere."""


@dataclass(frozen=True)
class Form:
    """What sounds are made into.

    Attributes:
        sample_rate_hz: of all of them; None: each as it is.
        mono: whether channels are averaged.
        encode: gives the content of a ``.mnr`` file, which is kept beside the sound; None: none is.
        encoded_by: what `encode` is known by.
    """

    sample_rate_hz: int | None = None
    mono: bool = False
    encode: Callable[[Audio], bytes] | None = None
    encoded_by: str = ""

    def identity(self) -> dict[str, object]:
        """What the bytes of a shard depend on, but for its sounds."""
        return {"rate": self.sample_rate_hz, "mono": self.mono, "codes": self.encoded_by, "menura": version("menura")}


@dataclass(frozen=True)
class Shard:
    """A shard to write.

    Attributes:
        path: of the tar file.
        first: number of its first sound among all.
        sounds: those to put into it.
    """

    path: Path
    first: int
    sounds: tuple[Sound, ...]


@dataclass(frozen=True)
class Prepared:
    """What a folder of shards holds.

    Attributes:
        audit: of the sounds as they were, and of what was left out.
        shards: how many there are.
        num_bytes: of their tar files.
    """

    audit: SoundAudit
    shards: int
    num_bytes: int


def plan(sounds: Sequence[Sound], out: Path, shard_mb: float) -> list[Shard]:
    """Share sounds out to shards, in their order.

    Args:
        sounds: of a folder.
        out: where the shards go.
        shard_mb: megabytes of files, as they are now, from which on a shard is full.
    """
    shards: list[Shard] = []
    first = size = 0
    for number, sound in enumerate(sounds):
        size += _bytes(sound)
        if size >= shard_mb * 1e6 or number + 1 - first == _MAX_SOUNDS or number + 1 == len(sounds):
            path = out / f"shard-{len(shards):06d}{SHARD}"
            shards.append(Shard(path, first, tuple(sounds[first : number + 1])))
            first, size = number + 1, 0
    return shards


def left_to_do(shards: Sequence[Shard], out: Path, form: Form) -> list[Shard]:
    """The shards that are not there yet; what a killed run left unfinished is removed.

    Raises:
        ValueError: the folder holds something else: other files, or shards of other sounds or another form.
    """
    wanted = {"format": FORMAT, "made_of": _key(shards), "form": form.identity()}
    if (out / PLAN).exists():
        if files.read_json(out / PLAN) != wanted:
            raise ValueError(f"{out} holds shards of other sounds, or in another form; name another folder")
    elif out.is_dir() and any(out.iterdir()):
        raise ValueError(f"{out} holds other files; name a new folder")
    else:
        files.write_json(out / PLAN, wanted)
    sweep(out)
    return [shard for shard in shards if not _is_whole(shard.path)]


def write_shard(form: Form, shard: Shard, tick: Callable[[], None]) -> None:
    """Write a shard and its index.

    Args:
        form: what the sounds are made into.
        shard: where, and of what.
        tick: is called after every sound; what it raises ends the work, and nothing is left.

    Raises:
        OSError: the shard cannot be written.
    """
    rows: list[dict[str, Any]] = []
    with files.writing(shard.path, overwrite=True) as temporary:
        with temporary.open("wb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for number, sound in enumerate(shard.sounds, start=shard.first):
                try:
                    row, members = _made(sound, form)
                except (ValueError, OSError) as error:
                    rows.append({"name": sound.name, "skipped": str(error).removeprefix(f"{sound.path}: ")})
                else:
                    places = {suffix: _add(tar, file, f"{number:09d}{suffix}", members[suffix]) for suffix in members}
                    rows.append({"member": f"{number:09d}.flac", **places[".flac"], **row})
                tick()
        head = {"format": FORMAT, "bytes": temporary.stat().st_size}
        lines = "".join(f"{json.dumps(row)}\n" for row in (head, *rows))
        files.write_bytes(index_of(shard.path), lines.encode(), overwrite=True)


def sweep(out: Path) -> None:
    """Remove what killed processes left unfinished."""
    for path in out.glob(".*.tmp.*"):
        path.unlink(missing_ok=True)


def finish(shards: Sequence[Shard], out: Path) -> Prepared:
    """Write what all shards are, once they are there.

    Raises:
        ValueError: not one sound could be read.
    """
    heard: list[FileStats] = []
    skipped: dict[str, str] = {}
    listed = []
    for shard in shards:
        rows = index_rows(shard.path)
        skipped |= {row["name"]: row["skipped"] for row in rows if "skipped" in row}
        kept = [_stats_of(row) for row in rows if "member" in row]
        heard += kept
        size = shard.path.stat().st_size
        listed.append({"url": shard.path.name, "nsamples": len(kept), "filesize": size})
    if not heard:
        raise ValueError(f"not one sound could be read; {next(iter(skipped))}: {next(iter(skipped.values()))}")
    about = {"__kind__": "wids-shard-index-v1", "wids_version": 1, "shardlist": listed}
    files.write_json(out / ALL, about, overwrite=True)
    return Prepared(SoundAudit(heard, skipped), len(listed), sum(row["filesize"] for row in listed))


def _bytes(sound: Sound) -> int:
    if sound.member:
        return sound.place[1]
    return sound.path.stat().st_size if sound.path.is_file() else 0


def _key(shards: Iterable[Shard]) -> str:
    digest = hashlib.sha256()
    for shard in shards:
        for sound in shard.sounds:
            said = [shard.path.name, sound.name, sound.split(), sound.fingerprint(), sound.row]
            digest.update(json.dumps(said).encode())
    return digest.hexdigest()


def _is_whole(shard: Path) -> bool:
    """A tar file appears once it is whole, and after its index."""
    try:
        index_rows(shard)
    except (ValueError, OSError):
        return False
    return True


def _made(sound: Sound, form: Form) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the index says of a sound, and its members of the shard, by suffix.

    Raises:
        ValueError, OSError: it cannot be read, or written in this form.
    """
    stats, heard = hear_and_keep(sound)
    heard = heard.mono() if form.mono else heard
    heard = heard.resampled(form.sample_rate_hz) if form.sample_rate_hz else heard
    said = {**sound.row, "split": stats.split, ORIGIN: sound.name}
    members = {".flac": audio.encode(heard, "flac"), ".json": json.dumps(said).encode()}
    if form.encode is not None:
        members[".mnr"] = form.encode(heard)
    return {"row": said, "stats": _plain(stats)}, members


def _add(tar: tarfile.TarFile, file: io.BufferedWriter, name: str, content: bytes) -> dict[str, int]:
    """Append a member, of no owner and no time; where its bytes are."""
    start = file.tell() + tarfile.BLOCKSIZE
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))
    return {"start": start, "bytes": len(content)}


def _plain(stats: FileStats) -> dict[str, Any]:
    """A file's measures as JSON holds them: it has no infinity, which is how loud silence is."""
    measures = {name: value for name, value in vars(stats).items() if name not in _NOT_OF_A_FILE}
    return {**measures, "lufs": stats.lufs if math.isfinite(stats.lufs) else None}


def _stats_of(row: Mapping[str, Any]) -> FileStats:
    said, measures = row["row"], row["stats"]
    loudness = -math.inf if measures["lufs"] is None else measures["lufs"]
    odd = tuple(measures["odd"])
    return FileStats(name=said[ORIGIN], split=said["split"], row=said, **{**measures, "lufs": loudness, "odd": odd})
