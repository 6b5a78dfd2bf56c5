"""When phonemes of a text are heard: the network (`model`), its path through a text, and how it was trained."""
