"""Whisper: speech recognition, translation and language identification (Radford et al. 2022)."""
