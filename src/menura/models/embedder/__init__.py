"""Sounds and words as points of one space."""
