"""The nouns: frozen values without I/O. Every other part of Vigie speaks in these.

Annotations here (and in `settings/groups.py`) are values, not text: msgspec reads them, and compiling text costs at
every start.
"""
