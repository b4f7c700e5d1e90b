"""Helpers that every app may import and that import no app: HTTP, telemetry, databases."""
