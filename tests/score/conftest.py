"""A SoundFont of one sample, for the tests of what reads and plays them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from menura.score.synth.soundfont import Generator


@pytest.fixture(scope="session")
def tiny() -> Callable[..., bytes]:
    """Makes the content of a SoundFont with one preset, one instrument and one sample."""
    return _tiny


def _tiny(
    generators: Mapping[int, int],
    wave: np.ndarray | None = None,
    *,
    loop: tuple[int, int] = (100, 900),
    fine: bool = False,
    bank: int = 0,
    modulators: Sequence[tuple[int, int, int, int]] = (),
    zones: int = 1,
    rows_per_zone: int = 0,
) -> bytes:
    """
    Args:
        wave: frames at 44 100 Hz, -1 to 1, recorded at 441 Hz; default: a sine.
        loop: where it starts and ends.
        fine: hold 24 bits.
        modulators: source, target, amount and source of the amount.
        zones, rows_per_zone: how many zones the instrument claims to have, and generators each of them.
    """
    if wave is None:
        wave = 0.6 * np.sin(np.arange(1000) * 2 * np.pi / 100)
    whole = np.round(wave * (1 << 23)).astype(np.int64)
    coarse = (whole >> 8).astype("<i2").tobytes() if fine else np.round(wave * 32768).astype("<i2").tobytes()
    rows = [*generators.items(), (Generator.SAMPLE, 0)]
    bags = [(0, 0), (len(rows), len(modulators))]
    if zones > 1:
        bags = [(rows_per_zone * (k % 2), 0) for k in range(zones + 1)]
        rows = rows * (rows_per_zone // len(rows) + 1)
    preset = struct.pack("<20sHHHIII", b"one", 0, bank, 0, 0, 0, 0) + struct.pack(
        "<20sHHHIII", b"EOP", 0, 0, 1, 0, 0, 0
    )
    sample = struct.pack("<20sIIIIIBbHH", b"sine", 0, len(wave), *loop, 44_100, 69, 0, 0, 1)
    tables = {
        b"phdr": preset,
        b"pbag": struct.pack("<4H", 0, 0, 1, 0),
        b"pmod": bytes(10),
        b"pgen": struct.pack("<HhHh", Generator.INSTRUMENT, 0, 0, 0),
        b"inst": struct.pack("<20sH20sH", b"one", 0, b"EOI", len(bags) - 1),
        b"ibag": b"".join(struct.pack("<2H", *bag) for bag in bags),
        b"imod": b"".join(struct.pack("<HHhHH", *each, 0) for each in modulators) + bytes(10),
        b"igen": b"".join(struct.pack("<HH", number, amount & 0xFFFF) for number, amount in rows) + bytes(4),
        b"shdr": sample + struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    sound = _chunk(b"smpl", coarse) + (_chunk(b"sm24", (whole & 0xFF).astype(np.uint8).tobytes()) if fine else b"")
    lists = _chunk(b"LIST", b"sdta" + sound)
    lists += _chunk(b"LIST", b"pdta" + b"".join(_chunk(name, content) for name, content in tables.items()))
    return _chunk(b"RIFF", b"sfbk" + lists)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content
