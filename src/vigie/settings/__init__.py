"""Options: declared once in `groups.py`, filled from flags, environment and settings files by `resolve.py`."""
