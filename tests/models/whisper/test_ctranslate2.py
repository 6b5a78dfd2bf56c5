"""What CTranslate2 writes is read by OpenAI's names; `test_checkpoints` does the rest."""

from __future__ import annotations

import struct

import pytest

from menura.models.whisper.ctranslate2 import MAGIC, read_ctranslate2


def test_another_version_is_named(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(struct.pack("<IH", 7, len(MAGIC)) + MAGIC + struct.pack("<II", 3, 0))
    with pytest.raises(ValueError, match="version 7"):
        read_ctranslate2(path)


def test_a_file_without_tensors_lacks_its_heads(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(struct.pack("<IH", 6, len(MAGIC)) + MAGIC + struct.pack("<II", 3, 0))
    with pytest.raises(ValueError, match="num_heads"):
        read_ctranslate2(path)
