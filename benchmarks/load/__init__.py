"""Measures the service with users at their desks, and a worker's memory over many frames: make bench-load."""
