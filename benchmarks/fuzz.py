"""Damaged files, sentences and requests from strangers: each is read, or refused in one line, within bounds.

    python benchmarks/fuzz.py

A case is damage done to a small valid file, a pure function of ``--seed`` and its number. It passes if the reader
returns, or raises a ValueError or OSError of ours whose message is one line, in ``--seconds`` of processor time and
with ``--megabytes`` more memory than before. All else is a finding: other exceptions and warnings, crashes, hangs. Each
is printed with the option that makes it again, ``--case midi:123``.
"""

from __future__ import annotations

import argparse
import contextlib
import dis
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

import menura
from measures.readers import READERS, Reader, Refused
from menura.progress import Progress

_START_S = 300.0
_PATIENCE = 10
"""A case that has not ended after so many times its bound is ended; other programs may have the processor."""
_SPARE_BYTES = 512 << 20
"""Addresses beyond the bound that a process may take: stacks of threads, mapped files."""
_LONGEST_MESSAGE = 1000
_OWN = (str(Path(menura.__file__).parent), str(Path(__file__).parent))


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes:
        said: the message of a refusal; None where it was read.
        seconds: of the processor.
        megabytes: more memory than before, at the peak.
        finding: what should not have been; None where all was well.
    """

    said: str | None
    seconds: float
    megabytes: float
    finding: str | None = None


class Told(Progress):
    """Keeps what is told about odd files."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def warn(self, text: str) -> None:
        self.lines.append(text)


def drawn(reader: Reader, seed: int, number: int) -> Any:
    """A case's damaged input."""
    return reader.draw(random.Random(f"{reader.name}:{seed}:{number}"))


def tried(reader: Reader, given: Any, seconds: float, megabytes: float) -> Outcome:
    """Read something damaged, in this process."""
    told, said, finding = Told(), None, None
    before = _memory("VmRSS")
    start = time.process_time()
    with _limited(megabytes), warnings.catch_warnings(record=True) as warned, told.active():
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            reader.read(given)
        except (ValueError, OSError) as error:
            said = str(error)
            finding = _complaint(said) or _foreign(error)
        except BaseException as error:
            finding = f"{_name(error)} at {_place(error.__traceback__)}: {str(error)[:200]}"
    took, more = time.process_time() - start, _memory("VmHWM") - before
    for line in told.lines:
        finding = finding or _complaint(line)
    for one in warned:
        finding = finding or f"{one.category.__name__} at {Path(one.filename).name}:{one.lineno}: {one.message}"
    if took > seconds:
        finding = finding or f"took {took:.1f} s"
    if more > megabytes:
        finding = finding or f"took {more:.0f} MB"
    return Outcome(said, took, more, finding)


@contextlib.contextmanager
def _limited(megabytes: float) -> Iterator[None]:
    """Within, this process gets no more memory than that, and its peak is counted anew."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = int((_memory("VmSize") + megabytes) * 1e6) + _SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _memory(name: str) -> float:
    """MB of this process, by the name that Linux has for it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1000
    raise KeyError(name)


def _complaint(text: str) -> str | None:
    """What is wrong with a line that a person is told."""
    if not text or not text.replace("\t", " ").isprintable():
        return f"says what is no printable line: {text[:200]!r}"
    return f"says {len(text)} signs: {text[:200]}" if len(text) > _LONGEST_MESSAGE else None


def _foreign(error: Exception) -> str | None:
    """Where an error was not raised in our words, but by what we called; None where it was, or by the system."""
    if isinstance(error, OSError | Refused) and not isinstance(error, UnicodeError):
        return None
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    assert last is not None
    code = last.tb_frame.f_code
    is_raised = dis.opname[code.co_code[last.tb_lasti]] in ("RAISE_VARARGS", "RERAISE")
    if is_raised and code.co_filename.startswith(_OWN):
        return None
    return f"{_name(error)} not of ours, at {_place(error.__traceback__)}: {str(error)[:200]}"


def _name(error: BaseException) -> str:
    return type(error).__name__


def _place(trace: TracebackType | None) -> str:
    """The last line of ours that an error came through."""
    ours = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith(_OWN[0])]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "no line of ours"


