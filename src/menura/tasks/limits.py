"""What one request may ask for at most, whichever face it came through: no more than a laptop holds."""

MOST_SAMPLES = 30 * 60 * 48_000
"""Of a sound that is held as a whole, all channels together: half an hour of mono at 48 kHz."""
MOST_DRAWN_S = 600
"""Seconds that a WaveNet draws, sample by sample."""
