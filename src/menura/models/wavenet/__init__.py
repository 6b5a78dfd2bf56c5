"""Sound sample by sample: the network (`model`), how streams are drawn from it (`sampling`), and how it was trained."""
