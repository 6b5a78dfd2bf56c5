"""Words of sounds: a sentence as layers, each a kind of sound with what is said of it, by tables."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from menura.text.sound_words import AXES, DEGREES, DISTANCES, FILLERS, MANY, MEANINGS, ONE, PREPOSITIONS, SOUNDS

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[,;.:!?&+/()\n—–]")
_JOINING = frozenset(("and", "with", "while", "plus", "then", "as", "amid", "amidst", "followed"))
_MOST_WORDS = 5
_END = "|"
MOST_LAYERS = 12


@dataclass(frozen=True)
class Layer:
    """One sound of a scene.

    Attributes:
        words: as they were written.
        generator: the kind of sound.
        settings: what its name itself says of parameters.
        axes: how far words of degree move it, by the axis: "intensity", "size", "speed", "pitch", "density".
        meanings: what else is said (materials, surfaces, places): for each word, the values that it may mean.
        distance_m: how far it is; None where nothing is said.
        is_many: whether more than one is meant, of events.
    """

    words: str
    generator: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    axes: Mapping[str, float] = field(default_factory=dict)
    meanings: tuple[tuple[str, ...], ...] = ()
    distance_m: float | None = None
    is_many: bool = False


@dataclass(frozen=True)
class Understood:
    """What a sentence says: layers, and the words that say nothing here."""

    layers: tuple[Layer, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class _Head:
    first: int
    end: int
    generator: str
    settings: Mapping[str, Any]
    is_weak: bool


def stem(word: str) -> str:
    """A word without its endings, as far as sounds need: drops, dripping and dripped are one."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not (ending == "s" and word.endswith("ss")):
            word = word.removesuffix(ending)
            if ending in ("ing", "ed") and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word.removesuffix("e") if len(word) > 3 else word


def _table(words: Mapping[str, Any]) -> dict[str, Any]:
    return {stem(word): meaning for word, meaning in words.items()}


_HEADS = {
    tuple(map(stem, phrase.strip("~ ").split())): (generator, settings, phrase.strip().startswith("~"))
    for phrases, generator, settings in SOUNDS
    for phrase in phrases.split(", ")
}
"""Stems -> kind of sound, settings, and whether it gives way to another word of its clause."""
_AXES, _DEGREES, _DISTANCES, _MEANINGS = _table(AXES), _table(DEGREES), _table(DISTANCES), _table(MEANINGS)
_FILLERS, _PREPOSITIONS, _MANY = (frozenset(map(stem, words)) for words in (FILLERS, PREPOSITIONS, MANY))


def understand_sounds(prompt: str) -> Understood:
    """Read a sentence.

    Raises:
        ValueError: it names no sound that is known; one line, with the nearest that is.
    """
    found = _TOKEN.findall(prompt)
    tokens = [_END if _ends(word) else word for word in found]
    stems = [word if word == _END else stem(word) for word in tokens]
    layers: list[Layer] = []
    unknown: list[str] = []
    first = 0
    for end in [*(at for at, word in enumerate(stems) if word == _END), len(stems)]:
        read, left = _clause(tokens[first:end], stems[first:end])
        layers += read
        if layers and not read:
            layers[-1] = _more(layers[-1], tokens[first:end], stems[first:end])
        unknown += [word for word in left if word not in unknown]
        first = end + 1
    if not layers:
        raise ValueError(_none_known(unknown))
    return Understood(tuple(layers[:MOST_LAYERS]), tuple(unknown))


def clauses(prompt: str) -> tuple[str, ...]:
    """The parts of a sentence that commas and words that join stand between, as they were written."""
    found, first, marks = [], 0, list(_TOKEN.finditer(prompt))
    for mark in marks:
        if _ends(mark[0]):
            found.append(prompt[first : mark.start()])
            first = mark.end()
    return tuple(one for part in (*found, prompt[first:]) if (one := " ".join(part.split())))


def _ends(token: str) -> bool:
    return not token[0].isalnum() or token.lower() in _JOINING


