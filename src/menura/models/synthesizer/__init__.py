"""Phonemes as log-mel frames, with durations, F0 and energy that can be told: the network (`model`), its training."""
