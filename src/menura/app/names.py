"""What ``import menura`` offers beside a function for each task; it imports nothing, so that importing it is quick."""

PLACES = {
    "Audio": "menura.audio.samples:Audio",
    "Cancelled": "menura.progress:Cancelled",
    "Models": "menura.tasks.models:Models",
    "Progress": "menura.progress:Progress",
    "Refused": "menura.tasks.task:Refused",
    "Score": "menura.score.notes:Score",
    "cancel_after": "menura.progress:cancel_after",
    "load": "menura.app.function:load",
    "save": "menura.checkpoint:save",
}
"""Name -> ``"module:name"``."""
