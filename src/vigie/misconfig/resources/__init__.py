"""What configuration says: one file per service, the typed model and how each language fills it."""
