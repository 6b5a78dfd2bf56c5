"""Codes come back as they were, from files and pipes, and a damaged file is told in one line."""

from __future__ import annotations

import io
import os
import struct
import threading
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.audio.mnr import Codes, Header, Reader, Writer, measure, read, read_header, write

HEADER = Header(
    channels=1,
    num_codebooks=4,
    codebook_size=1000,
    sample_rate_hz=24_000,
    hop_samples=320,
    weights="sha256:" + "ab" * 32,
    model="codec",
)


def made(frames: int = 200, header: Header = HEADER, seed: int = 0) -> Codes:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, header.codebook_size, (header.channels, frames, header.num_codebooks))
    return Codes(codes, max(frames * header.hop_samples - 1000, 0), header.sample_rate_hz)


def to_bytes(codes: Codes, header: Header = HEADER) -> bytes:
    file = io.BytesIO()
    writer = Writer(file, header)
    writer.push(codes.codes)
    writer.finish(codes.num_samples)
    return file.getvalue()


@given(
    st.integers(1, 2), st.integers(1, 9), st.integers(2, 65_536), st.integers(0, 200), st.integers(1, 100), st.data()
)
@settings(deadline=None)
def test_codes_come_back_as_they_were_however_they_were_pushed(channels, num_codebooks, size, frames, block, data):
    header = replace(HEADER, channels=channels, num_codebooks=num_codebooks, codebook_size=size, block_frames=block)
    codes = made(frames, header)
    file = io.BytesIO()
    writer = Writer(file, header)
    cuts = sorted(data.draw(st.lists(st.integers(0, frames), max_size=4)))
    for part in np.split(codes.codes, cuts, axis=1):
        writer.push(part)
    writer.finish(codes.num_samples)
    assert file.getvalue() == to_bytes(codes, header)
    file.seek(0)
    found, back = read(file)
    assert np.array_equal(back.codes, codes.codes)
    assert back.num_samples == codes.num_samples
    assert found == replace(header, weights="sha256:" + "ab" * 16)
    assert found.same_weights(HEADER.weights)
    assert not found.same_weights("sha256:" + "ac" * 32)


def test_the_bytes_are_those_of_the_documentation():
    """One frame of codes 1, 2, 3, 4 of ten bits: 64 bytes of header, 8 and 5 of a block, 16 of the end."""
    content = to_bytes(Codes(np.array([[[1, 2, 3, 4]]]), 320, 24_000))
    assert len(content) == 64 + 8 + 5 + 16
    assert content[:8] == b"\x89MNR" + bytes([1, 1, 4, 10])
    assert struct.unpack("<IIII", content[8:24]) == (24_000, 320, 75, 1000)
    assert content[24:40] == b"\xab" * 16
    assert content[40:60].rstrip(b"\0") == b"codec"
    assert struct.unpack("<I", content[60:64])[0] == zlib.crc32(content[:60])
    assert struct.unpack("<HH", content[64:68]) == (1, 0)
    assert content[72:77] == bytes([0b00000000, 0b01000000, 0b00100000, 0b00001100, 0b00000100])
    assert struct.unpack("<HHQ", content[77:89]) == (0, 0, 320)


def test_the_hexdump_in_the_documentation_is_such_a_file():
    page = (Path(__file__).parents[2] / "docs" / "mnr.md").read_text(encoding="utf-8")
    dump = page.split("```hexdump\n")[1].split("```")[0]
    content = bytes.fromhex("".join(line[10:].partition("|")[0] for line in dump.splitlines()))
    assert content == to_bytes(Codes(np.array([[[1, 2, 3, 4]]]), 320, 24_000))


def test_a_pipe_is_read_as_it_comes():
    reading, writing = os.pipe()
    codes = made()

    def feed():
        with os.fdopen(writing, "wb", buffering=0) as file:
            content = to_bytes(codes)
            for start in range(0, len(content), 7):
                file.write(content[start : start + 7])

    thread = threading.Thread(target=feed)
    thread.start()
    with os.fdopen(reading, "rb", buffering=0) as file:
        reader = Reader(file, "pipe")
        blocks = list(reader)
    thread.join()
    assert [block.shape[1] for block in blocks] == [75, 75, 50]
    assert np.array_equal(np.concatenate(blocks, axis=1), codes.codes)
    assert reader.num_samples == codes.num_samples


