"""Sound as few codes, on spectral frames: the network (`model`), and how it was trained (`recipe`)."""
