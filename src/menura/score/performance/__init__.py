"""Performance: written notes as people play them: tempo, loudness, timing, articulation and pedal."""