def test_any_block_is_found_at_once(tmp_path):
    codes = made(400)
    write(tmp_path / "a.mnr", codes, HEADER)
    with (tmp_path / "a.mnr").open("rb") as file:
        reader = Reader(file, "a.mnr")
        reader.skip(3)
        block = next(iter(reader))
    assert np.array_equal(block, codes.codes[:, 225:300])
    assert read_header(tmp_path / "a.mnr").kbps == 3
    with pytest.raises(FileExistsError):
        write(tmp_path / "a.mnr", codes, HEADER)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda c: b"RIFF" + c[4:], "is not a .mnr file"),
        (lambda c: c[:30], "cut short within its header"),
        (lambda c: c[:4] + b"\x09" + c[5:], "is of version 9"),
        (lambda c: c[:9] + b"\x00" + c[10:], "damaged in its header"),
        (lambda c: c[:100], r"cut short after 0\.00 s"),
        (lambda c: c[:64] + c[64 + 383 : 64 + 766] + c[64 : 64 + 383] + c[64 + 766 :], r"damaged at 0\.00 s"),
        (lambda _: b"", "is not a .mnr file"),
    ],
)
def test_what_holds_nothing_is_refused(damage, complaint):
    with pytest.raises(ValueError, match=complaint) as refusal:
        read(io.BytesIO(damage(to_bytes(made()))))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("damage", "frames", "told"),
    [
        (lambda c: c[: 64 + (8 + 375) * 2 + 5], 150, r"cut short after 2\.00 s; what comes before was read"),
        (lambda c: c[: 64 + (8 + 375) + 40] + b"\x55" + c[64 + (8 + 375) + 41 :], 75, r"damaged at 1\.00 s"),
        (lambda c: c[:-3], 200, "cut short at its end"),
        (lambda c: c[:-16], 200, r"cut short after 2\.67 s"),
        (lambda c: c[:-10] + b"\x11" + c[-9:], 200, "damaged at its end"),
        (lambda c: c + b"x", 200, "goes on after its end with what is none of it"),
        (
            lambda c: c + to_bytes(made(), replace(HEADER, codebook_size=1001)),
            200,
            "goes on after its end with another file",
        ),
        (lambda c: c + c, 400, "is 2 files one after another, which were joined"),
        (lambda _: to_bytes(Codes(made().codes, 10**6, 24_000)), 200, "its frames hold 64000, which were read"),
    ],
)
def test_what_is_there_is_read_and_what_is_odd_is_told(tmp_path, damage, frames, told):
    path = tmp_path / "x.mnr"
    path.write_bytes(damage(to_bytes(made())))
    with pytest.warns(UserWarning, match=rf"x\.mnr: .*{told}") as warned:
        _, back = read(path)
    assert len(warned) == 1
    whole = np.concatenate((made().codes, made().codes), axis=1)
    assert np.array_equal(back.codes, whole[:, :frames])
    assert (frames - 4) * HEADER.hop_samples < back.num_samples <= frames * HEADER.hop_samples
    with path.open("rb") as file:
        found = measure(file, "x.mnr")
    assert (found.num_samples, len(found.odd)) == (back.num_samples, 1)


@pytest.mark.parametrize(
    "field", ["channels", "num_codebooks", "codebook_size", "sample_rate_hz", "hop_samples", "block_frames"]
)
def test_a_header_beyond_the_limits_is_refused_though_its_checksum_is_right(field):
    content = replace(HEADER, **{field: 0 if field != "channels" else 3}).to_bytes()
    with pytest.raises(ValueError, match=r"outside|contradicts"):
        read(io.BytesIO(content))


def test_codes_that_are_not_what_the_header_says_are_not_written():
    with pytest.raises(ValueError, match="codes lie in 0 to 999"):
        to_bytes(Codes(np.full((1, 2, 4), 1000), 1, 24_000))
    with pytest.raises(ValueError, match="1 channels and 4 stages"):
        to_bytes(Codes(np.zeros((2, 2, 4), int), 1, 24_000))


@pytest.mark.filterwarnings("ignore:the given file object")
def test_five_thousand_damaged_files_are_refused_or_read_right():
    """Flips, cuts, insertions, swapped parts, headers of large numbers with a right checksum: no crash, no hang, and
    never codes beyond what is there."""
    rng = np.random.default_rng(0)
    codes = made(160)
    whole = to_bytes(codes)
    for _ in range(5000):
        content = bytearray(whole)
        kind = rng.integers(5)
        at = int(rng.integers(len(content)))
        if kind == 0:
            for place in rng.integers(0, len(content), rng.integers(1, 5)):
                content[place] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            del content[at:]
        elif kind == 2:
            content[at:at] = rng.bytes(int(rng.integers(1, 50)))
        elif kind == 3:
            del content[at : at + int(rng.integers(1, 400))]
        else:
            place = int(rng.integers(4, 56))
            content[place : place + 4] = rng.bytes(4) if rng.random() < 0.5 else b"\xff\xff\xff\xff"
            content[60:64] = zlib.crc32(bytes(content[:60])).to_bytes(4, "little")
        try:
            _, back = read(io.BytesIO(bytes(content)))
        except ValueError:
            continue
        assert back.codes.size <= 8 * len(content)
        assert kind == 4 or np.array_equal(back.codes, codes.codes[:, : back.codes.shape[1]])
