"""Sound as few codes, on the waveform: the network (`model`), and how it is trained (`recipe`)."""
