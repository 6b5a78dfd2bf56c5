"""Sound as continuous latents and back: the network (`model`), and how it is trained (`recipe`)."""
