"""Loop points in WAV files: the ``smpl`` chunk, as samplers and game engines read it."""

from __future__ import annotations

import struct
from pathlib import Path

_MIDDLE_C = 60


def mark_loop(path: Path, num_samples: int, sample_rate_hz: int) -> None:
    """Say in a WAV file that all its `num_samples` samples are played over and over.

    The chunk (Multimedia Data Standards Update, IBM & Microsoft 1994) is added at the end; readers that do not know it
    pass over it.

    Raises:
        ValueError: the file is no WAV file, or too large for more.
    """
    period_ns = round(1e9 / sample_rate_hz)
    head = struct.pack("<9I", 0, 0, period_ns, _MIDDLE_C, 0, 0, 0, 1, 0)
    loop = struct.pack("<6I", 0, 0, 0, num_samples - 1, 0, 0)  # forwards, its last sample included, for ever
    with path.open("r+b") as file:
        name, _, kind = struct.unpack("<4sI4s", file.read(12))
        if name != b"RIFF" or kind != b"WAVE":
            raise ValueError(f"{path.name}: no WAV file that a loop can be marked in")
        end = file.seek(0, 2)
        padding = b"\0" * (end % 2)
        file.write(padding + struct.pack("<4sI", b"smpl", len(head + loop)) + head + loop)
        if file.tell() - 8 >= 1 << 32:
            raise ValueError(f"{path.name}: too large to mark a loop in")
        size = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", size))
