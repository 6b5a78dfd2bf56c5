"""What `menura prepare` takes with 1, 2 and 4 workers, and what reading its shards does.

    python benchmarks/prepare.py DATA
    python benchmarks/prepare.py DATA --rate 24000 --mono --workers 1,2,4,8

A whole folder is prepared anew by each number of workers, whose bytes are compared. Then its shards are listed by their
index and by the headers of the tar files, and all sounds are read in four ways: a tar file opened and listed for each
sound, a file opened for each, through handles that stay open, and decoded too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from menura.data import shards
from menura.data.sound_folder import Sound, find_sounds
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.prepare import Prepare

T = TypeVar("T")
_LISTED_ANEW = 50
"""Sounds for which a tar file is opened and listed: it takes long, and equally long for each."""

_READINGS = {
    "listed by the index": "by_index",
    "listed by the headers": "by_headers",
    "read, tar listed for each": "listed_anew",
    "read, file opened for each": "opened_anew",
    "read through a handle": "handle",
    "read and decoded": "decoded",
}


@dataclass(frozen=True)
class Made:
    """A folder prepared by some workers.

    Attributes:
        seconds: with starting the processes.
        cpu_s: of all processes; what compares where others use the machine too.
        hours: of sound.
        megabytes: of shards.
        digest: of all files.
    """

    workers: int
    seconds: float
    cpu_s: float
    hours: float
    megabytes: float
    digest: str


@dataclass(frozen=True)
class Reading:
    """Microseconds of a core a sound, of as many sounds as there are in all shards together."""

    sounds: int
    by_index: float
    by_headers: float
    listed_anew: float
    opened_anew: float
    handle: float
    decoded: float


def made(data: Path, out: Path, workers: int, form: dict[str, object]) -> Made:
    """Prepare a folder."""
    started, cpu_s = time.perf_counter(), used()
    (told,) = Prepare.build({"data": data, "out": out, "workers": workers, **form}).run(Models(), Progress())
    seconds, cpu_s = time.perf_counter() - started, used() - cpu_s
    digest = hashlib.sha256()
    for path in sorted(out.iterdir()):
        digest.update(path.read_bytes())
    return Made(workers, seconds, cpu_s, told.found.audit.hours, told.found.num_bytes / 1e6, digest.hexdigest())


def used() -> float:
    """Seconds of all cores that this process and those it began and ended have used."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def reading(out: Path) -> Reading:
    """Time the ways to list and read shards."""
    by_index, sounds = timed(lambda: find_sounds(out, print))
    indices = [(path, path.with_name(f".{path.name}")) for path in out.glob(f"*{shards.INDEX}")]
    for index, hidden in indices:
        index.rename(hidden)
    by_headers, _ = timed(lambda: find_sounds(out, lambda _: None))
    for index, hidden in indices:
        hidden.rename(index)
    few = sounds[:: max(len(sounds) // _LISTED_ANEW, 1)]
    listed_anew = each(listed, few)
    opened_anew = each(opened, sounds)
    handle = each(lambda sound: shards.read(sound.path, sound.place), sounds)
    decoded = each(Sound.read, sounds)
    num = len(sounds)
    return Reading(num, 1e6 * by_index / num, 1e6 * by_headers / num, listed_anew, opened_anew, handle, decoded)


def each(read: Callable[[Sound], object], sounds: Sequence[Sound]) -> float:
    """Microseconds of a core for each sound, none of which is kept."""

    def all_of_them() -> None:
        for sound in sounds:
            read(sound)

    return 1e6 * timed(all_of_them)[0] / len(sounds)


def listed(sound: Sound) -> bytes:
    """A sound as tarfile alone finds it: by all headers before it."""
    with tarfile.open(sound.path) as tar:
        file = tar.extractfile(sound.member)
        assert file is not None
        return file.read()


def opened(sound: Sound) -> bytes:
    """A sound whose place is known, from a file opened for it."""
    with sound.path.open("rb") as file:
        file.seek(sound.place[0])
        return file.read(sound.place[1])


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """Seconds of a core, and what came of them."""
    started = time.process_time()
    result = call()
    return time.process_time() - started, result


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Preparing a folder by several workers, and reading its shards.")
    parser.add_argument("data", type=Path, help="a folder of sound")
    parser.add_argument("--workers", default="1,2,4", help="numbers of them, one run each")
    parser.add_argument("--rate", type=int, help="to resample to, in Hz")
    parser.add_argument("--mono", action="store_true", help="average the channels")
    parser.add_argument("--shard-mb", type=float, default=4.0, help="megabytes of files that fill a shard")
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    args = parser.parse_args(argv)
    form = {"rate": args.rate, "mono": args.mono, "shard_mb": args.shard_mb}
    with tempfile.TemporaryDirectory() as scratch:
        counts = [int(count) for count in args.workers.split(",")]
        runs = [made(args.data, Path(scratch) / str(count), count, form) for count in counts]
        read = reading(Path(scratch) / str(counts[0]))
    if len({run.digest for run in runs}) > 1:
        raise SystemExit("the bytes are not the same")
    if args.json:
        print(json.dumps({"made": [asdict(run) for run in runs], "reading": asdict(read)}))
        return
    first = runs[0]
    print(
        f"{read.sounds} sounds, {first.hours:.3g} hours, {first.megabytes:.3g} MB of shards, the same bytes each time"
    )
    print("| workers | seconds | times real time | CPU seconds | hours of sound in an hour of a core |")
    print("|---|---|---|---|---|")
    for run in runs:
        speeds = 3600 * run.hours / run.seconds, 3600 * run.hours / run.cpu_s
        print(f"| {run.workers} | {run.seconds:.1f} | {speeds[0]:.0f} | {run.cpu_s:.1f} | {speeds[1]:.0f} |")
    print("\n| reading | microseconds of a core a sound |\n|---|---|")
    for what, name in _READINGS.items():
        print(f"| {what} | {vars(read)[name]:.3g} |")


if __name__ == "__main__":
    main()
