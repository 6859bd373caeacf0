"""Checks of Amazon Web Services."""
