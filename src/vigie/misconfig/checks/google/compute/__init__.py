"""Checks of Compute Engine, by topic."""
