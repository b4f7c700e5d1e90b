"""Vision: from a frame's bytes to measures and verdicts. Independent of Django."""
