"""A band by rules, under a melody: drums, bass, chords and pads, by tables of patterns for each style."""
