"""What one request may ask for at most, whichever face it came through: no more than a laptop holds."""

MOST_SAMPLES = 30 * 60 * 48_000
"""Of a sound that is held as a whole, all channels together: half an hour of mono at 48 kHz."""
MOST_DRAWN_S = 600
"""Seconds that a WaveNet draws, sample by sample."""
MOST_BLENDED_S = 60
"""Seconds of two sounds in stereo that an autoencoder blends as a whole; of mono twice that."""
MOST_SPOKEN_S = 3600
"""Seconds of speech."""
MOST_CHARACTERS = 50_000
"""Of a text to be spoken, which lasts about as long."""
MOST_BOOK_CHARACTERS, MOST_BOOK_S = 4_000_000, 100 * 3600
"""Of a book, which is written as it is made; seconds of its sound."""
MOST_ROWS = 1000
"""Of a table, each of which is spoken into files of its own."""
MOST_SUNG_S = 900
"""Seconds of singing, which is held as a whole for each singer."""
MOST_SUNG_CHARACTERS = 10_000
"""Of lyrics."""
MOST_SCENE_DRAWN_S = 120
"""Seconds of a layer of sound that a diffusion model draws."""
