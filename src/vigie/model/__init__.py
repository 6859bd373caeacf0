"""The nouns: frozen values without I/O. Every other part of Vigie speaks in these."""
