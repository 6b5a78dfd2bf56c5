"""What a style does by rule with harmony and melody that are composed: textures, part-writing, imitation."""
