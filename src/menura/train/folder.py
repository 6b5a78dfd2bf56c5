"""What a run keeps in its folder, seen without torch."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

_FILES_OF_A_RUN = ("training", "log.jsonl", "board", "sounds-*", "corpus-*.npz")


def has_checkpoint(out: Path) -> bool:
    """Whether the run in a folder can be gone on with."""
    return (out / "training" / "state.json").exists()


@contextlib.contextmanager
def nothing_left(out: Path, keeps: bool) -> Iterator[None]:
    """Take away what a run that fails before its first checkpoint has put into its folder, and that alone.

    Args:
        out: the folder.
        keeps: whether this process is the one that writes there.
    """
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    before = set(_of_a_run(out))
    try:
        yield
    except BaseException:
        if keeps and not has_checkpoint(out):
            for path in set(_of_a_run(out)) - before:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # somebody else has put something there
                for folder in made:
                    folder.rmdir()
        raise


def _of_a_run(out: Path) -> list[Path]:
    return [path for pattern in _FILES_OF_A_RUN for path in out.glob(pattern)]
