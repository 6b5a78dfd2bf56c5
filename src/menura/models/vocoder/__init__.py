"""Speech of mel frames and F0: the network (`model`), its pulses, its loss, and how it was trained (`recipe`)."""
