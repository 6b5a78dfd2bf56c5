"""Sound by rules: what is known how to make, without any model. `catalogue` lists all kinds."""
