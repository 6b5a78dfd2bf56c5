"""Speech's front end: written text -> spoken words -> phonemes."""
