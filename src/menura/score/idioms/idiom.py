"""Idioms: which rules of a style go with a piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from jaxtyping import Int

from menura.score.form import Section
from menura.score.idioms.part_writing import choir_of
from menura.score.idioms.textures import accompanist_of
from menura.score.steps.tokens import Slot, TokenPiece


class Idiom(Protocol):
    """Rules for some parts of a piece, over what is composed."""

    @property
    def name(self) -> str:
        """What musicians call it."""
        ...

    def told(self) -> str:
        """What is said of it before."""
        ...

    def apply(
        self,
        piece: TokenPiece,
        form: Sequence[Section],
        chords: Int[np.ndarray, "bar 2"] | None,
        *,
        closes: bool,
        is_given: bool = False,
    ) -> TokenPiece:
        """A piece, or the beginning of one, with those parts written by rule.

        Args:
            piece: as composed.
            form: sections of the whole piece.
            chords: of the halves of its bars (`menura.score.harmony.Chord.index`), where they were asked for.
            closes: whether its last bar is held.
            is_given: whether the melody was given, and stays where it is.
        """
        ...


def idiom_of(styles: Sequence[str], slots: Sequence[Slot]) -> Idiom | None:
    """The rules for music of some styles, if there are any.

    Args:
        styles: names of `menura.text.vocabulary.STYLES`, and grooves.
        slots: the players.
    """
    return choir_of(styles, slots) or accompanist_of(styles, slots)
