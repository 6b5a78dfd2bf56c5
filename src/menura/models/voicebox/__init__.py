"""Spoken frames infilled between others, in their voice, by flow matching: the network (`model`), its training."""
