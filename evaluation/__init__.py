"""Accuracy of the vision: `manage.py evaluate` on labelled traces and pictures. Uses no database."""
