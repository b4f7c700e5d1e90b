"""Vision: from the bytes of a frame to measures and verdicts. Knows nothing of Django."""
