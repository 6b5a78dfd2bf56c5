"""Latents of sound from words: the network (`model`), and how it is trained (`recipe`, `options`)."""
