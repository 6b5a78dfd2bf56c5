"""A corpus of small pieces."""

from __future__ import annotations

import pytest

from menura.data.midi_folder import find_scores
from menura.data.scores import Corpus, build_corpus
from menura.progress import Progress


@pytest.fixture
def corpus(tunes) -> Corpus:
    """Ten pieces, some with the first of three styles, some with the last two."""
    return build_corpus(list(find_scores(tunes(10))), lambda file: [0] if "3" in file.name else [1, 2], 3, Progress())
