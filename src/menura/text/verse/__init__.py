"""Simple verse that can be sung: lines of a grammar, in metre and rhyme, chosen by a small language model."""

from menura.text.verse.writer import THEMES, Verse, compose, write_verse

__all__ = ["THEMES", "Verse", "compose", "write_verse"]
