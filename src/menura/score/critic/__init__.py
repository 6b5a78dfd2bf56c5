"""Judging music: what a piece is like in numbers, and how far it is from music that people wrote."""
