"""The HTTP face: tasks as jobs, their results, models, live sound, and the studio."""
