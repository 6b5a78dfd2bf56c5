"""A corpus of small pieces."""

from __future__ import annotations

from pathlib import Path

import pytest

from menura.data.midi_folder import find_scores
from menura.data.scores import Corpus, build_corpus
from menura.progress import Progress


@pytest.fixture(scope="session")
def ten_tunes(tunes) -> Path:
    return tunes(10)


@pytest.fixture(scope="session")
def corpus(ten_tunes) -> Corpus:
    """Ten pieces, some with the first of three styles, some with the last two."""
    return build_corpus(
        find_scores(ten_tunes, Progress().say), lambda file: [0] if "3" in file.name else [1, 2], 3, Progress()
    )
