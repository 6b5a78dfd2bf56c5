"""Who speaks when: embeddings of stretches of speech in clusters, one for each speaker.

Agglomerative clustering by average linkage of cosine distances, as in most diarisation of this kind (Park et al. 2022,
"A review of speaker diarization"); the number of speakers is told, or it is as many as lie apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import scipy
from jaxtyping import Float, Int

from menura.tasks.sections import RATE_HZ, Activity
from menura.text.transcript import Segment

STRETCH_S = 1.6
_STEP_S = 0.8
_SHORTEST_S = 0.2
_PAUSE_S = 0.4
_CLEAR_S = 1.0
"""Stretches of such a length make the clusters; shorter ones, heard less well, join them."""
APART = 0.52
"""Cosine distance from which on two clusters are two speakers."""
_SMALLEST_S = 2.0
"""Speech of a speaker; what is less joins the nearest cluster."""
_MOST_STRETCHES = 3000
"""That are clustered; of more, evenly chosen ones are, and the others join the nearest cluster."""
MOST_SPEAKERS = 20


@dataclass(frozen=True)
class Turn:
    """A stretch in which one speaks.

    Attributes:
        start_s, end_s: seconds.
        speaker: number, in the order in which they are first heard, from 0.
    """

    start_s: float
    end_s: float
    speaker: int


class Voices:
    """Speakers of a sound that comes in parts; of each stretch only its embedding is kept.

    Args:
        encoder: a `menura.models.contract.SpeakerEncoder` at 16 kHz.
        activity: where speech is.
    """

    def __init__(self, encoder: Any, activity: Activity) -> None:
        self.encoder, self.activity = encoder, activity
        self.starts_s: list[float] = []
        self.ends_s: list[float] = []
        self.points: list[np.ndarray] = []

    def listening(self, blocks: Iterable[Float[np.ndarray, "1 sample"]]) -> Iterator[np.ndarray]:
        """The blocks of a sound, mono at 16 kHz, as they are; each is taken note of."""
        place = 0
        for block in blocks:
            self._note(block[0], place / RATE_HZ)
            place += block.shape[1]
            yield block

    def turns(self, num_speakers: int | None = None) -> list[Turn]:
        """Who speaks when, in all that was heard.

        Args:
            num_speakers: how many there are, 1 to 20; None: as many as lie apart.
        """
        if not self.points:
            return []
        labels = clustered(np.concatenate(self.points), num_speakers, np.subtract(self.ends_s, self.starts_s))
        return _turns(self.starts_s, self.ends_s, labels)

    def _note(self, samples: Float[np.ndarray, " sample"], start_s: float) -> None:
        found = self.activity.speech(samples) if len(samples) else []
        spans = [span for start, end in _joined(found) for span in _stretches(start, end)]
        count = round(STRETCH_S * RATE_HZ)
        parts = []
        for first_s, last_s in spans:
            part = samples[round(first_s * RATE_HZ) : round(last_s * RATE_HZ)]
            parts.append(np.resize(part, count))
            self.starts_s.append(start_s + first_s)
            self.ends_s.append(start_s + last_s)
        if parts:
            self.points.append(self.encoder.embed(np.stack(parts)))


def _joined(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans without the short pauses between words: who speaks is heard better in long stretches."""
    found: list[tuple[float, float]] = []
    for start_s, end_s in spans:
        if found and start_s - found[-1][1] < _PAUSE_S:
            found[-1] = (found[-1][0], end_s)
        else:
            found.append((start_s, end_s))
    return found


def _stretches(start_s: float, end_s: float) -> list[tuple[float, float]]:
    """Overlapping stretches of equal length that cover a span; one that is too short is none."""
    if end_s - start_s < _SHORTEST_S:
        return []
    if end_s - start_s <= STRETCH_S:
        return [(start_s, end_s)]
    count = int(np.ceil((end_s - start_s - STRETCH_S) / _STEP_S)) + 1
    return [(float(one), float(one) + STRETCH_S) for one in np.linspace(start_s, end_s - STRETCH_S, count)]


