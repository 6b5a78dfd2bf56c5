"""Music as notes: the network (`model`), how pieces are drawn from it (`sampling`), and how it was trained."""
