"""What only benchmarks measure."""
