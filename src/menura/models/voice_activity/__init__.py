"""Where somebody speaks: the network (`model`), stretches from its probabilities (`segments`), how it was trained."""
