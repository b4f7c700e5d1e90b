"""Pixels: from bytes to faces, landmarks and descriptors."""
