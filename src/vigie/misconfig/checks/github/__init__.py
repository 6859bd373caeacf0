"""Checks of GitHub."""
