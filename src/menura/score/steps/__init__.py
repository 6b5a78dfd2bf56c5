"""Notes as steps: what a note model reads and writes, what it is told, and the rules for what may come next."""
