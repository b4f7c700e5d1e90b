"""Landmarks and face search in C, with dlib's results. docs/performance.md tells the idea; build.py compiles it."""