def clustered(
    points: Float[np.ndarray, "stretch embedding"], num_speakers: int | None, lengths_s: Float[np.ndarray, " stretch"]
) -> Int[np.ndarray, " stretch"]:
    """The speaker of each stretch.

    Args:
        points: of unit length.
        num_speakers: how many; None: as many as lie apart.
        lengths_s: of each stretch.
    """
    clear = np.flatnonzero(lengths_s >= _CLEAR_S)
    clear = clear if len(clear) > 1 else np.arange(len(points))
    chosen = clear[np.unique(np.linspace(0, len(clear) - 1, min(len(clear), _MOST_STRETCHES)).round().astype(int))]
    if len(chosen) == 1:
        return np.zeros(len(points), np.int64)
    tree = scipy.cluster.hierarchy.linkage(points[chosen], "average", metric="cosine")
    if num_speakers is not None:
        found = scipy.cluster.hierarchy.fcluster(tree, min(num_speakers, len(chosen)), "maxclust")
    else:
        found = scipy.cluster.hierarchy.fcluster(tree, APART, "distance")
        found = _large_ones(found, lengths_s[chosen])
    centres = np.stack([points[chosen][found == one].mean(0) for one in np.unique(found)])
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    return (points @ centres.T).argmax(1)


def _large_ones(found: Int[np.ndarray, " stretch"], lengths_s: Float[np.ndarray, " stretch"]) -> np.ndarray:
    """Clusters with enough speech, at most 20; the largest where none has. Others are no clusters: 0."""
    names = np.unique(found)
    seconds = np.array([lengths_s[found == name].sum() for name in names])
    order = np.argsort(-seconds)[:MOST_SPEAKERS]
    kept = [names[place] for place in order if seconds[place] >= _SMALLEST_S] or [names[order[0]]]
    return np.where(np.isin(found, kept), found, kept[0])


def _turns(starts_s: Sequence[float], ends_s: Sequence[float], labels: Int[np.ndarray, " stretch"]) -> list[Turn]:
    """Neighbours of one speaker joined; between two the middle of what both cover."""
    numbers: dict[int, int] = {}
    turns: list[Turn] = []
    for start_s, end_s, label in zip(starts_s, ends_s, _smoothed(labels).tolist(), strict=True):
        speaker = numbers.setdefault(label, len(numbers))
        if turns and turns[-1].end_s > start_s:
            middle = (start_s + turns[-1].end_s) / 2
            if turns[-1].speaker == speaker:
                turns[-1] = replace(turns[-1], end_s=end_s)
                continue
            turns[-1], start_s = replace(turns[-1], end_s=middle), middle
        turns.append(Turn(start_s, end_s, speaker))
    return turns


def _smoothed(labels: Int[np.ndarray, " stretch"]) -> Int[np.ndarray, " stretch"]:
    """A single stretch between two of one other speaker is theirs."""
    found = labels.copy()
    alone = (labels[:-2] == labels[2:]) & (labels[1:-1] != labels[:-2])
    found[1:-1][alone] = labels[:-2][alone]
    return found


def labelled(segments: Iterable[Segment], turns: Sequence[Turn]) -> Iterator[Segment]:
    """Segments with the speaker who is heard most in each, as ``"Speaker 1"``; cut between words where another begins.

    Segments without times of words stay whole.
    """
    count = 0
    for segment in segments:
        for part in _parts(segment, turns):
            yield replace(part, id=count)
            count += 1


def _parts(segment: Segment, turns: Sequence[Turn]) -> list[Segment]:
    if not segment.words:
        return [replace(segment, speaker=_name(segment.start_s, segment.end_s, turns))]
    names = [_name(word.start_s, word.end_s, turns) for word in segment.words]
    edges = [0, *(place for place in range(1, len(names)) if names[place] != names[place - 1]), len(names)]
    if len(edges) == 2:
        return [replace(segment, speaker=names[0])]
    found = []
    for first, stop in pairwise(edges):
        words = tuple(replace(word, speaker=names[first]) for word in segment.words[first:stop])
        text = " " + " ".join(word.text for word in words)
        found.append(
            replace(
                segment, start_s=words[0].start_s, end_s=words[-1].end_s, text=text, words=words, speaker=names[first]
            )
        )
    return found


def _name(start_s: float, end_s: float, turns: Sequence[Turn]) -> str:
    """Who is heard longest in a span; who is nearest where nobody is."""
    if not turns:
        return ""
    shares: dict[int, float] = {}
    for turn in turns:
        shares[turn.speaker] = shares.get(turn.speaker, 0.0) + max(
            min(end_s, turn.end_s) - max(start_s, turn.start_s), 0.0
        )
    best = max(shares, key=lambda speaker: shares[speaker])
    if not shares[best]:
        middle = (start_s + end_s) / 2
        best = min(turns, key=lambda turn: max(turn.start_s - middle, middle - turn.end_s)).speaker
    return f"Speaker {best + 1}"
