"""How accurate the vision is: `manage.py evaluate` on labelled traces and pictures. Knows no database."""