def _clause(words: list[str], stems: list[str]) -> tuple[list[Layer], list[str]]:
    heads = _heads(stems)
    if any(not head.is_weak for head in heads):
        heads = [head for head in heads if not head.is_weak or _stands_apart(head, heads, stems)]
    else:
        heads = heads[-1:]
    layers, unknown = [], []
    first = 0
    for number, head in enumerate(heads):
        following = heads[number + 1].first if number + 1 < len(heads) else len(stems)
        end = following
        if number + 1 < len(heads):
            links = [at for at in range(head.end, following) if stems[at] in _PREPOSITIONS]
            end = links[-1] if links else head.end
        around = [at for at in range(first, end) if not head.first <= at < head.end]
        layer, left = _layer(head, words, stems, around, " ".join(words[first:end]))
        if layers and layers[-1].generator == layer.generator:
            layer = _one(layers.pop(), layer)
        layers.append(layer)
        unknown += left
        first = end
    if not heads:
        unknown = [word for word, one in zip(words, stems, strict=True) if not _is_said(one)]
    return layers, unknown


def _one(first: Layer, other: Layer) -> Layer:
    """What one clause says twice, as waves on a beach, is one sound."""
    axes = {axis: first.axes.get(axis, 0.0) + other.axes.get(axis, 0.0) for axis in {**first.axes, **other.axes}}
    return Layer(
        f"{first.words} {other.words}",
        first.generator,
        {**first.settings, **other.settings},
        axes,
        first.meanings + other.meanings,
        first.distance_m or other.distance_m,
        first.is_many or other.is_many,
    )


def _more(layer: Layer, words: list[str], stems: list[str]) -> Layer:
    """What a clause without a sound of its own says of the one before it: a heartbeat, fast."""
    head = _Head(0, 0, layer.generator, {}, False)
    other, _ = _layer(head, ["", *words], ["", *stems], list(range(1, len(words) + 1)), "")
    return replace(_one(layer, other), words=layer.words)


def _heads(stems: list[str]) -> list[_Head]:
    heads, at = [], 0
    while at < len(stems):
        for length in range(min(_MOST_WORDS, len(stems) - at), 0, -1):
            if (known := _HEADS.get(tuple(stems[at : at + length]))) is not None:
                heads.append(_Head(at, at + length, *known))
                at += length - 1
                break
        at += 1
    return heads


def _stands_apart(head: _Head, heads: list[_Head], stems: list[str]) -> bool:
    """Whether a preposition stands between it and every other: the door *in* a storm."""
    others = [other for other in heads if other is not head and not other.is_weak]
    between = (stems[min(head.end, other.end) : max(head.first, other.first)] for other in others)
    return all(any(one in ("in", "during", "under", "behind") for one in words) for words in between)


def _layer(head: _Head, words: list[str], stems: list[str], around: list[int], said: str) -> tuple[Layer, list[str]]:
    axes: dict[str, float] = {}
    meanings, unknown = [], []
    distance, degree = None, 1.0
    is_many = words[head.first].lower().endswith("s") and stems[head.first] != words[head.first].lower()
    is_many = is_many and not any(words[at].lower() in ONE for at in around)
    for at in around:
        word = stems[at]
        if word in _DEGREES:
            degree *= _DEGREES[word]
            continue
        if word in _AXES:
            for axis, amount in _AXES[word].items():
                axes[axis] = axes.get(axis, 0.0) + amount * degree
        if word in _DISTANCES:
            distance = _DISTANCES[word] * (degree if _DISTANCES[word] > 5 else 1 / degree)
        if word in _MEANINGS:
            meanings.append(_MEANINGS[word])
        is_many = is_many or word in _MANY
        if not _is_said(word):
            unknown.append(words[at])
        degree = 1.0
    settings = dict(head.settings)
    return Layer(said, head.generator, settings, axes, tuple(meanings), distance, is_many), unknown


def _is_said(word: str) -> bool:
    tables = (_AXES, _DEGREES, _DISTANCES, _MEANINGS, _FILLERS, _PREPOSITIONS, _MANY)
    return any(word in table for table in tables) or (word,) in _HEADS or word.isdigit()


def _none_known(unknown: list[str]) -> str:
    known = sorted({phrase.strip("~ ") for phrases, _, _ in SOUNDS for phrase in phrases.split(", ")})
    for word in unknown:
        if close := difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6):
            return f"{word[:40]!r} is no sound that is known here; did you mean {close[0]}? `menura sounds` lists them"
    shown = f"{' '.join(unknown)[:60]!r} names" if unknown else "it names"
    return (
        f"{shown} no sound that is known here; there are rain, wind, footsteps and others: `menura sounds` lists them"
    )
