"""A user's rights over their stored data: viewing frames, export, erasure, withdrawal."""