class Worker:
    """A process that reads cases, so that one that crashes or hangs does not end the others."""

    def __init__(self, seed: int, seconds: float, megabytes: float) -> None:
        self.seed, self.seconds, self.megabytes = seed, seconds, megabytes
        self.start()

    def start(self) -> None:
        forking = multiprocessing.get_context("fork")  # all that is imported is there at once
        self.connection, other = forking.Pipe()
        self.folder = tempfile.TemporaryDirectory(prefix="menura-fuzz-")
        arguments = (other, Path(self.folder.name), self.seed, self.seconds, self.megabytes)
        self.process = forking.Process(target=_serve, args=arguments, daemon=True)
        self.process.start()
        other.close()
        self.prepared: set[str] = set()

    def prepare(self, name: str) -> None:
        """Let it make a reader's valid files, and read them once."""
        self.connection.send((name, None))
        if not self.connection.poll(_START_S):
            raise RuntimeError(f"{name}: valid files are not read")
        self.connection.recv()
        self.prepared.add(name)

    def run(self, name: str, number: int) -> Outcome:
        """A case by its number; the process is begun again if that ends it."""
        if name not in self.prepared:
            self.prepare(name)
        patience = _PATIENCE * self.seconds
        try:
            self.connection.send((name, number))
            if self.connection.poll(patience):
                return self.connection.recv()
            finding = f"has not ended after {patience:.0f} s"
        except (EOFError, OSError):
            self.process.join()
            finding = f"ended the interpreter (exit code {self.process.exitcode})"
        self.stop()
        self.start()
        return Outcome(None, patience, 0.0, finding)

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()
        self.folder.cleanup()


def _serve(connection: Connection, folder: Path, seed: int, seconds: float, megabytes: float) -> None:
    """Read what is asked for; a reader without a number is got ready."""
    torch.set_num_threads(1)
    errors, silence = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    readers: dict[str, Reader] = {}
    while True:
        name, number = connection.recv()
        if number is None:
            readers[name] = ready(READERS[name], folder / name)
            connection.send(None)
            continue
        os.dup2(silence, 2)  # decoders in C complain there
        connection.send(tried(readers[name], drawn(readers[name], seed, number), seconds, megabytes))
        os.dup2(errors, 2)


def ready(kind: type[Reader], folder: Path) -> Reader:
    """A reader that has read its valid input, so that what is loaded at its first use is not counted."""
    folder.mkdir()
    reader = kind(folder)
    with Told().active():
        for given in reader.valid():
            reader.read(given)
    return reader


def run(names: Sequence[str], args: argparse.Namespace) -> dict[str, list[Outcome]]:
    """As many cases as asked, spread over the readers; findings are told at once."""
    outcomes: dict[str, list[Outcome]] = {name: [] for name in names}
    worker = Worker(args.seed, args.seconds, args.megabytes)
    try:
        for index in range(args.cases):
            name = names[int(index * len(names) // args.cases)]
            number = len(outcomes[name])
            outcome = worker.run(name, number)
            outcomes[name].append(outcome)
            if outcome.finding:
                print(f"--seed {args.seed} --case {name}:{number}: {outcome.finding}", file=sys.stderr, flush=True)
            if number % 100 == 0 and sys.stderr.isatty():
                print(f"\r{name}: {number} cases ", end="", file=sys.stderr, flush=True)
    finally:
        worker.stop()
    return outcomes


def report(outcomes: dict[str, list[Outcome]]) -> dict[str, dict[str, float]]:
    """The figures of each reader, as they are printed."""
    return {
        name: {
            "cases": len(found),
            "read": sum(one.said is None and not one.finding for one in found),
            "refused": sum(one.said is not None and not one.finding for one in found),
            "findings": sum(one.finding is not None for one in found),
            "longest_s": round(max(one.seconds for one in found), 2),
            "most_megabytes": round(max(one.megabytes for one in found)),
        }
        for name, found in outcomes.items()
    }


def _again(case: str, args: argparse.Namespace) -> Outcome:
    """One case alone, in this process, with its error's trace; what was given is left in a file."""
    name, _, number = case.partition(":")
    with tempfile.TemporaryDirectory(prefix="menura-fuzz-") as folder:
        reader = ready(READERS[name], Path(folder) / name)
        given = drawn(reader, args.seed, int(number))
        if isinstance(given, bytes):
            Path(f"{name}-{number}.bin").write_bytes(given)
        else:
            print(f"given: {given!r:.3000}")
        try:
            reader.read(given)
        except Exception:
            traceback.print_exc()
        return tried(reader, given, args.seconds, args.megabytes)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000, help="of all readers together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default=",".join(READERS), help="readers, separated by commas")
    parser.add_argument("--seconds", type=float, default=2.0, help="of the processor, for a case")
    parser.add_argument("--megabytes", type=float, default=256.0, help="of memory, for a case")
    parser.add_argument("--case", help="one case alone, as findings name it, with its trace; its file is kept here")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(arguments)
    names = args.only.split(",")
    if unknown := set(names) - READERS.keys():
        parser.error(f"there is no reader {', '.join(sorted(unknown))}; there are {', '.join(READERS)}")
    if args.case:
        print(_again(args.case, args))
        return
    outcomes = run(names, args)
    figures = report(outcomes)
    if args.json:
        print(json.dumps(figures))
    else:
        print("| reader | cases | read | refused | findings | longest, s | most memory, MB |")
        print("|---|---|---|---|---|---|---|")
        for name, row in figures.items():
            print(f"| {name} | {' | '.join(map(str, row.values()))} |")
    sys.exit(any(row["findings"] for row in figures.values()))


if __name__ == "__main__":
    main()
