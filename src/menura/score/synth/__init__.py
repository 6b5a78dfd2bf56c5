"""Notes as sound: SoundFonts, their player, and the mix."""
